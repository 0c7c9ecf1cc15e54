"""Merging reports: of several flavors, and of shards, which are parts of one verdict. Never greener than
the parts.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_orchestrators.suite.account import ScenarioAccount
from pytest_orchestrators.suite.report import FlavorAccount, Report, ReportError, RequirementAccount
from pytest_orchestrators.suite.reporting import report_on
from pytest_orchestrators.suite.verdict import Status

#: What is kept of two statuses: the one that comes first. What was looked at says more than what was not.
PRECEDENCE = (
    Status.FAILED,
    Status.BLOCKED,
    Status.WAIVED,
    Status.NOT_APPLICABLE,
    Status.PASSED,
    Status.NOT_RUN,
)


def merged(reports: Sequence[Report]) -> Report:
    """One report that holds all flavors of these; what several say of one flavor is put together.

    Raises:
        ReportError: reports on one flavor are not about the same thing.
    """
    flavors: dict[str, FlavorAccount] = {}
    for report in reports:
        for flavor in report.flavors:
            known = flavors.get(flavor.name)
            flavors[flavor.name] = _together(known, flavor) if known else flavor
    return report_on(flavors.values())


def _together(one: FlavorAccount, other: FlavorAccount) -> FlavorAccount:
    _check_same(one, other)
    requirements = tuple(
        _worse(mine, theirs) for mine, theirs in zip(one.requirements, other.requirements, strict=True)
    )
    together = {
        "judged": max(one.judged, other.judged),
        "blocked": one.blocked or other.blocked,
        "requirements": requirements,
        "scenarios": _scenarios(one, other),
    }
    # The verdict of what is together is asked for before it is validated.
    verdict = one.model_copy(update=together).verdict
    told = {**dict(one), **together, "word": verdict.word, "exit_code": int(verdict.exit_code)}
    return FlavorAccount.model_validate(told)


def _check_same(one: FlavorAccount, other: FlavorAccount) -> None:
    """Make sure that both are about the same thing.

    Raises:
        ReportError: they are not; the message names everything that differs.
    """
    mine, theirs = ({"contract": f.contract, **f.environment.model_dump()} for f in (one, other))
    differing = [
        f"  {name}: {mine[name]!r} and {theirs[name]!r}" for name in mine if mine[name] != theirs[name]
    ]
    if [r.id for r in one.requirements] != [r.id for r in other.requirements]:
        ids = {r.id for r in one.requirements} ^ {r.id for r in other.requirements}
        differing.append(f"  requirements: only one of them has {', '.join(sorted(ids)) or 'this order'}")
    if differing:
        about = f"reports on flavor {one.name} are not about the same thing and cannot be merged:"
        raise ReportError("\n".join([about, *differing]))


def _worse(one: RequirementAccount, other: RequirementAccount) -> RequirementAccount:
    """What is kept of a requirement: the status that has precedence, and all that was found."""
    kept, dropped = sorted((one, other), key=lambda r: PRECEDENCE.index(r.status))
    findings = kept.findings + tuple(f for f in dropped.findings if f not in kept.findings)
    advice = kept.advice + tuple(a for a in dropped.advice if a not in kept.advice)
    return kept.model_copy(update={"findings": findings, "advice": advice})


def _scenarios(one: FlavorAccount, other: FlavorAccount) -> tuple[ScenarioAccount, ...]:
    """The scenarios of both; of two of one name, the one that was not carried out to its end."""
    kept = {scenario.name: scenario for scenario in one.scenarios}
    for scenario in other.scenarios:
        if scenario.name not in kept or scenario.broken:
            kept[scenario.name] = scenario
    return tuple(kept.values())
