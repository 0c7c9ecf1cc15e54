"""The pages under `docs/` are true: their Python runs, and what it defines does what the page says."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from pytest_orchestrators import BaseOrchestratorFlavor, Pipeline, SqliteMetadataConfig, step
from pytest_orchestrators.conformance.vigil import SILENCE_S
from pytest_orchestrators.selection.subject import subject_of_flavor
from pytest_orchestrators.suite.budgets import DEFAULT_BUDGET, LEAST, MOST, PATIENCE
from pytest_orchestrators.suite.observers.budget import GRACE
from pytest_orchestrators.suite.profile import CAPABILITIES

DOCS = Path(__file__).resolve().parents[1] / "docs"


@step
def load(n: int) -> int:
    return n


@step
def refuse(n: int) -> int:
    raise LookupError(f"there is no {n}")


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Import the Python of a page as one module, from the top to the end."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    imported = []

    def load_page(name: str) -> ModuleType:
        text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
        module = f"page_{name.replace('-', '_')}"
        code = "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
        (tmp_path / f"{module}.py").write_text(code, encoding="utf-8")
        imported.append(module)
        return importlib.import_module(module)

    yield load_page
    for module in imported:
        sys.modules.pop(module, None)


def test_the_steps_of_the_page_run_in_subprocesses(page, stack) -> None:
    orchestrator = page("writing-an-orchestrator").InSubprocesses()
    stack.orchestrator = orchestrator
    Pipeline("fine", load(n=1)).run(stack=stack)
    with pytest.raises(LookupError, match="there is no 3") as raised:
        Pipeline("failing", refuse(n=3)).run(stack=stack)
    assert str(raised.value.__cause__) == "exit code 1"


def test_the_flavor_of_the_page_is_one(page) -> None:
    flavor_class = page("writing-an-orchestrator").MyFlavor
    assert issubclass(flavor_class, BaseOrchestratorFlavor)
    assert subject_of_flavor(flavor_class()).capabilities <= CAPABILITIES.keys()


def test_the_configuration_of_the_page_refuses_what_it_does_not_know(page) -> None:
    config_class = page("writing-an-orchestrator").MyConfig
    assert config_class(retries=2).is_local
    with pytest.raises(ValueError, match="retrys"):
        config_class(retrys=2)


def test_the_stack_of_the_page_keeps_its_record_in_sqlite(page) -> None:
    made = page("metadata-stores").stack
    assert isinstance(made.metadata, SqliteMetadataConfig)
    Pipeline("documented", load(n=1)).run(stack=made)
    assert made.metadata.path.is_file()


def test_limits_are_those_of_the_code() -> None:
    verdict = " ".join((DOCS / "reading-a-verdict.md").read_text(encoding="utf-8").split())
    assert f"took, times {PATIENCE:g}, is what each run and each step" in verdict
    assert (
        f"less than {LEAST:g} s or more than {MOST:g} s. The first one may take {DEFAULT_BUDGET:g} s"
        in verdict
    )
    assert f"is ended with its process {GRACE:g} s later" in verdict
    assert f"no sign of life for {SILENCE_S:g} s" in verdict
    stores = (DOCS / "metadata-stores.md").read_text(encoding="utf-8")
    assert f"({SqliteMetadataConfig.model_fields['timeout_s'].default:g} unless said otherwise)" in stores
