"""The page as text: everything is in it, and nothing that was observed becomes part of it."""

from __future__ import annotations

import base64
import datetime
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.rendering.badge import badge_of_all
from pytest_orchestrators.suite.rendering.junit import junit
from pytest_orchestrators.suite.rendering.markdown import summary
from pytest_orchestrators.suite.rendering.page import page
from pytest_orchestrators.suite.report import FlavorAccount, Report
from pytest_orchestrators.suite.reporting import report_on
from pytest_orchestrators.suite.verdict import Observation, Status
from pytest_orchestrators.suite.waivers import Waiver
from pytest_orchestrators.suite.workload import Workload, WorkloadStep
from tests.report.making import HOSTILE, judged_again, with_statuses

#: Elements that have no end.
VOID = {"meta", "link", "br", "img"}


class Outline(HTMLParser):
    """Elements by name, their ids, their text; complains about ends that do not fit."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1] not in ("script", "style"):
            self.text += data

    @property
    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.attributes if "id" in attributes]


def test_everything_is_in_the_page(report: Report) -> None:
    outline = Outline(page(report))
    for number, flavor in enumerate(report.flavors, start=1):
        assert flavor.word.value in outline.text
        for requirement in flavor.requirements:
            assert f"f{number}-{requirement.id}" in outline.ids
            assert requirement.sentence.replace("`", "") in outline.text
        for scenario in flavor.scenarios:
            assert f"f{number}-scenario-{scenario.name}" in outline.ids
    for finding in report.flavors[1].requirement("RUN-1").findings:
        assert finding.observed in outline.text
        assert finding.where in outline.text
    runs = sum(len(scenario.runs) for flavor in report.flavors for scenario in flavor.scenarios)
    drawings = [a["class"] for tag, a in outline.attributes if tag == "svg" and a.get("role") == "img"]
    assert Counter(drawings) == {"timeline": runs, "dag": runs}


def test_ids_are_there_once_and_links_lead_to_them(report: Report) -> None:
    outline = Outline(page(report))
    assert [id for id, count in Counter(outline.ids).items() if count > 1] == []
    links = {a["href"] for tag, a in outline.attributes if tag == "a"}
    assert {f"#{id}" for id in outline.ids} >= links


def test_nothing_is_loaded_and_only_the_pages_own_script_is_run(report: Report) -> None:
    text = page(report)
    outline = Outline(text)
    sources = [a.get("src") or a.get("href") for tag, a in outline.attributes if tag != "a"]
    assert [source for source in sources if source not in (None, "data:,")] == []
    assert not re.search(r"@import|url\((?!#)|@font-face", text)
    (policy,) = [a["content"] for tag, a in outline.attributes if a.get("http-equiv")]
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def hostile(evidence: Evidence) -> FlavorAccount:
    """A flavor in which whatever can be named has a name that wants to be part of the page."""
    environment = evidence.environment.model_copy(
        update={
            "flavor": HOSTILE,
            "source": HOSTILE,
            "config": {HOSTILE: HOSTILE},
            "versions": {HOSTILE: HOSTILE},
        }
    )
    steps = (WorkloadStep(name=HOSTILE), WorkloadStep(name="after", after=(HOSTILE,)))
    action = Run(label=HOSTILE, workload=Workload(name=HOSTILE, steps=steps), faults={HOSTILE: "raise"})
    scenario = evidence.scenarios["failure"]
    run = scenario.runs[0].model_copy(update={"action": action})
    changes = {"name": HOSTILE, "actions": (action,), "runs": (run,), "broken": HOSTILE}
    scenario = scenario.model_copy(update=changes)
    flavor = judged_again(evidence, environment=environment, scenarios={HOSTILE: scenario})
    flavor = with_statuses(flavor, {"RUN-1": Status.FAILED})
    finding = Observation(expected=HOSTILE, observed=HOSTILE, where=HOSTILE)
    requirements = tuple(
        r.model_copy(update={"findings": (finding,), "advice": (finding,), "sentence": f"`{HOSTILE}`"})
        if r.id == "RUN-1"
        else r
        for r in flavor.requirements
    )
    return flavor.model_copy(update={"requirements": requirements})


def test_names_and_messages_stay_text(right_evidence: Evidence) -> None:
    flavor = hostile(right_evidence)
    outline = Outline(page(report_on([flavor])))
    assert outline.elements["script"] == 1
    assert outline.elements["img"] == 0
    assert not [name for _, attributes in outline.attributes for name in attributes if name.startswith("on")]
    assert outline.text.count("<script>alert(1)</script>") > 10


@pytest.mark.parametrize(
    ("statuses", "tone"),
    [
        ({}, "good"),
        ({"RUN-2": Status.FAILED}, "bad"),
        ({"RUN-2": Status.WAIVED}, "good"),
        ({"RUN-2": Status.WAIVED, "RUN-4": Status.BLOCKED}, "open"),
        ({"RUN-2": Status.BLOCKED}, "open"),
        ({"RUN-2": Status.NOT_RUN}, "open"),
    ],
)
def test_the_verdict_has_an_honest_colour(
    right: FlavorAccount, statuses: dict[str, Status], tone: str
) -> None:
    flavor = with_statuses(right, statuses)
    outline = Outline(page(report_on([flavor])))
    classes = [str(a.get("class", "")).split() for tag, a in outline.attributes if tag == "section"]
    assert [found for found in classes if found and found[0] == "verdict"] == [["verdict", tone]]


def test_waivers_are_told_as_their_authors_say(right: FlavorAccount) -> None:
    waiver = Waiver(
        id="RUN-3",
        kind="bug",
        reason=HOSTILE,
        link="https://example.invalid/3",
        expires=datetime.date(2999, 1, 1),
    )
    flavor = with_statuses(right, {"RUN-3": Status.WAIVED})
    requirements = tuple(
        r.model_copy(update={"waiver": waiver, "reason": str(waiver)}) if r.id == "RUN-3" else r
        for r in flavor.requirements
    )
    report = report_on([flavor.model_copy(update={"requirements": requirements})])
    outline = Outline(page(report))
    assert "CONFORMS WITH 1 WAIVER" in outline.text
    assert "bug, until 2999-01-01" in outline.text
    assert outline.elements["script"] == 1
    assert "https://example.invalid/3" in {a.get("href") for tag, a in outline.attributes if tag == "a"}
    assert "- RUN-3: " in summary(report)
    assert "bug, until 2999-01-01" in junit(report)
    assert "conforms with waivers" in badge_of_all(report)


def test_a_report_without_scenarios_and_without_flavors(right: FlavorAccount) -> None:
    assert "Scenarios" not in Outline(page(report_on([right.model_copy(update={"scenarios": ()})]))).text
    assert "How to read this" in Outline(page(report_on([]))).text


def test_failed_requirements_are_open_and_others_are_not(forgetful: FlavorAccount) -> None:
    outline = Outline(page(report_on([forgetful])))
    opened = {
        str(a["id"]).removeprefix("f1-")
        for tag, a in outline.attributes
        if tag == "details" and "open" in a and "data-status" in a
    }
    assert opened == {j.id for j in forgetful.verdict.of(Status.FAILED)}
