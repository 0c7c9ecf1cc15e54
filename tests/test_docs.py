"""The pages under `docs/` are true, and so is what contributors are told: the Python runs, and does what the
page says.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings

from pytest_orchestrators import BaseOrchestratorFlavor, Pipeline, SqliteMetadataConfig, step, strategies
from pytest_orchestrators.conformance.vigil import SILENCE_S
from pytest_orchestrators.families.native.drawing import KINDS, RESOURCES
from pytest_orchestrators.fixtures.judging import Judge
from pytest_orchestrators.selection.settings import WaiverSettings, read_settings
from pytest_orchestrators.selection.subject import subject_of_flavor
from pytest_orchestrators.strategies import deployments, histories, workloads
from pytest_orchestrators.suite.budgets import DEFAULT_BUDGET, LEAST, MOST, PATIENCE
from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.fuzzing.faults import ANYWHERE, ELSEWHERE
from pytest_orchestrators.suite.fuzzing.histories import MOVES
from pytest_orchestrators.suite.fuzzing.names import TIERS
from pytest_orchestrators.suite.fuzzing.profiles import LEAST as LEAST_HISTORIES
from pytest_orchestrators.suite.fuzzing.profiles import PATIENCE as PATIENCE_WITH_HISTORIES
from pytest_orchestrators.suite.fuzzing.profiles import PROFILES
from pytest_orchestrators.suite.fuzzing.workloads import SHAPES
from pytest_orchestrators.suite.observers.budget import GRACE
from pytest_orchestrators.suite.profile import CAPABILITIES
from pytest_orchestrators.suite.verdict import Status
from reference_flavors.local import LocalOrchestratorFlavor
from tests.broken import sins
from tests.judging import judged, judgement_on, session_on, stores
from tests.right import flavors

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


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

    def load_page(name: str, folder: Path = DOCS) -> ModuleType:
        text = (folder / f"{name}.md").read_text(encoding="utf-8")
        module = f"page_{name.replace('-', '_').lower()}"
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


def test_the_capabilities_of_the_page_are_those_that_there_are(page) -> None:
    flavor = page("declaring-capabilities").MyFlavor()
    assert subject_of_flavor(flavor).capabilities == {"step_operator"}
    text = (DOCS / "declaring-capabilities.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == CAPABILITIES.keys()
    ids = set(re.findall(r"\b[A-Z]{3}-\d+\b", text))
    assert ids >= {r.id for r in catalogue().values() if r.capability}
    assert ids <= catalogue().keys()


def test_the_waivers_of_the_page_are_valid(tmp_path: Path) -> None:
    text = (DOCS / "waivers.md").read_text(encoding="utf-8")
    [table] = re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")
    settings = read_settings(tmp_path)
    assert settings.waivers.keys() == {"WRN-3", "CCH-7"} <= catalogue().keys()
    keys = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert keys == list(WaiverSettings.model_fields)


def test_the_strategies_of_the_page_have_the_arguments_that_it_says() -> None:
    text = (DOCS / "generating-pipelines.md").read_text(encoding="utf-8")
    told: dict[str, list[str]] = {}
    for line in text.partition("## The strategies")[2].splitlines():
        if heading := re.match(r"\| `(\w+)` \| default \|", line):
            arguments = told.setdefault(heading[1], [])
        elif row := re.match(r"\| (`.*?) \|", line):
            arguments += re.findall(r"`(\w+)`", row[1])
    known = {
        name: list(inspect.signature(getattr(strategies, name)).parameters) for name in strategies.__all__
    }
    assert told == known
    listed = set(re.findall(r"`([\w-]+)`", text))
    assert listed >= {*SHAPES, *TIERS, *MOVES, *ANYWHERE, *ELSEWHERE, *RESOURCES, *KINDS}


def test_the_profiles_of_the_page_are_those_that_there_are() -> None:
    text = " ".join((DOCS / "generating-pipelines.md").read_text(encoding="utf-8").split())
    for profile in PROFILES.values():
        [told] = re.findall(rf"fuzz {profile.name}` \|([^|]*)\|", text)
        assert f"{profile.examples} histories" in told
        assert f"{profile.seconds:g} s" in told
    assert f"a slow flavor has more time: {PATIENCE_WITH_HISTORIES:g} times" in text
    assert LEAST_HISTORIES == 3


def test_the_properties_of_the_page_hold(page) -> None:
    made = page("generating-pipelines")
    judge = Judge(subject_of_flavor(LocalOrchestratorFlavor()))
    few = settings(max_examples=2, deadline=None, derandomize=True, database=None)
    few(given(workload=workloads())(made.test_any_dag.hypothesis.inner_test))(judge=judge)
    few(given(history=histories())(made.test_any_history.hypothesis.inner_test))(judge=judge)
    few(given(deployment=deployments())(made.test_a_deployment_can_be_run.hypothesis.inner_test))()


def test_the_examples_for_contributors_are_wrong_and_right(page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sins, "sinners", [])
    monkeypatch.setattr(flavors, "righteous", [])
    examples = page("CONTRIBUTING", ROOT)
    [wrong], [right] = sins.sinners, flavors.righteous
    assert (wrong.flavor, right) == (examples.LastFirst.Flavor, examples.OrderOfItsOwn.Flavor)
    assert [judgement_on(wrong.flavor, id).status for id in wrong.named_by] == [Status.FAILED]
    with stores() as root:
        verdict = judged(session_on(right, root), ["RUN-1", "RUN-2", "RUN-3", "RUN-16"])
    assert len(verdict.of(Status.PASSED)) == 4


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
