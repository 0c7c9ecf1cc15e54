"""What a flavor shows of its target environment, and whether it is what was asked for."""

from __future__ import annotations

from pytest_orchestrators.suite.case import Case


def resources_asked(case: Case, step: str) -> dict[str, object]:
    """What a step asks for."""
    return case.seen.action.workload[step].resources.model_dump(exclude_none=True)


def resources_applied_to(case: Case, step: str) -> object:
    """What the flavor shows that a step was given."""
    applied = case.seen.target.get("resources")
    return applied.get(step) if isinstance(applied, dict) else None


def covers(got: object, wanted: dict[str, object]) -> bool:
    """Whether all that was asked for was given."""
    return isinstance(got, dict) and all(got.get(name) == value for name, value in wanted.items())


def schedule_applied_to(case: Case) -> object:
    """The cron expression that the flavor shows to have been set up."""
    applied = case.seen.target.get("schedule")
    return applied.get("cron_expression") if isinstance(applied, dict) else None
