"""JUnit, badges, the summary, and the folder that they are in."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.rendering.badge import badge, badge_of_all, drawn, text_width
from pytest_orchestrators.suite.rendering.folder import file_stem, make_folder, write_folder
from pytest_orchestrators.suite.rendering.junit import OUTCOMES, junit
from pytest_orchestrators.suite.rendering.looks import STATUS_LOOKS, WORD_LOOKS
from pytest_orchestrators.suite.rendering.markdown import plain, summary
from pytest_orchestrators.suite.report import FlavorAccount, Report, ReportError
from pytest_orchestrators.suite.reporting import report_on
from pytest_orchestrators.suite.verdict import Status, Word
from tests.report.making import HOSTILE, judged_again, with_statuses

SVG = "{http://www.w3.org/2000/svg}"


def hostile(evidence: Evidence) -> FlavorAccount:
    environment = evidence.environment.model_copy(update={"flavor": HOSTILE, "source": HOSTILE})
    return judged_again(evidence, environment=environment)


def test_every_status_and_verdict_has_a_look() -> None:
    assert set(STATUS_LOOKS) == set(OUTCOMES) == set(Status)
    assert set(WORD_LOOKS) == set(Word)
    assert len({look.sign for look in STATUS_LOOKS.values()}) == len(Status)
    assert [word for word, look in WORD_LOOKS.items() if look.tone == "bad"] == [Word.DOES_NOT_CONFORM]
    assert all("CONFORMS" in word.value for word, look in WORD_LOOKS.items() if look.tone == "good")


def test_junit_has_the_structure_that_its_readers_know(report: Report) -> None:
    root = ET.fromstring(junit(report))
    assert root.tag == "testsuites"
    assert [suite.get("name") for suite in root] == ["conformance.Right", "conformance.Forgetful"]
    for suite, flavor in zip(root, report.flavors, strict=True):
        assert [child.tag for child in suite] == ["properties", *("testcase" for _ in flavor.requirements)]
        cases = suite.findall("testcase")
        for tag, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert len(suite.findall(f"testcase/{tag}")) == int(suite.attrib[count])
        assert len(cases) == int(suite.attrib["tests"])
        assert all({"classname", "name", "time"} == set(case.attrib) and len(case) <= 1 for case in cases)
        assert float(suite.attrib["time"]) > 0
    assert root.attrib["tests"] == str(sum(len(flavor.requirements) for flavor in report.flavors))


def test_junit_says_what_became_of_each_requirement(forgetful: FlavorAccount) -> None:
    flavor = with_statuses(forgetful, {"FLV-2": Status.NOT_RUN})
    (suite,) = ET.fromstring(junit(report_on([flavor])))
    properties = {p.attrib["name"]: p.attrib["value"] for p in suite.iter("property")}
    assert (properties["verdict"], properties["exit_code"]) == ("DOES NOT CONFORM", "1")
    cases = {case.attrib["name"]: case for case in suite.iter("testcase")}
    assert cases["RUN-1"].attrib["classname"] == "conformance.Forgetful.RUN"
    failure = cases["RUN-1"].find("failure")
    assert failure is not None
    assert failure.attrib["message"].startswith("Every step of the deployment is executed exactly once")
    assert "observed: step" in (failure.text or "")
    assert [child.tag for child in cases["FLV-1"]] == []
    assert [child.tag for child in cases["RUN-4"]] == ["error"]
    assert cases["RUN-4"][0].attrib["message"].startswith("it needs RUN-1")
    assert (cases["FLV-2"][0].tag, cases["FLV-2"][0].attrib["type"]) == ("error", "not run")
    assert cases["CLN-8"][0].tag == "skipped"


def test_junit_holds_whatever_names_there_are(right_evidence: Evidence) -> None:
    (suite,) = ET.fromstring(junit(report_on([hostile(right_evidence)])))
    assert suite.attrib["name"] == f"conformance.{HOSTILE}".replace("\x1b\x00", "\ufffd\ufffd")


@pytest.mark.parametrize("word", Word)
def test_a_badge_is_honest_and_fits_its_words(word: Word) -> None:
    root = ET.fromstring(drawn("orchestrator contract 1.0", word))
    look = WORD_LOOKS[word]
    assert root.findtext(f"{SVG}title") == f"orchestrator contract 1.0: {look.word}"
    label, told = root.iter(f"{SVG}text")
    assert (label.text, told.text) == ("orchestrator contract 1.0", look.word)
    (left,), (whole,) = root.iter(f"{SVG}path"), root.iter(f"{SVG}rect")
    split = int(left.attrib["d"].partition(",")[0].removeprefix("M"))
    (begin, end), (begin_told, end_told) = (
        (int(text.attrib["x"]), int(text.attrib["x"]) + int(text.attrib["textLength"]))
        for text in (label, told)
    )
    assert 0 < begin < end < split < begin_told < end_told < int(root.attrib["width"])
    assert whole.attrib["width"] == root.attrib["width"]
    green = whole.attrib["fill"] == "#1a7f4b"
    assert green == word.value.startswith("CONFORMS")


def test_badges_of_several_flavors(report: Report, right: FlavorAccount) -> None:
    assert badge_of_all(report) == badge(report.flavors[1])
    assert "does not conform" in badge_of_all(report)
    assert badge_of_all(report_on([right])) == badge(right)
    assert "incomplete" in badge_of_all(report_on([]))


def test_widths_are_those_of_the_characters() -> None:
    """By the tables of Verdana at 11 px."""
    assert text_width("conforms") == pytest.approx(51.0, abs=1)
    assert text_width("does not conform") == pytest.approx(96.8, abs=1)
    assert text_width("orchestrator contract 1.0") == pytest.approx(138.5, abs=1)


def test_the_summary_tells_what_failed_and_what_is_blocked(report: Report) -> None:
    text = summary(report)
    assert "## ✓ Right: CONFORMS" in text
    assert "## ✗ Forgetful: DOES NOT CONFORM" in text
    assert "| **FLV** flavor and configuration | 6 |" in text
    assert "### ✗ RUN-1 Every step of the deployment is executed exactly once" in text
    assert "- expected: step" in text
    assert "was not executed" in text
    assert ": it needs RUN-1, which failed" in text
    assert "more of the kind" in text


def test_the_summary_shows_names_as_they_are(right_evidence: Evidence) -> None:
    text = summary(report_on([hostile(right_evidence)]))
    assert "<script>" not in text
    assert "\\<script\\>" in text
    assert plain("a\nb | `c` *d*") == "a b \\| \\`c\\` \\*d\\*"
    assert plain("x" * 1000) == "x" * 400 + "..."


def test_a_folder_holds_everything(report: Report, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "down"
    make_folder(folder)
    (folder / "report.json").write_text("of an earlier one")
    written = write_folder(report, folder, {"Right": "{}"})
    assert sorted(written) == sorted(file.name for file in folder.iterdir())
    assert set(written) == {
        "report.json",
        "report.html",
        "junit.xml",
        "summary.md",
        "badge.svg",
        "badge-Right.svg",
        "badge-Forgetful.svg",
        "evidence-Right.json",
    }
    assert json.loads((folder / "report.json").read_text())["format"] == 1


def test_a_folder_that_cannot_be(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for impossible in (file, file / "below"):
        with pytest.raises(ReportError, match=f"cannot be written to {impossible}: "):
            make_folder(impossible)
    with pytest.raises(ReportError, match="No such file or directory"):
        write_folder(report, tmp_path / "gone", {})


def test_nothing_is_left_of_a_report_that_could_not_be_written(report: Report, tmp_path: Path) -> None:
    too_long = {"Right": "{}", "\ud800": "{}"}
    with pytest.raises(UnicodeEncodeError):
        write_folder(report, tmp_path, {name: name for name in too_long})
    assert list(tmp_path.iterdir()) == []


def test_templates_are_loaded_by_those_who_write_a_report_only() -> None:
    ask = "import sys, pytest_orchestrators.conformance.conductor; print('jinja2' in sys.modules)"
    asked = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert asked.stdout == "False\n"


def test_names_of_files_are_those_of_flavors_where_these_will_do() -> None:
    assert file_stem("local_docker") == "local_docker"
    stems = {file_stem(name) for name in ("a/b", "a:b", "a b", "../../a", "", ".", "..", HOSTILE, "x" * 300)}
    assert len(stems) == 9
    assert all(len(stem) < 80 and "/" not in stem for stem in stems)
