"""What an entrypoint's process is handed: files, any of which may be spoilt, or nothing at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_orchestrators import SourceError, Stack, StackError, raise_step_error
from pytest_orchestrators.contract.entrypoints import pipeline as pipeline_entrypoint
from pytest_orchestrators.contract.entrypoints import step as step_entrypoint
from pytest_orchestrators.contract.entrypoints.handover import ENV_HANDOVER
from pytest_orchestrators.contract.sources import load_source
from tests.surface.calling import short
from tests.surface.deployed import deployment, document, stack_in_memory
from tests.surface.mutating import BAD_JSON, documents, nested
from tests.surface.settled import examples

FILES = ("deployment.json", "stack.json", "imports.json")
#: Hypothesis' examples share the fixtures of their test, which are not changed.
SHARED: dict[str, Any] = json.loads(stack_in_memory().to_json())
ON_DISK = {**SHARED, "metadata": {"kind": "sqlite", "path": "/nowhere/metadata.db"}}


@contextmanager
def handed(folder: Path, **changed: bytes) -> Iterator[None]:
    """Hand over what is right, but for these files."""
    texts = {
        "deployment": deployment().to_json().encode(),
        "stack": json.dumps(ON_DISK).encode(),
        "imports": b"[]",
    }
    for name, text in {**texts, **changed}.items():
        (folder / f"{name}.json").write_bytes(text)
    before = os.environ.get(ENV_HANDOVER)
    os.environ[ENV_HANDOVER] = str(folder)
    try:
        yield
    finally:
        os.environ.pop(ENV_HANDOVER)
        if before is not None:
            os.environ[ENV_HANDOVER] = before


def told(step: str = "not there") -> str:
    """What a process of a step that is not in the deployment says; such a one never runs anything."""
    err = io.StringIO()
    with redirect_stderr(err):
        assert step_entrypoint.main(["--step_name", step]) == 1
    return err.getvalue()


@examples(60)
@given(documents(document()))
def test_a_spoilt_deployment_is_refused_by_the_process(
    tmp_path_factory: pytest.TempPathFactory, text: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp()
    with handed(folder, deployment=text):
        said = told()
    assert said.startswith("error: ")
    assert "Traceback" not in said
    assert "deployment.json" in said or "has no step 'not there'" in said


@examples(60)
@given(documents(ON_DISK))
def test_a_spoilt_stack_is_refused_by_the_process(
    tmp_path_factory: pytest.TempPathFactory, text: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp()
    with handed(folder, stack=text):
        said = told()
    assert said.startswith("error: ")
    assert "Traceback" not in said


@examples(100)
@given(documents(["/one", "/two"]))
@example(b'["\\u0000"]')
@example(b'["\\ud800"]')
@example(b"[[]]")
def test_spoilt_imports_are_refused_by_the_process(
    tmp_path_factory: pytest.TempPathFactory, text: bytes
) -> None:
    folder, path = tmp_path_factory.getbasetemp(), list(sys.path)
    try:
        with handed(folder, imports=text):
            said = told()
    finally:
        sys.path[:] = path
    assert said.startswith("error: ")
    assert "Traceback" not in said
    assert "imports.json" in said or "has no step 'not there'" in said


@pytest.mark.parametrize("missing", FILES)
def test_a_file_that_is_not_handed_over_is_named(tmp_path: Path, missing: str) -> None:
    with handed(tmp_path):
        (tmp_path / missing).unlink()
        assert missing in told()


@pytest.mark.parametrize("entrypoint", ["step", "pipeline"])
def test_a_process_that_is_handed_nothing_says_so(
    entrypoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--step_name", "one"]
    for there, words in ((None, "is not set"), (str(tmp_path / "gone"), "which is not here")):
        if there is None:
            monkeypatch.delenv(ENV_HANDOVER, raising=False)
        else:
            monkeypatch.setenv(ENV_HANDOVER, there)
        ended = step_entrypoint.main(arguments) if entrypoint == "step" else pipeline_entrypoint.main()
        said = capsys.readouterr().err
        assert ended == 1
        assert said.startswith(f"error: {ENV_HANDOVER} ")
        assert words in said
        assert "Traceback" not in said


@pytest.mark.parametrize("text", [b"", nested("[").encode(), b"{}"], ids=["empty", "deep", "object"])
def test_a_process_of_its_own_ends_without_a_traceback(tmp_path: Path, text: bytes) -> None:
    with handed(tmp_path, deployment=text):
        command = [
            sys.executable,
            "-m",
            "pytest_orchestrators.contract.entrypoints.step",
            "--step_name",
            "one",
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "deployment.json" in done.stderr
    assert "Traceback" not in done.stderr


REPORT = {"source": "builtins.ValueError", "message": "no", "pickle": None, "traceback": "Traceback: no"}


@examples(150)
@given(documents(REPORT))
@example(nested("[").encode())
@example(b"[]")
@example(b'{"message": "no"}')
def test_a_spoilt_report_of_a_failure_does_not_hide_the_failure(
    tmp_path_factory: pytest.TempPathFactory, text: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / f"failure-{hashlib.sha256(b'one').hexdigest()}.json").write_bytes(text)
    known = RuntimeError("the process ended with 1")
    with pytest.raises(BaseException) as caught:
        raise_step_error({ENV_HANDOVER: str(folder)}, "one", otherwise=known)
    assert known in (caught.value, caught.value.__cause__)


@examples(200)
@given(documents(SHARED))
@example(json.dumps({**ON_DISK, "metadata": {"kind": "sqlite", "path": "~nobody-of-this-name/x"}}).encode())
@example(json.dumps({**SHARED, "orchestrator": {**SHARED["orchestrator"], "source": "..x"}}).encode())
def test_a_stack_is_built_or_refused(text: bytes) -> None:
    try:
        stack = Stack.from_json(text, where="stack.json")
    except StackError as error:
        short(error)
    else:
        assert Stack.from_json(stack.to_json()).to_json() == stack.to_json()


@pytest.mark.parametrize("text", BAD_JSON, ids=lambda text: repr(text[:12]))
def test_what_is_no_stack_is_refused(text: bytes) -> None:
    with pytest.raises(StackError, match=r"^No stack can be read from stack\.json: "):
        Stack.from_json(text, where="stack.json")


def component(**changes: object) -> dict[str, Any]:
    return {**SHARED, "orchestrator": {**SHARED["orchestrator"], **changes}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": "pytest_orchestrators.BaseOrchestrator"}, "is abstract"),
        ({"source": "os.path"}, "not a subclass"),
        ({"source": ".relative.Name"}, "it is relative"),
        ({"config_source": "pytest_orchestrators.StackComponentConfig"}, "and has to be"),
        ({"config": {"password": "hunter2"}}, "password: Extra inputs"),
    ],
)
def test_a_component_that_does_not_go_together_is_named(changes: dict[str, object], words: str) -> None:
    with pytest.raises(StackError, match=words) as caught:
        Stack.from_json(json.dumps(component(**changes)))
    assert "'local'" in str(caught.value)
    assert "hunter2" not in str(caught.value)


#: Nothing that is a module anywhere: what is loaded is run.
NAMES = st.text(alphabet="01.:\x00\ud800é ", max_size=12).map(lambda text: text + "0")


@examples(200)
@given(NAMES)
@example("..")
@example(".os")
@example(":os")
@example("os.\x00")
@example("os.\ud800")
def test_a_source_that_names_nothing_is_refused(source: str) -> None:
    with pytest.raises(SourceError) as caught:
        load_source(source)
    short(caught.value)
