"""What is said about flavors, in the table and on the command line: taken, or a SelectionError."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_orchestrators.selection.binding import bind
from pytest_orchestrators.selection.configuration import parse_configuration
from pytest_orchestrators.selection.errors import SelectionError
from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.subject import Subject
from tests.surface.calling import call, short
from tests.surface.mutating import BAD_JSON, DEEP, documents, mutated, nested, spoilt
from tests.surface.settled import examples
from tests.surface.toml import as_toml

LOCAL = "reference_flavors.local:LocalOrchestratorFlavor"
TABLE: dict[str, Any] = {
    "default": "mine",
    "flavors": {
        "mine": {"source": LOCAL, "capabilities": ["step_operator"], "in_process": True, "config": {}},
        "boxed": {
            "source": "reference_flavors.local_docker:LocalDockerOrchestratorFlavor",
            "config": {"memory": "1GiB", "volumes": {"/data": "/data:ro"}, "cpu_count": 1.5},
        },
    },
    "waivers": {
        "RUN-3": {"kind": "bug", "reason": "r", "link": "https://x.invalid", "expires": datetime.date.max},
        "WRN-3": {"kind": "never", "reason": "r", "flavors": ["mine"]},
    },
}
# TOML has dates, which JSON has not: `as_toml` writes one for nothing.
TABLE["waivers"]["RUN-3"]["expires"] = None


def bound(text: bytes, *asked: str, given: tuple[str, ...] = ()) -> tuple[Subject, ...]:
    """What is bound in a folder with this pyproject.toml."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pyproject.toml").write_bytes(text)
        return bind(Path(folder), asked, given, Path(folder))


def whole(table: Any) -> bytes:
    return as_toml({"tool": {"pytest_orchestrators": table}}).encode()


def test_the_table_that_is_mutated_is_right() -> None:
    [subject] = bound(whole(TABLE))
    assert [waiver.id for waiver in subject.waivers] == ["RUN-3", "WRN-3"]


TABLES = st.one_of(
    mutated(TABLE).map(whole),
    mutated(TABLE).map(whole),
    mutated(TABLE, bent=True).map(whole),
    mutated({"tool": {"pytest_orchestrators": TABLE}}).map(lambda found: as_toml(found).encode()),
    spoilt(whole(TABLE)),
)


@examples(150)
@given(TABLES)
@example(b"tool = 3")  # was an AttributeError
@example(b"tool = []")
@example(b"[tool]\npytest_orchestrators = 3")
@example(f"a = {nested('[')}".encode())  # was a RecursionError
@example(f"a = {'9' * 9999}".encode())
@example(b"\xef\xbb\xbf[tool]")
@example(b"\xff")
def test_a_table_is_taken_or_refused(text: bytes) -> None:
    try:
        subjects = bound(text)
    except SelectionError as error:
        short(error)
    else:
        for subject in subjects:
            assert {waiver.id for waiver in subject.waivers} <= catalogue().keys()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                subject.flavor.create(dict(subject.config))


WAIVERS = TABLE["waivers"]


@examples(150)
@given(mutated(WAIVERS) | mutated(WAIVERS, changes=1) | mutated(WAIVERS, bent=True))
@example({"": WAIVERS["WRN-3"]})  # was an error of pydantic's
@example({"wrn-3": WAIVERS["WRN-3"]})
def test_a_table_of_waivers_is_taken_or_refused_by_its_ids(waivers: Any) -> None:
    try:
        [subject] = bound(whole({**TABLE, "waivers": waivers}))
    except SelectionError as error:
        short(error, "pytest_orchestrators", "not valid") if "cannot be read" not in str(error) else short(
            error
        )
    else:
        for waiver in subject.waivers:
            assert waivers[waiver.id]["kind"] == waiver.kind
            assert waiver.expires is not None or waiver.kind == "never"


def test_a_table_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("")

    def refuse(*arguments: object, **keywords: object) -> str:
        raise PermissionError(13, "Permission denied")  # root may read everything

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(SelectionError, match=r"pyproject\.toml cannot be read: Permission denied"):
        bind(tmp_path, (), (), tmp_path)


@pytest.mark.parametrize("text", ["tool = 3", f"a = {nested('[')}", "[tool.pytest_orchestrators]\nx = nan"])
def test_the_list_of_flavors_says_what_is_wrong_with_the_table(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    answer = call("list", "flavors")
    assert answer.refused
    assert "pyproject.toml" in answer.err


OPTIONS = st.one_of(
    st.text(max_size=20),
    st.tuples(st.sampled_from(["a", "memory", "cpu_count", "x y", ""]), st.text(max_size=20)).map("=".join),
    documents({"memory": "1GiB"}).map(lambda text: f"memory={text.decode(errors='replace')}"),
)


@examples(200)
@given(st.lists(OPTIONS, max_size=3))
@example([f"a={nested('[')}"])  # was a RecursionError
@example([f"a={'9' * 9999}"])
@example(["\x00"])
@example(["x" * 5000])
@example(["."])
def test_a_configuration_is_taken_or_refused(given: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = parse_configuration(given, Path(folder))
        except SelectionError as error:
            short(error, "--orchestrator-config")
        else:
            assert all(isinstance(key, str) for key in found)
            assert len(found) <= len(given)


@examples(100)
@given(documents({"memory": "1GiB", "cpu_count": 1.5, "volumes": {"/data": "/data"}}))
@example(nested('{"a":').encode())
@example(b'{"a": ' + b"9" * 9999 + b"}")
def test_a_file_of_configuration_is_taken_or_refused(text: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "my.json").write_bytes(text)
        try:
            found = parse_configuration(["my.json"], Path(folder))
        except SelectionError as error:
            short(error, "my.json")
        else:
            assert isinstance(found, dict)


@examples(60)
@pytest.mark.parametrize("flavor", ["local", "local_docker"])
@given(
    found=mutated({"memory": "1GiB", "cpu_count": 1.5, "volumes": {"/data": "/data"}, "network_mode": "x"})
)
def test_a_flavor_takes_its_configuration_or_refuses_it(flavor: str, found: Any) -> None:
    given = tuple(f"{key}={json.dumps(value)}" for key, value in found.items())
    try:
        [subject] = bound(b"", flavor, given=given)
    except SelectionError as error:
        short(error)
    else:
        subject.flavor.create(dict(subject.config))


@pytest.mark.parametrize("text", BAD_JSON[-10:], ids=lambda text: repr(text[:12]))
def test_what_is_no_configuration_is_refused_in_no_time(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "my.json").write_bytes(text)
    try:
        assert parse_configuration(["my.json"], tmp_path) == {"a": 2}
    except SelectionError as error:
        short(error, "my.json")


@pytest.mark.parametrize(
    ("table", "options", "words"),
    [
        ("[tool]\npytest_orchestrators = 3", [], "the table: "),
        ("", ["--orchestrator-config", f"a={nested('[', depth=DEEP // 2)}"], "nested too deeply"),
        ("", ["--orchestrator-config", "a\udcff"], "neither KEY=VALUE nor a JSON file"),
    ],
)
def test_pytest_ends_with_4_and_no_traceback(
    table: str, options: list[str], words: str, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text(table)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--orchestrator-flavor=local",
        *options,
    ]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=120, errors="replace"
    )
    assert done.returncode == 4
    assert words in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
