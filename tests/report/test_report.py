"""The report as data: what it says, its schema, and files that are no reports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.judge import judge_apart
from pytest_orchestrators.suite.rendering.badge import badge_of_all
from pytest_orchestrators.suite.rendering.junit import junit
from pytest_orchestrators.suite.rendering.markdown import summary
from pytest_orchestrators.suite.rendering.page import page
from pytest_orchestrators.suite.report import (
    SCHEMA_ID,
    FlavorAccount,
    Report,
    ReportError,
    read_report,
    schema,
)
from pytest_orchestrators.suite.reporting import flavor_account, report_on, without_verdict
from pytest_orchestrators.suite.verdict import Status, Word
from tests.report.making import judged_again


def test_a_report_says_what_the_judge_says(right_evidence: Evidence, right: FlavorAccount) -> None:
    verdict = judge_apart(right_evidence)
    told = flavor_account(right_evidence, verdict)
    assert (told.word, told.exit_code) == (Word.CONFORMS, 0)
    assert told.verdict == verdict
    assert told.environment == right_evidence.environment
    assert [s.name for s in told.scenarios] == list(right_evidence.scenarios)
    assert all(s.seconds > 0 and s.runs for s in told.scenarios)


def test_a_report_explains_what_failed(forgetful: FlavorAccount) -> None:
    requirement = forgetful.requirement("RUN-1")
    assert (requirement.status, requirement.group, requirement.level) == (Status.FAILED, "RUN", "core")
    assert "was not executed" in requirement.findings[0].observed
    assert requirement.why
    assert "shapes" in requirement.reads
    with pytest.raises(KeyError):
        forgetful.requirement("RUN-99")


def test_what_was_not_asked_for_is_in_the_report(right_evidence: Evidence) -> None:
    part = judged_again(right_evidence, asked=("RUN-1",))
    assert (part.word, part.exit_code) == (Word.INCOMPLETE, 8)
    assert part.requirement("FLV-1").status is Status.NOT_RUN


def test_without_a_verdict_nothing_was_looked_at(right_evidence: Evidence) -> None:
    told = flavor_account(right_evidence, without_verdict(right_evidence, "the judge fell off his chair"))
    assert (told.word, told.exit_code) == (Word.INCOMPLETE, 8)
    assert {r.status for r in told.requirements} == {Status.NOT_RUN}
    assert "fell off his chair" in told.requirements[0].reason


def test_a_report_survives_being_written_and_read(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(report.text(), encoding="utf-8")
    assert read_report(file) == report
    assert json.loads(file.read_text())["$schema"] == SCHEMA_ID


def test_the_shipped_schema_is_the_models() -> None:
    """If it is not: `python -c` with `json.dumps(schema(), indent=2)` writes it anew, as a new format."""
    shipped = files("pytest_orchestrators.suite.rendering") / "report.schema.json"
    assert json.loads(shipped.read_text(encoding="utf-8")) == schema()


def test_reports_follow_the_schema(report: Report) -> None:
    data = json.loads(report.text())
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(data, schema())
    del data["flavors"][0]["word"]
    with pytest.raises(jsonschema.ValidationError, match="'word' is a required property"):
        jsonschema.validate(data, schema())


def test_a_verdict_that_the_requirements_do_not_bear_out_is_refused(
    forgetful: FlavorAccount, tmp_path: Path
) -> None:
    data = json.loads(report_on([forgetful]).text())
    data["flavors"][0].update(word="CONFORMS", exit_code=0)
    with pytest.raises(ReportError, match=r"given as CONFORMS, exit code 0, while .* DOES NOT CONFORM"):
        read_report(_file(tmp_path, data))


def test_a_flavor_or_a_requirement_is_there_once(right: FlavorAccount, tmp_path: Path) -> None:
    data = json.loads(report_on([right]).text())
    data["flavors"] *= 2
    with pytest.raises(ReportError, match="flavors that are there twice: Right"):
        read_report(_file(tmp_path, data))
    data["flavors"] = data["flavors"][:1]
    data["flavors"][0]["requirements"].append(data["flavors"][0]["requirements"][0])
    with pytest.raises(ReportError, match="requirements that are there twice: FLV-1"):
        read_report(_file(tmp_path, data))


def _file(folder: Path, data: Any) -> Path:
    file = folder / "report.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'"text"',
        b"1e999",
        b"\xff\xfe\x00",
        b'{"$schema": "\\ud800"}',
        b"[" * 5000,
        b'{"format": 2, "flavors": []}',
        b"<html></html>",
        b'{"flavors": [{"word": "CONFORMS"}], "generator": 1, "made": "yesterday"}',
    ],
)
def test_what_is_no_report_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "no-report.json"
    file.write_bytes(content)
    with pytest.raises(ReportError, match=f"^{file} is no report of this format:\n  "):
        read_report(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"nowhere\.json cannot be read: No such file"):
        read_report(tmp_path / "nowhere.json")
    with pytest.raises(ReportError, match="cannot be read: Is a directory"):
        read_report(tmp_path)


def test_a_report_in_which_any_part_is_another_is_refused_or_rendered(
    forgetful: FlavorAccount, tmp_path: Path
) -> None:
    scenario = next(scenario for scenario in forgetful.scenarios if scenario.name == "shapes")
    brief = forgetful.model_copy(
        update={
            "requirements": (forgetful.requirement("RUN-1").model_copy(update={"findings": ()}),),
            "scenarios": (scenario.model_copy(update={"runs": scenario.runs[4:5]}),),
        }
    )
    data = json.loads(report_on([brief]).text())
    rendered = [_rendered_or_refused(_file(tmp_path, changed)) for changed in (data, *_broken(data))]
    assert rendered[0]
    assert 50 < sum(rendered) < len(rendered) - 50


def _rendered_or_refused(file: Path) -> bool:
    refused = ""
    try:
        report = read_report(file)
    except ReportError as error:
        refused = str(error)
    if refused:
        assert refused.startswith(str(file))
        return False
    for render in (page, junit, summary, badge_of_all):
        assert isinstance(render(report), str)
    return True


def _broken(data: Any) -> Iterator[Any]:
    """Copies of JSON with something else in the place of one part."""
    for path in _paths(data):
        for value in (None, [], "x", -1):
            yield _replaced(data, path, value)


def _paths(data: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, part in parts:
        yield (*here, name)
        yield from _paths(part, (*here, name))


def _replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(data))
    place = copy
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return copy
