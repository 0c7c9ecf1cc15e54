"""Making a report from evidence and the verdict on it, which is the judge's and is not questioned here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from importlib.metadata import version

from pytest_orchestrators.suite.account import account
from pytest_orchestrators.suite.catalogue import applicable, catalogue
from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.report import FlavorAccount, Report, RequirementAccount
from pytest_orchestrators.suite.verdict import Judgement, Status, Verdict

#: The distribution that writes reports.
_DISTRIBUTION = "pytest-orchestrators"


def report_on(flavors: Iterable[FlavorAccount]) -> Report:
    """A report on these flavors, made now.

    Raises:
        ValueError: a flavor is there twice.
    """
    generator = f"{_DISTRIBUTION} {version(_DISTRIBUTION)}"
    return Report(generator=generator, made=datetime.now(timezone.utc), flavors=tuple(flavors))


def flavor_account(evidence: Evidence, verdict: Verdict) -> FlavorAccount:
    """What a report says of one flavor."""
    return FlavorAccount(
        environment=evidence.environment,
        contract=verdict.contract,
        judged=datetime.now(timezone.utc),
        word=verdict.word,
        exit_code=verdict.exit_code,
        blocked=verdict.blocked,
        requirements=tuple(map(_requirement_account, verdict.judgements)),
        scenarios=tuple(map(account, evidence.scenarios.values())),
    )


def without_verdict(evidence: Evidence, why: str) -> Verdict:
    """The verdict where the judge came to none: nothing was looked at."""
    reason = f"no verdict was reached: {why}"
    requirements = applicable(evidence.environment.family)
    return Verdict(
        flavor=evidence.environment.flavor,
        contract=evidence.contract,
        judgements=tuple(Judgement(id=r.id, status=Status.NOT_RUN, reason=reason) for r in requirements),
    )


def _requirement_account(judgement: Judgement) -> RequirementAccount:
    requirement = catalogue()[judgement.id]
    return RequirementAccount(
        **dict(judgement),
        group=requirement.group,
        level=requirement.level,
        capability=requirement.capability,
        sentence=requirement.sentence,
        reads=requirement.reads,
        why=requirement.why,
        observed=requirement.observed,
        example=requirement.example,
        fix=requirement.fix,
        since=requirement.since,
        provenance=requirement.provenance,
    )
