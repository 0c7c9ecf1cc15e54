"""`--conformance-report`: what it writes, and what it refuses before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_orchestrators.conformance.reporting import Reporting
from pytest_orchestrators.suite.evidence import Environment, Evidence
from pytest_orchestrators.suite.judge import judge
from pytest_orchestrators.suite.rendering import folder
from pytest_orchestrators.suite.report import read_report
from pytest_orchestrators.suite.verdict import Status, Word
from tests.plugin.conftest import Run

FLAVOR = "--orchestrator-flavor"
OPTION = "--conformance-report"


@pytest.fixture(autouse=True)
def _no_page_of_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def test_one_report_holds_all_flavors_of_the_session(run: Run, project: pytest.Pytester) -> None:
    result = run(f"{FLAVOR}=right", f"{FLAVOR}=forgetful", f"{OPTION}=made/here")
    assert result.ret == 1
    made = project.path / "made" / "here"
    result.stdout.fnmatch_lines([f"report written to {made / 'report.html'}, with its data beside it"])
    report = read_report(made / "report.json")
    assert [(flavor.name, flavor.word) for flavor in report.flavors] == [
        ("right", Word.CONFORMS),
        ("forgetful", Word.DOES_NOT_CONFORM),
    ]
    for flavor in report.flavors:
        evidence = Evidence.model_validate_json((made / f"evidence-{flavor.name}.json").read_text())
        assert judge(evidence) == flavor.verdict
        assert (made / f"badge-{flavor.name}.svg").exists()


def test_what_was_left_out_is_told(run: Run, project: pytest.Pytester) -> None:
    result = run(f"{FLAVOR}=right", "-k", "FLV-1", f"{OPTION}={project.path / 'out'}")
    assert result.ret == 8
    (flavor,) = read_report(project.path / "out" / "report.json").flavors
    assert flavor.word is Word.INCOMPLETE
    assert flavor.verdict.of(Status.PASSED)[0].id == "FLV-1"
    assert "incomplete" in (project.path / "out" / "badge.svg").read_text()


def test_without_the_option_nothing_is_written(run: Run, project: pytest.Pytester) -> None:
    before = set(project.path.rglob("*.json")) | set(project.path.rglob("*.html"))
    result = run(f"{FLAVOR}=right", "-k", "FLV-1")
    assert "report written" not in result.stdout.str()
    assert set(project.path.rglob("*.json")) | set(project.path.rglob("*.html")) == before


@pytest.mark.parametrize("where", ["taken", "taken/below", ""])
def test_a_folder_that_cannot_be_written_ends_everything_beforehand(
    run: Run, project: pytest.Pytester, where: str
) -> None:
    (project.path / "taken").write_text("something else")
    result = run(f"{FLAVOR}=right", f"{OPTION}={where}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"{OPTION}: " in result.stderr.str()
    assert "scenario" not in result.stdout.str()
    assert (project.path / "taken").read_text() == "something else"


def test_a_report_that_cannot_be_written_in_the_end_is_no_success(
    run: Run, project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = project.path / "out"
    original = folder.make_folder

    def make_and_take_a_name(path: Path) -> None:
        original(path)
        (path / "report.html" / "in the way").mkdir(parents=True)

    monkeypatch.setattr("pytest_orchestrators.conformance.reporting.make_folder", make_and_take_a_name)
    result = run(f"{FLAVOR}=right", f"{OPTION}=out")
    assert result.ret == 8
    result.stdout.fnmatch_lines(
        ["right: CONFORMS *", f"error: the report was not written: a report cannot be written to {made}: *"]
    )


def test_what_cannot_be_said_as_data_leaves_the_verdict_alone(project: pytest.Pytester) -> None:
    reporting = Reporting(project.parseconfig(f"{OPTION}=out"))
    environment = Environment(flavor="unspeakable", source="m:C", family="toy")
    evidence = Evidence(contract="1.0", environment=environment, blocked="\udcff")
    reporting.write([(evidence, RuntimeError("the judge could not read it"))])
    assert reporting.failed
    assert reporting.told.startswith("error: the report was not written: ")
    assert "surrogates" in reporting.told
    assert list((project.path / "out").iterdir()) == []


def test_a_summary_that_cannot_be_added_is_told(
    run: Run, project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.path))
    result = run(f"{FLAVOR}=right", "-k", "FLV-1", f"{OPTION}=out")
    result.stdout.fnmatch_lines(["error: report written to *, and IsADirectoryError: *"])
    assert (project.path / "out" / "report.html").exists()


def test_the_summary_is_added_to_what_the_page_of_ci_shows(
    run: Run, project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = project.path / "step-summary"
    shown.write_text("# Before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(shown))
    run(f"{FLAVOR}=right", "-k", "FLV-1")
    assert shown.read_text() == "# Before\n"
    run(f"{FLAVOR}=right", "-k", "FLV-1", f"{OPTION}=out")
    assert shown.read_text() == "# Before\n" + (project.path / "out" / "summary.md").read_text()
