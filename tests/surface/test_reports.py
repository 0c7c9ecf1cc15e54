"""Reports that are merged and compared: all files of the new one, or none and an error that says why."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_orchestrators.suite.report import Report, read_report
from pytest_orchestrators.suite.verdict import worst
from tests.surface.calling import call
from tests.surface.mutating import BAD_JSON, Place, as_json, documents, mutated, nested, places
from tests.surface.recorded import report
from tests.surface.settled import examples

FILES = {"report.json", "report.html", "junit.xml", "summary.md", "badge.svg"}
TIMES = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "2026-01-01",
    "1e20",
    -1e11,
)
NUMBERS = (float("nan"), float("inf"), float("-inf"), 1e308, -1e308, 5e-324, 0.0, -1.0)


@st.composite
def reports(draw: st.DrawFn) -> bytes:
    """Reports whose verdict stays what the requirements say, and all else may be anything."""
    found = copy.deepcopy(report())
    flavor = draw(st.sampled_from(found["flavors"]))
    for _ in range(draw(st.integers(1, 3))):
        what = draw(
            st.sampled_from(["scenarios", "environment", "requirements", "judged", "made", "numbers", "gone"])
        )
        if what in ("scenarios", "environment"):
            flavor[what] = draw(mutated(flavor[what], bent=draw(st.booleans())))
        elif what == "requirements":
            flavor[what] = draw(mutated(flavor[what], bent=True))
        elif what == "judged":
            flavor[what] = draw(st.sampled_from(TIMES))
        elif what == "made":
            found[what] = draw(st.sampled_from(TIMES))
        elif what == "gone":
            found["flavors"] = draw(st.sampled_from([[], found["flavors"][:1], found["flavors"][::-1]]))
        else:
            _other_number(draw, [p for p in places(flavor["scenarios"]) if isinstance(p[0][p[1]], float)])
    return as_json(found)


def _other_number(draw: st.DrawFn, found: list[Place]) -> None:
    if found:
        container, key = draw(st.sampled_from(found))
        container[key] = draw(st.sampled_from(NUMBERS))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    (folder / "good.json").write_text(json.dumps(report()))
    return folder


@examples(40)
@given(text=reports())
def test_a_report_is_merged_as_a_whole_or_not_at_all(folder: Path, text: bytes) -> None:
    _merge(folder, text)


@examples(60)
@given(text=documents(report()))
def test_what_is_no_report_any_more_is_not_merged(folder: Path, text: bytes) -> None:
    _merge(folder, text)


def _merge(folder: Path, text: bytes) -> None:
    good, other, out = folder / "good.json", folder / "other.json", folder / "out"
    other.write_bytes(text)
    shutil.rmtree(out, ignore_errors=True)
    answer = call("report", "merge", out, good, other)
    if answer.refused:
        assert str(other) in answer.err or "are not about the same thing" in answer.err
        assert not out.exists()
        return
    assert answer.code == 0
    assert {entry.name for entry in out.iterdir()} >= FILES
    together, parts = read_report(out / "report.json"), [read_report(good), read_report(other)]
    assert {f.name for f in together.flavors} == {f.name for part in parts for f in part.flavors}
    # Never greener than the worst of the parts.
    codes = [flavor.verdict.exit_code for part in parts for flavor in part.flavors]
    assert together.exit_code == worst(codes)


@examples(60)
@given(text=reports() | documents(report()))
def test_reports_are_compared_or_refused(folder: Path, text: bytes) -> None:
    good, other = folder / "good.json", folder / "other.json"
    other.write_bytes(text)
    answers = [call("report", "diff", *files) for files in ((good, other), (other, good))]
    assert answers[0].refused == answers[1].refused
    for answer in answers:
        if answer.refused:
            assert answer.err.startswith(f"error: {other} is no report of this format:")
        else:
            assert answer.code in (0, 1)
            assert answer.code == ("REGRESSION" in answer.out)
    if not answers[0].refused:
        assert call("report", "diff", other, other).out == "nothing has changed\n"


@pytest.mark.parametrize("text", BAD_JSON, ids=lambda text: repr(text[:12]))
def test_what_is_no_report_is_refused_in_no_time(folder: Path, text: bytes) -> None:
    _merge(folder, text)
    assert call("report", "diff", folder / "good.json", folder / "other.json").refused


def test_a_folder_whose_name_is_no_text_is_written_to(folder: Path) -> None:
    """Its name is printed, and what is printed has to be encoded."""
    out = os.fsdecode(os.fsencode(folder) + b"/\xff")
    done = _in_a_process(folder, "merge", out, "good.json", PYTHONIOENCODING="utf-8:strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert (Path(out) / "report.json").exists()


def test_a_terminal_that_knows_no_letters_beyond_ascii_is_no_reason_to_fail(folder: Path) -> None:
    found = Report.model_validate(report())
    environment = found.flavors[0].environment.model_copy(update={"flavor": "日本"})
    named = found.model_copy(
        update={"flavors": (found.flavors[0].model_copy(update={"environment": environment}),)}
    )
    (folder / "named.json").write_text(named.text(), encoding="utf-8")
    done = _in_a_process(folder, "diff", "good.json", "named.json", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (1, "")
    assert "\\u65e5\\u672c" in done.stdout


@pytest.mark.parametrize("text", [b"", nested("[").encode(), b"\xff"], ids=["empty", "deep", "bytes"])
def test_a_process_of_its_own_ends_with_2_and_no_traceback(folder: Path, text: bytes) -> None:
    (folder / "other.json").write_bytes(text)
    done = _in_a_process(folder, "merge", "never", "good.json", "other.json")
    assert done.returncode == 2
    assert done.stderr.startswith("error: other.json is no report of this format:")
    assert "Traceback" not in done.stderr
    assert not (folder / "never").exists()


def _in_a_process(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command: list[Any] = [sys.executable, "-m", "pytest_orchestrators", "report", *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=120,
    )
