"""What a waiver makes of a judgement: an excuse where it holds, a failure where it does not."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.verdict import Judgement, Observation, Status
from pytest_orchestrators.suite.waivers import Waiver


def excused(judgement: Judgement, evidence: Evidence, judged: Mapping[str, Judgement]) -> Judgement:
    """A judgement with the waiver of its requirement taken into account.

    A requirement that is waived stays what it is for those that need it: these are blocked, unless they are
    waived themselves.

    Args:
        judgement: what became of the requirement, whatever is waived.
        evidence: which holds the waivers, and the day by which they expire.
        judged: the judgements of the requirements that it needs, whatever is waived.
    """
    waiver = _waiver_of(judgement.id, evidence)
    if evidence.blocked:
        return judgement
    if waiver is None:
        return _with_needs_explained(judgement, evidence, judged)
    judgement = judgement.model_copy(update={"waiver": waiver})
    if complaint := _complaint(judgement, waiver, evidence):
        findings = (complaint, *judgement.findings)
        broken = {"status": Status.FAILED, "findings": findings, "reason": "", "cause": ""}
        return judgement.model_copy(update=broken)
    if judgement.status is Status.FAILED or _waived_needs(judgement, evidence, judged):
        return judgement.model_copy(update={"status": Status.WAIVED, "reason": str(waiver)})
    return judgement


def _waiver_of(id: str, evidence: Evidence) -> Waiver | None:
    return next((waiver for waiver in evidence.waivers if waiver.id == id), None)


def _complaint(judgement: Judgement, waiver: Waiver, evidence: Evidence) -> Observation | None:
    """What is wrong with a waiver; none if nothing is."""
    where = f"the waiver of {waiver.id} ({waiver.summary})"
    if judgement.examples and not _pinned(judgement, waiver, evidence):
        seen = "it names none" if waiver.pinned is None else f"{waiver.example} does not break it any more"
        return Observation(
            expected="a waiver of what only generated histories break names a counter-example",
            observed=f"{seen}: take the waiver out, or let `example` name one that is written for it",
            where=where,
        )
    if judgement.status is Status.PASSED:
        return Observation(
            expected="a requirement that is waived fails",
            observed="it passes: take the waiver out",
            where=where,
        )
    if judgement.status is Status.NOT_APPLICABLE:
        return Observation(
            expected="a requirement that is waived applies to the flavor",
            observed=f"{judgement.reason}: take the waiver out",
            where=where,
        )
    if waiver.expired_by(evidence.date):
        return Observation(
            expected=f"a waiver that holds on {evidence.date}, the day of the session",
            observed=f"it expired after {waiver.expires}: meet the requirement, or waive it anew",
            where=where,
        )
    return None


def _pinned(judgement: Judgement, waiver: Waiver, evidence: Evidence) -> bool:
    """Whether the counter-example that a waiver names is among those that break its requirement.

    What is drawn is drawn anew each session: a waiver that hung on it would hold today and not tomorrow.
    """
    replayed = evidence.generated.replayed if evidence.generated else 0
    return waiver.pinned is not None and any(number <= replayed for number in judgement.examples)


def _waived_needs(
    judgement: Judgement, evidence: Evidence, judged: Mapping[str, Judgement]
) -> tuple[str, ...]:
    """The needs that block a requirement, if all of them are waived; else nothing."""
    if judgement.status is not Status.BLOCKED:
        return ()
    needed = [judged[need] for need in catalogue()[judgement.id].needs]
    broken = [j for j in needed if j.status in (Status.FAILED, Status.BLOCKED)]
    waived = [j.id for j in broken if excused(j, evidence, judged).status is Status.WAIVED]
    return tuple(waived) if len(waived) == len(broken) else ()


def _with_needs_explained(
    judgement: Judgement, evidence: Evidence, judged: Mapping[str, Judgement]
) -> Judgement:
    """A blocked judgement that says so if what it needs is waived."""
    waived = _waived_needs(judgement, evidence, judged)
    if not waived:
        return judgement
    reason = f"it needs {' and '.join(waived)}, which is waived, and is not waived itself"
    return judgement.model_copy(update={"reason": reason})
