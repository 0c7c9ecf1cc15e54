"""Waivers: what they excuse, what they do not, and that they are strict in every direction."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pytest_orchestrators.suite.catalogue import applicable
from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.judge import judge, judge_apart, judge_one
from pytest_orchestrators.suite.verdict import ExitCode, Status, Verdict, Word
from pytest_orchestrators.suite.waivers import Waiver
from tests.broken import toy
from tests.judging import session_on
from tests.toy.system import ToyOrchestrator, toy_flavor

TODAY = datetime.date(2026, 5, 17)
LATER = datetime.date(2026, 12, 31)


def waiver(id: str, **terms: Any) -> Waiver:
    return Waiver.model_validate(
        {"id": id, "kind": "not-implemented", "reason": "soon", "expires": LATER, **terms}
    )


def gathered(orchestrator: type[ToyOrchestrator], root: Path) -> Evidence:
    session = session_on(toy_flavor(orchestrator), root)
    for requirement in applicable("toy"):
        session.ask(requirement.id)
    return session.evidence.model_copy(update={"date": TODAY})


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Everything about a toy that warns of nothing: WRN-1 and WRN-3 fail, and nothing needs these."""
    return gathered(toy.Silent, tmp_path_factory.mktemp("silent"))


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Everything about a toy that never caches: CCH-1 fails, and others need it."""
    return gathered(NeverCaches, tmp_path_factory.mktemp("forgetful"))


class NeverCaches(ToyOrchestrator):
    """Executes everything every time."""

    def run_step(self, step: Any, run_name: str | None = None) -> bool:
        self.store.cache.clear()
        return super().run_step(step, run_name)


def waived(evidence: Evidence, *waivers: Waiver, **changed: Any) -> Verdict:
    return judge(evidence.model_copy(update={"waivers": waivers, **changed}))


def test_waived_failures_do_not_keep_from_conforming(silent: Evidence) -> None:
    bug = waiver("WRN-3", kind="bug", link="https://example.org/7", reason="it is cron's fault")
    verdict = waived(silent, waiver("WRN-1"), bug)
    assert verdict.word is Word.CONFORMS_WITH_WAIVERS
    assert (verdict.title, verdict.exit_code) == ("CONFORMS WITH 2 WAIVERS", ExitCode.CONFORMS)
    judgement = verdict["WRN-3"]
    assert (judgement.status, judgement.waiver) == (Status.WAIVED, bug)
    assert judgement.reason == "bug, until 2026-12-31: it is cron's fault (https://example.org/7)"
    assert judgement.findings == waived(silent)["WRN-3"].findings != ()


def test_one_waiver_is_one(silent: Evidence) -> None:
    verdict = waived(silent, waiver("WRN-1"))
    assert (verdict.word, verdict.exit_code) == (Word.DOES_NOT_CONFORM, ExitCode.DOES_NOT_CONFORM)
    assert [j.id for j in verdict.of(Status.FAILED)] == ["WRN-3"]
    one = verdict.model_copy(update={"judgements": verdict.of(Status.WAIVED, Status.PASSED)})
    assert one.title == "CONFORMS WITH 1 WAIVER"


def test_a_waiver_of_what_passes_fails(silent: Evidence) -> None:
    verdict = waived(silent, waiver("WRN-1"), waiver("WRN-3"), waiver("RUN-1"))
    assert verdict.word is Word.DOES_NOT_CONFORM
    [finding] = verdict["RUN-1"].findings
    assert finding.observed == "it passes: take the waiver out"
    assert "RUN-1 (not-implemented, until 2026-12-31)" in finding.where


def test_what_needs_a_requirement_with_a_needless_waiver_is_judged(silent: Evidence) -> None:
    assert waived(silent, waiver("RUN-1"))["RUN-4"].status is Status.PASSED


def test_a_waiver_of_what_does_not_apply_fails(silent: Evidence) -> None:
    verdict = waived(silent, waiver("WRN-1"), waiver("WRN-3"), waiver("WRN-4"))
    [finding] = verdict["WRN-4"].findings
    assert verdict.of(Status.FAILED) == (verdict["WRN-4"],)
    assert finding.observed == "the flavor does not declare the capability resources: take the waiver out"


@pytest.mark.parametrize(
    ("day", "status"),
    [(LATER, Status.WAIVED), (LATER + datetime.timedelta(days=1), Status.FAILED)],
)
def test_a_waiver_holds_through_its_last_day(silent: Evidence, day: datetime.date, status: Status) -> None:
    judgement = waived(silent, waiver("WRN-1"), date=day)["WRN-1"]
    assert judgement.status is status
    told = [finding.observed for finding in judgement.findings]
    assert ("it expired after 2026-12-31: meet the requirement, or waive it anew" in told) is (
        status is Status.FAILED
    )


def test_what_is_never_met_may_be_waived_for_ever(silent: Evidence) -> None:
    for_ever = waiver("WRN-1", kind="never", expires=None)
    assert waived(silent, for_ever, date=datetime.date.max)["WRN-1"].status is Status.WAIVED


def test_what_needs_a_waived_requirement_is_blocked_unless_it_is_waived_itself(forgetful: Evidence) -> None:
    plain = waived(forgetful)
    failed = [j.id for j in plain.of(Status.FAILED)]
    assert "CCH-1" in failed
    blocked = {j.id for j in plain.of(Status.BLOCKED)}
    assert "CCH-3" in blocked
    verdict = waived(forgetful, *map(waiver, failed))
    assert (verdict.word, verdict.exit_code) == (Word.BLOCKED, ExitCode.UNDECIDED)
    assert verdict["CCH-3"].reason == "it needs CCH-1, which is waived, and is not waived itself"
    whole = waived(forgetful, *map(waiver, [*failed, *blocked]))
    assert whole.title == f"CONFORMS WITH {len(failed) + len(blocked)} WAIVERS"
    assert whole["CCH-3"].findings == ()


def test_a_need_that_fails_excuses_nobody(forgetful: Evidence) -> None:
    verdict = waived(forgetful, waiver("CCH-3"))
    assert verdict["CCH-1"].status is Status.FAILED
    assert (verdict["CCH-3"].status, verdict["CCH-3"].reason) == (
        Status.BLOCKED,
        "it needs CCH-1, which failed",
    )


def test_an_expired_waiver_fails_what_is_blocked(forgetful: Evidence) -> None:
    verdict = waived(forgetful, waiver("CCH-3", expires=TODAY - datetime.timedelta(days=1)))
    assert verdict["CCH-3"].status is Status.FAILED


def test_missing_evidence_is_not_waived(silent: Evidence) -> None:
    scenarios = {n: s for n, s in silent.scenarios.items() if n != "schedule"}
    verdict = waived(silent, waiver("WRN-1"), waiver("WRN-3"), scenarios=scenarios)
    assert verdict["WRN-3"].status is Status.BLOCKED
    assert "schedule" in verdict["WRN-3"].reason
    assert verdict.word is Word.BLOCKED


def test_what_was_not_asked_for_is_not_waived(silent: Evidence) -> None:
    asked = tuple(id for id in silent.asked if id != "WRN-3")
    verdict = waived(silent, waiver("WRN-1"), waiver("WRN-3"), asked=asked)
    assert (verdict["WRN-3"].status, verdict.word) == (Status.NOT_RUN, Word.INCOMPLETE)


def test_what_blocks_everything_is_not_waived(silent: Evidence) -> None:
    verdict = waived(silent, waiver("WRN-1"), waiver("RUN-1"), blocked="no engine")
    assert {j.status for j in verdict.judgements} == {Status.BLOCKED}


def test_one_requirement_is_judged_with_its_waiver(forgetful: Evidence) -> None:
    evidence = forgetful.model_copy(update={"waivers": (waiver("CCH-1"), waiver("CCH-3"))})
    assert judge_one(evidence, "CCH-1").status is Status.WAIVED
    assert judge_one(evidence, "CCH-3").status is Status.WAIVED


def test_somebody_else_comes_to_the_same_verdict_later(silent: Evidence) -> None:
    evidence = silent.model_copy(update={"waivers": (waiver("WRN-1"), waiver("WRN-3"))})
    recorded = Evidence.model_validate_json(evidence.model_dump_json())
    assert recorded.date == TODAY
    assert judge_apart(recorded) == judge(evidence)


def test_evidence_with_a_waiver_of_nothing_is_not_judged(silent: Evidence) -> None:
    with pytest.raises(ValueError, match="RUN-999, which is not in the catalogue"):
        waived(silent, waiver("RUN-999"))


@pytest.mark.parametrize(
    ("terms", "complaint"),
    [
        ({"kind": "later"}, "kind"),
        ({"reason": "  "}, "reason"),
        ({"kind": "bug"}, "needs a `link`"),
        ({"kind": "upstream"}, "needs a `link`"),
        ({"link": "see the wiki"}, "link"),
        ({"expires": None}, "needs a day on which it `expires`"),
        ({"kind": "bug", "link": "https://example.org/1", "expires": None}, "needs a day"),
        ({"pins": "x"}, "pins"),
    ],
)
def test_a_waiver_says_all_that_its_kind_needs(terms: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        waiver("RUN-1", **terms)
