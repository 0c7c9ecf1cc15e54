"""Frozen contracts: what is shipped never changes, and is what the catalogue says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_orchestrators.suite import frozen
from pytest_orchestrators.suite.case import Reader
from pytest_orchestrators.suite.catalogue import CONTRACT_VERSION, applicable, catalogue
from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.freeze import checksum, freeze
from pytest_orchestrators.suite.frozen import UnknownContract, derived, known_versions, shipped
from pytest_orchestrators.suite.judge import judge, judge_one
from pytest_orchestrators.suite.requirement import Finding
from pytest_orchestrators.suite.requirements import logs
from pytest_orchestrators.suite.verdict import Status, Word
from pytest_orchestrators.suite.waivers import Waiver
from tests.judging import session_on
from tests.toy.system import ToyFlavor

#: Version to the SHA-256 of its file. Of a version that is released it never changes again.
CHECKSUMS = {"1.0": "9202f944ae23b89dfb17afdce5f468200b6b51cd16485478600625ff0204260a"}

AGAIN = "if contract {0} is not released yet: python -m pytest_orchestrators.suite.freeze {0}"


@pytest.mark.parametrize("version", CHECKSUMS)
def test_a_shipped_contract_is_what_it_was(version: str) -> None:
    assert checksum(version) == CHECKSUMS[version], (
        f"the file of contract {version} has changed. A released one is to be put back. If it is not "
        f"released yet, its checksum in {Path(__file__).name} is to be {checksum(version)}"
    )


@pytest.mark.parametrize("version", CHECKSUMS)
def test_the_catalogue_says_what_the_contract_says(version: str) -> None:
    now = {r.id: r for r in derived(version).requirements}
    then = {r.id: r for r in shipped(version).requirements}
    assert now.keys() == then.keys(), AGAIN.format(version)
    changed = [id for id in now if now[id] != then[id]]
    assert not changed, f"what a contract says does not change; {AGAIN.format(version)}"
    assert derived(version).text == shipped(version).text, AGAIN.format(version)


def test_every_version_is_held_by_its_checksum() -> None:
    assert known_versions() == tuple(CHECKSUMS)
    assert known_versions()[-1] == CONTRACT_VERSION


def test_versions_are_ordered_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen, "_FOLDER", tmp_path)
    for version in ("1.10", "1.9", "2.0"):
        freeze(version)
    assert known_versions() == ("1.9", "1.10", "2.0")
    assert json.loads((tmp_path / "contract-1.9.json").read_text())["contract"] == "1.9"


def test_an_unknown_version_lists_the_known_ones() -> None:
    with pytest.raises(UnknownContract, match=r"no version '0\.9' of the contract; known: 1\.0"):
        shipped("0.9")


def test_a_requirement_that_the_catalogue_has_lost_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frozen, "_FOLDER", tmp_path)
    text = derived("1.0").text.replace('"id": "RUN-1"', '"id": "RUN-0"').replace("1.0", "0.1")
    (tmp_path / "contract-0.1.json").write_text(text)
    with pytest.raises(ValueError, match=r"lost RUN-0 of contract 0\.1"):
        shipped("0.1")


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A requirement of the next version, which no toy meets; its id."""
    collected = list(logs.requirement.requirements)
    monkeypatch.setattr(logs.requirement, "requirements", collected)

    @logs.requirement("LOG-99", reads=("order",), needs=("RUN-1",), since="1.1", why="So.", observed="So.")
    def sings(reader: Reader) -> Iterator[Finding]:
        """A run sings."""
        for case in reader.cases("order"):
            yield Finding("a song", "silence", case.where)

    catalogue.cache_clear()
    yield "LOG-99"
    monkeypatch.undo()
    catalogue.cache_clear()
    shipped.cache_clear()


@pytest.fixture
def evidence(newer: str, tmp_path: Path) -> Evidence:
    session = session_on(ToyFlavor, tmp_path)
    for requirement in applicable("toy"):
        session.ask(requirement.id)
    return session.evidence


def test_what_came_later_is_advice(newer: str, evidence: Evidence) -> None:
    verdict = judge(evidence)
    assert verdict.word is Word.CONFORMS
    judgement = verdict[newer]
    assert (judgement.status, judgement.findings) == (Status.NOT_APPLICABLE, ())
    assert judgement.reason == "it is no part of contract 1.0"
    assert [advice.observed for advice in judgement.advice] == ["silence"] * 2  # two runs
    assert judge_one(evidence, newer) == judgement


def test_what_came_later_never_blocks(newer: str, evidence: Evidence) -> None:
    asked = tuple(id for id in evidence.asked if id != newer)
    assert judge(evidence.model_copy(update={"asked": asked})).word is Word.CONFORMS
    scenarios = {name: seen for name, seen in evidence.scenarios.items() if name != "order"}
    verdict = judge(evidence.model_copy(update={"scenarios": scenarios}))
    assert verdict["RUN-16"].status is Status.BLOCKED
    assert verdict[newer].status is Status.NOT_APPLICABLE


def test_a_waiver_of_what_came_later_is_set_aside(newer: str, evidence: Evidence) -> None:
    waived = evidence.model_copy(update={"waivers": (Waiver(id=newer, kind="never", reason="no voice"),)})
    assert judge(waived) == judge(evidence)


def test_what_came_later_is_required_by_the_contract_that_brought_it(
    newer: str, evidence: Evidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frozen, "_FOLDER", tmp_path)
    freeze("1.1")
    verdict = judge(evidence.model_copy(update={"contract": "1.1"}))
    assert [j.id for j in verdict.of(Status.FAILED)] == [newer]
    assert newer not in derived("1.0").ids


def test_a_contract_needs_nothing_that_came_later(newer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    @logs.requirement("LOG-98", needs=(newer,), why="So.", observed="So.")
    def hums(_: Reader) -> Iterator[Finding]:
        """A run hums."""
        yield from ()

    catalogue.cache_clear()
    with pytest.raises(ValueError, match=f"LOG-98 needs {newer}, which came after 1"):
        derived("1.0")


def test_evidence_of_an_unknown_contract_is_not_judged(evidence: Evidence) -> None:
    with pytest.raises(UnknownContract):
        judge(evidence.model_copy(update={"contract": "0.9"}))
