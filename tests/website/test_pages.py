"""The pages that are made from the catalogue tell all that it says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.rendering.facts import facts
from pytest_orchestrators.suite.requirement import Requirement
from pytest_orchestrators.suite.scenarios import scenario, sentence
from website.least import least
from website.pages import catalogue_page, proofs, requirement_page
from website.story import changes, story

SVG = "{http://www.w3.org/2000/svg}"


def page(id: str) -> str:
    return requirement_page(catalogue()[id], {})


@pytest.mark.parametrize("requirement", catalogue().values(), ids=lambda requirement: requirement.id)
def test_a_page_tells_what_explain_tells(requirement: Requirement) -> None:
    text = requirement_page(requirement, {})
    assert requirement.sentence in text
    for told in facts(requirement):
        assert all(name in text for name in told.names or (told.text,))
        assert told.field == "since" or f"## {told.title}\n" in text
    assert all(sentence(name) in text for name in requirement.reads)


@pytest.mark.parametrize(
    "requirement", [r for r in catalogue().values() if r.reads], ids=lambda requirement: requirement.id
)
def test_the_drawing_has_every_step_and_every_dependency(requirement: Requirement) -> None:
    example = least(requirement)
    assert example is not None
    [drawn] = re.findall(r"<svg.*</svg>", requirement_page(requirement, {}))
    picture = ElementTree.fromstring(drawn)
    workload = example.run.workload
    letters = {example.letters[name] for name in workload.names}
    assert {text.text for text in picture.iter(f"{SVG}text")} == letters
    edges = list(workload.edges())
    kinds = [path.get("class") for path in picture.iter(f"{SVG}path") if path.get("class")]
    assert kinds.count("data") == sum(data for *_, data in edges)
    assert kinds.count("order") == sum(not data for *_, data in edges)


def test_a_failing_step_is_marked_and_told() -> None:
    text = page("FLR-1")
    assert text.count('class="marked"') == 1
    assert "B raises an exception" in text


def test_drawn_names_are_told_as_letters() -> None:
    example = least(catalogue()["CCH-10"])
    assert example is not None
    assert list(story(example)) == [
        "Run *first*: the pipeline above.",
        "One file of the output of B in run *first* is deleted.",
        "Run *file gone*: the same pipeline.",
        "The whole folder of the output of A in run *first* is deleted.",
        "Run *folder gone*: the same pipeline.",
        "Run *whole again*: the same pipeline.",
    ]


def test_a_step_in_place_of_another_is_told() -> None:
    example = least(catalogue()["RUN-6"])
    assert example is not None
    told = list(story(example))[-1]
    assert told.startswith("Run *other step*: B is gone, ")
    assert told.endswith(", C is new after A.")


def test_another_order_is_told() -> None:
    first, turned = (run.workload for run in scenario("other_order", "seed").actions if isinstance(run, Run))
    one, other = first.order()
    assert list(changes(first, turned)) == [f"{one} comes now after {other}", f"{other} comes now first"]


def test_edits_are_told() -> None:
    text = page("CCH-3")
    told = re.findall(r"Run \*[\w ]+\*: ([A-E]) has now `(.*)`\.$", text, re.MULTILINE)
    edited = told[0][0]
    assert told[:3] == [
        (edited, 'parameters = {"n": 0}'),
        (edited, 'edition = "b"'),
        (edited, 'parameters = {"n": false}'),
    ]


def test_what_is_found_out_by_calling_has_no_pipeline() -> None:
    text = page("FLV-1")
    assert "<svg" not in text
    assert "None: it is found out by asking" in text


def test_the_catalogue_leads_to_every_page() -> None:
    text = catalogue_page()
    assert all(f"| [{id}]({id}.md) |" in text for id in catalogue())


def test_wrong_orchestrators_prove_what_names_and_caught_them(tmp_path: Path) -> None:
    matrix = tmp_path / "detection-matrix.json"
    assert proofs(matrix) == {}
    caught = {"name": "order:Backwards", "told": "The last one first.", "named_by": ["RUN-2", "RUN-3"]}
    matrix.write_text(json.dumps({"wrong": [caught | {"failed": ["RUN-2", "LOG-1"]}], "contained": []}))
    proved = proofs(matrix)
    assert proved == {"RUN-2": [("order:Backwards", "The last one first.")]}
    assert "- `order:Backwards`: The last one first." in requirement_page(catalogue()["RUN-2"], proved)
    assert "## Proven by" not in requirement_page(catalogue()["LOG-1"], proved)
