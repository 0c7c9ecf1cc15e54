"""`report merge` and `report diff` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_orchestrators.command.main import main
from pytest_orchestrators.suite.report import FlavorAccount, read_report
from pytest_orchestrators.suite.reporting import report_on
from pytest_orchestrators.suite.verdict import Status
from tests.report.making import with_statuses

DOCS = Path(__file__).resolve().parents[2] / "docs"


def written(folder: Path, name: str, *flavors: FlavorAccount) -> str:
    file = folder / name
    file.write_text(report_on(flavors).text(), encoding="utf-8")
    return str(file)


def test_merge_writes_all_files_anew(
    right: FlavorAccount, forgetful: FlavorAccount, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [written(tmp_path, "a.json", right), written(tmp_path, "b.json", forgetful)]
    assert main(["report", "merge", str(tmp_path / "out"), *files]) == 0
    out = capsys.readouterr().out
    assert "Right: CONFORMS" in out
    assert "Forgetful: DOES NOT CONFORM" in out
    assert read_report(tmp_path / "out" / "report.json").flavors == (right, forgetful)
    for name in ("report.html", "junit.xml", "summary.md", "badge.svg"):
        assert "Forgetful" in (tmp_path / "out" / name).read_text() or name == "badge.svg"


def test_merge_refuses_what_does_not_go_together(
    right: FlavorAccount, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = right.model_copy(update={"contract": "2.0"})
    files = [written(tmp_path, "a.json", right), written(tmp_path, "b.json", other)]
    assert main(["report", "merge", str(tmp_path / "out"), *files]) == 2
    assert "error: reports on flavor Right are not about the same thing" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main(["report", "merge", files[0], files[0]]) == 2
    assert f"a report cannot be written to {files[0]}: " in capsys.readouterr().err


def test_diff_ends_with_1_on_a_regression(
    right: FlavorAccount, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = written(tmp_path, "good.json", right)
    bad = written(tmp_path, "bad.json", with_statuses(right, {"RUN-3": Status.FAILED}))
    assert main(["report", "diff", good, bad]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "REGRESSION  Right  the verdict: CONFORMS -> DOES NOT CONFORM"
    assert lines[1] == "REGRESSION  Right  RUN-3: passed -> failed"
    assert lines[-1] == "2 regressions, 0 other changes"
    assert main(["report", "diff", bad, good]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "no regression, 2 other changes"
    assert main(["report", "diff", good, good]) == 0
    assert capsys.readouterr().out == "nothing has changed\n"


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"flavors": 3}'])
def test_what_is_no_report_is_named(
    right: FlavorAccount, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    good, broken = written(tmp_path, "good.json", right), tmp_path / "broken.json"
    broken.write_bytes(content)
    for arguments in (["diff", good, str(broken)], ["diff", str(broken), good]):
        assert main(["report", *arguments]) == 2
        told = capsys.readouterr()
        assert told.err.startswith(f"error: {broken} is no report of this format:\n  ")
        assert told.out == ""
    assert main(["report", "merge", str(tmp_path / "out"), good, str(broken)]) == 2
    assert not (tmp_path / "out").exists()


def test_the_page_in_the_docs_shows_what_diff_prints(
    right: FlavorAccount, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = right.environment.model_copy(
        update={"flavor": "mine", "versions": {"ml-metadata": "1.17.1"}}
    )
    old = right.model_copy(update={"environment": environment})
    environment = environment.model_copy(update={"versions": {"ml-metadata": "1.21.0"}})
    new = with_statuses(right, {"RUN-3": Status.FAILED}, environment=environment)
    main(["report", "diff", written(tmp_path, "old.json", old), written(tmp_path, "new.json", new)])
    shown = (DOCS / "reports.md").read_text(encoding="utf-8").partition("```text\n")[2].partition("```")[0]
    told = capsys.readouterr().out.splitlines()
    for wanted, line in zip(shown.splitlines(), told, strict=True):
        assert line.startswith(wanted.removesuffix("..."))
