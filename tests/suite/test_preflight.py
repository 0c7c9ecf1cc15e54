"""What keeps a flavor from being judged at all is said once, and not for every requirement."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_orchestrators import BaseOrchestratorFlavor, MissingPrerequisiteError
from pytest_orchestrators.suite.catalogue import applicable
from pytest_orchestrators.suite.rendering.terminal import verdict_lines
from pytest_orchestrators.suite.verdict import ExitCode, Status, Verdict, Word
from reference_flavors.local import LocalOrchestrator
from tests.broken import flavor as broken
from tests.broken.sins import flavor_of
from tests.judging import judged, session_on


class NeedsALicence(LocalOrchestrator):
    """Looks for a licence when it is made."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        try:
            raise MissingPrerequisiteError("no licence was found\nbuy one at the counter")
        except MissingPrerequisiteError as error:
            raise RuntimeError("cannot be made") from error


class HasNoClass(BaseOrchestratorFlavor):
    """Its implementation cannot be told."""

    name = "without"

    @property
    def implementation_class(self) -> Any:
        raise LookupError("nobody knows")


def lines(verdict: Verdict, word: str) -> list[str]:
    return [line.text for line in verdict_lines(verdict) if line.text.startswith(word)]


def test_an_orchestrator_that_cannot_be_made_is_a_wrong_one(tmp_path: Path) -> None:
    session = session_on(broken.WantsMore.Flavor, tmp_path)
    verdict = judged(session)
    assert (verdict.word, verdict.exit_code) == (Word.DOES_NOT_CONFORM, ExitCode.DOES_NOT_CONFORM)
    [failed] = verdict.of(Status.FAILED)
    assert failed.id == "FLV-6"
    [finding] = failed.findings
    assert finding.expected == "flavor.create(config) works"
    assert "workers" in finding.observed
    assert session.evidence.scenarios == {}


def test_what_needs_an_orchestrator_is_blocked_by_one_reason(tmp_path: Path) -> None:
    verdict = judged(session_on(broken.WantsMore.Flavor, tmp_path))
    [line] = lines(verdict, "BLOCKED")
    assert "no orchestrator of the flavor can be made: TypeError: " in line
    passed = {j.id for j in verdict.of(Status.PASSED)}
    assert passed == {"FLV-1", "FLV-2", "FLV-3", "FLV-4", "FLV-5"}


@pytest.mark.parametrize("flavor", [HasNoClass, broken.AbstractImplementation])
def test_what_is_wrong_with_its_class_is_said_once(tmp_path: Path, flavor: type) -> None:
    verdict = judged(session_on(flavor, tmp_path))
    assert [j.id for j in verdict.of(Status.FAILED)] == ["FLV-3"]
    told = lines(verdict, "BLOCKED")
    assert len(told) == 2, told
    assert any("it needs FLV-3, which failed" in line for line in told)
    assert any("no orchestrator of the flavor can be made" in line for line in told)


def test_what_is_missing_when_it_is_made_blocks_everything(tmp_path: Path) -> None:
    verdict = judged(session_on(flavor_of(NeedsALicence, ()), tmp_path))
    assert (verdict.word, verdict.exit_code) == (Word.BLOCKED, ExitCode.UNDECIDED)
    assert {j.status for j in verdict.judgements} == {Status.BLOCKED}
    assert lines(verdict, "BLOCKED") == ["BLOCKED everything: no licence was found"]
    *_, advice, sentence = verdict_lines(verdict)
    assert advice.text == "    buy one at the counter"
    assert sentence.text.endswith(": BLOCKED, contract 1.0 (no licence was found)")
    assert len(verdict.judgements) == len(applicable("native"))
