"""The catalogue: all requirements, put together from the modules that hold them."""

from __future__ import annotations

from functools import cache

from pytest_orchestrators.suite.requirement import Requirement
from pytest_orchestrators.suite.requirements import (
    announcing,
    around_steps,
    caching,
    cleaning,
    elsewhere,
    executing,
    failing,
    flavor,
    hostile,
    interrupting,
    leaking,
    logs,
    overlapping,
    running,
    surviving,
    warning,
)

#: The version of the contract that this catalogue states, and that is judged by if nothing is said.
CONTRACT_VERSION = "1.0"

#: Group to its title, in the order of the contract.
GROUPS = {
    "FLV": "flavor and configuration",
    "RUN": "running a deployment",
    "CLN": "cleaning up",
    "WRN": "resources, schedules and what is not supported",
    "CCH": "cache detection",
    "FLR": "failure",
    "ISO": "isolation and survival",
    "LOG": "what a person sees",
}

_MODULES = (
    flavor,
    executing,
    running,
    overlapping,
    cleaning,
    leaking,
    warning,
    caching,
    announcing,
    failing,
    around_steps,
    elsewhere,
    interrupting,
    surviving,
    hostile,
    logs,
)


@cache
def catalogue() -> dict[str, Requirement]:
    """Every requirement by id, in the order of the contract.

    Raises:
        ValueError: two checks claim one id, a group is unknown, or a needed id is not there.
    """
    found: dict[str, Requirement] = {}
    for module in _MODULES:
        for requirement in module.requirement.requirements:
            if requirement.id in found:
                raise ValueError(f"two checks claim to be {requirement.id}")
            if requirement.group not in GROUPS:
                raise ValueError(f"{requirement.id} belongs to no group of {', '.join(GROUPS)}")
            found[requirement.id] = requirement
    for requirement in found.values():
        for needed in requirement.needs:
            if needed not in found:
                raise ValueError(f"{requirement.id} needs {needed}, which is not in the catalogue")
    groups = list(GROUPS)
    return dict(sorted(found.items(), key=lambda item: (groups.index(item[1].group), item[1].order)))


def applicable(family: str) -> tuple[Requirement, ...]:
    """The requirements that make sense for a family: what a verdict on it is counted against."""
    return tuple(r for r in catalogue().values() if not r.families or family in r.families)


def with_needs(id: str) -> list[Requirement]:
    """A requirement and all those without which it says nothing.

    Raises:
        KeyError: the catalogue has no such requirement.
    """
    found: dict[str, Requirement] = {}
    waiting = [id]
    while waiting:
        requirement = catalogue()[waiting.pop()]
        if requirement.id not in found:
            found[requirement.id] = requirement
            waiting += requirement.needs
    return list(found.values())
