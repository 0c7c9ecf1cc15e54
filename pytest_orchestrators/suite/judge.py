"""The judge: from evidence to verdict, and from nothing else.

`judge_apart` does it in a fresh isolated interpreter that never imports the flavor, a conftest or a plugin:
what a flavor may have changed in its own process does not reach the verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_orchestrators.suite.case import Reader, Unobserved, Walked
from pytest_orchestrators.suite.catalogue import applicable, catalogue
from pytest_orchestrators.suite.evidence import Evidence, GeneratedEvidence
from pytest_orchestrators.suite.excusing import excused
from pytest_orchestrators.suite.frozen import shipped
from pytest_orchestrators.suite.fuzzing.judging import Broken, broken_by_examples
from pytest_orchestrators.suite.fuzzing.profiles import LEAST
from pytest_orchestrators.suite.requirement import Finding, Requirement
from pytest_orchestrators.suite.ruling import rule
from pytest_orchestrators.suite.soundness import check_sound
from pytest_orchestrators.suite.verdict import NOT_SELECTED, Judgement, Observation, Status, Verdict


def judge(evidence: Evidence) -> Verdict:
    """Judge evidence against the whole catalogue of its family, in this process.

    Raises:
        UnsoundEvidence: parts of the evidence do not go together.
        UnknownContract: it is to be judged by a version of the contract that there is not.
    """
    check_sound(evidence)
    found: dict[str, Judgement] = {}
    reader, broken = Reader(evidence), _broken_by_examples(evidence)
    requirements = applicable(evidence.environment.family)
    judged = (_judge_one(r, reader, found, broken) for r in requirements)
    judgements = tuple(_as_asked(_in_the_end(j, evidence, found), evidence) for j in judged)
    return Verdict(
        flavor=evidence.environment.flavor,
        contract=evidence.contract,
        judgements=judgements,
        blocked=evidence.blocked,
    )


def judge_one(
    evidence: Evidence,
    requirement: str,
    broken: Mapping[str, Broken] | None = None,
    walked: Walked | None = None,
) -> Judgement:
    """Judge one requirement, and those that it needs, in this process.

    Args:
        evidence: what to judge by.
        requirement: the id.
        broken: what the evidence's generated histories break, where that is known already.
        walked: the cases of its scenarios that were read before, by name; it is added to.

    Raises:
        KeyError: the catalogue has no such requirement.
        UnknownContract: the evidence is to be judged by a version of the contract that there is not.
    """
    found: dict[str, Judgement] = {}
    broken = _broken_by_examples(evidence) if broken is None else broken
    judgement = _judge_one(catalogue()[requirement], Reader(evidence, walked), found, broken)
    return _in_the_end(judgement, evidence, found)


def _broken_by_examples(evidence: Evidence) -> Mapping[str, Broken]:
    return broken_by_examples(evidence.generated, evidence.environment) if evidence.generated else {}


def _in_the_end(judgement: Judgement, evidence: Evidence, found: Mapping[str, Judgement]) -> Judgement:
    """A judgement by the version of the contract that the evidence names, and with its waivers."""
    if judgement.id in shipped(evidence.contract).ids:
        return excused(judgement, evidence, found)
    return Judgement(
        id=judgement.id,
        status=Status.NOT_APPLICABLE,
        advice=judgement.findings + judgement.advice,
        reason=f"it is no part of contract {evidence.contract}",
    )


def _as_asked(judgement: Judgement, evidence: Evidence) -> Judgement:
    if judgement.id not in shipped(evidence.contract).ids:
        return judgement
    if judgement.id not in evidence.asked:
        return Judgement(id=judgement.id, status=Status.NOT_RUN, reason=NOT_SELECTED)
    missing = _not_generated(evidence.generated)
    if judgement.status is Status.PASSED and catalogue()[judgement.id].anywhere and missing:
        return Judgement(id=judgement.id, status=Status.NOT_RUN, reason=missing)
    return judgement


def _not_generated(generated: GeneratedEvidence | None) -> str:
    """Why fewer histories were generated than it takes; empty if there were enough."""
    if generated is None or generated.wanted == 0:
        return "no pipelines were generated for it (--orchestrator-fuzz 0)"
    least = min(generated.wanted, LEAST)
    if generated.drawn >= least:
        return ""
    return f"{generated.drawn} histories were generated for it; there must be {least} at least"


def _judge_one(
    requirement: Requirement, reader: Reader, found: dict[str, Judgement], broken: Mapping[str, Broken]
) -> Judgement:
    """Judge a requirement after those that it needs."""
    if reader.evidence.blocked:
        return Judgement(id=requirement.id, status=Status.BLOCKED, reason=reader.evidence.blocked)
    if requirement.id not in found:
        found[requirement.id] = (
            _not_applicable(requirement, reader)
            or _blocked_by_need(requirement, reader, found, broken)
            or with_examples(judge_alone(requirement, reader), reader.evidence.generated, broken)
        )
    return found[requirement.id]


def with_examples(
    judgement: Judgement, generated: GeneratedEvidence | None, broken: Mapping[str, Broken]
) -> Judgement:
    """A judgement with what generated histories have to say."""
    if generated is None or judgement.status not in (Status.PASSED, Status.BLOCKED):
        return judgement
    if judgement.id in broken:
        found = broken[judgement.id]
        return Judgement(
            id=judgement.id,
            status=Status.FAILED,
            findings=tuple(map(observed, found.findings)),
            advice=judgement.advice,
            examples=found.examples,
        )
    if generated.broken and catalogue()[judgement.id].anywhere:
        reason = f"generated histories were not carried out to their end: {generated.broken}"
        return judgement.model_copy(
            update={"status": Status.BLOCKED, "reason": reason, "cause": generated.broken}
        )
    return judgement


def _blocked_by_need(
    requirement: Requirement, reader: Reader, found: dict[str, Judgement], broken: Mapping[str, Broken]
) -> Judgement | None:
    undeclared = requirement.undeclared_by(reader.evidence.environment.capabilities)
    needed = [_judge_one(catalogue()[need], reader, found, broken) for need in requirement.needs]
    lost = next((j for j in needed if j.status in (Status.FAILED, Status.BLOCKED)), None)
    if lost is None:
        return None
    if undeclared:
        reason = requirement.reason_undeclared
        return Judgement(id=requirement.id, status=Status.NOT_APPLICABLE, reason=reason)
    reason = f"it needs {lost.id}, which {'failed' if lost.status is Status.FAILED else 'is blocked'}"
    return Judgement(id=requirement.id, status=Status.BLOCKED, reason=reason)


def _not_applicable(requirement: Requirement, reader: Reader) -> Judgement | None:
    reason = requirement.not_applicable(reader.evidence.environment.capabilities)
    return Judgement(id=requirement.id, status=Status.NOT_APPLICABLE, reason=reason) if reason else None


def judge_alone(requirement: Requirement, reader: Reader) -> Judgement:
    """Judge one requirement, whatever became of those that it needs."""
    undeclared = requirement.undeclared_by(reader.evidence.environment.capabilities)
    check = requirement.check
    if undeclared and requirement.undeclared is not None:
        check = requirement.undeclared
    findings, advice, gap = _collect(check(reader))
    if findings and requirement.level != "advisory":
        return Judgement(id=requirement.id, status=Status.FAILED, findings=findings, advice=advice)
    if gap:
        return Judgement(
            id=requirement.id, status=Status.BLOCKED, advice=advice, reason=str(gap), cause=gap.cause
        )
    passed = Status.NOT_APPLICABLE if undeclared else Status.PASSED
    reason = requirement.reason_undeclared if undeclared else ""
    return Judgement(id=requirement.id, status=passed, advice=findings + advice, reason=reason)


def _collect(
    check: Iterable[Finding],
) -> tuple[tuple[Observation, ...], tuple[Observation, ...], Unobserved | None]:
    """Findings, advice, and what was not in the evidence."""
    findings: list[Observation] = []
    advice: list[Observation] = []
    try:
        for finding in check:
            (advice if finding.advisory else findings).append(observed(finding))
    except Unobserved as gap:
        return tuple(findings), tuple(advice), gap
    return tuple(findings), tuple(advice), None


def observed(finding: Finding) -> Observation:
    """A finding as a verdict holds it."""
    return Observation(expected=finding.expected, observed=finding.observed, where=finding.where)


def judge_apart(evidence: Evidence, timeout: float = 120.0) -> Verdict:
    """Judge evidence in a fresh isolated interpreter; `rule` gives what it printed as it is.

    Args:
        evidence: what to judge.
        timeout: seconds that the interpreter may take.

    Raises:
        NoEvidence: the evidence is not of this format.
        RuntimeError: the interpreter did not come to a verdict; the message holds what it printed.
    """
    return Verdict.model_validate(rule(evidence.model_dump_json(), timeout).verdict)
