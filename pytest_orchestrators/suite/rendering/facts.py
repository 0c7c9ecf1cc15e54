"""What is told about a requirement, in the order in which it is told: on a terminal and on its page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pytest_orchestrators.suite.requirement import Requirement


class Told(NamedTuple):
    """One thing that is told about a requirement.

    Attributes:
        field: of the requirement, which it is made from.
        title: what it is about, for example `Why`.
        text: prose, or the lines of a program.
        names: the scenarios or requirements that it consists of; empty for what is no list of names.
    """

    field: str
    title: str
    text: str
    names: tuple[str, ...] = ()


def facts(requirement: Requirement) -> Iterator[Told]:
    """What is known of a requirement besides its sentence and level; what is not known is left out."""
    told = (
        Told("why", "Why", requirement.why),
        Told("observed", "How it is observed", requirement.observed),
        _list("reads", "Scenarios", requirement.reads),
        _list("needs", "Says nothing without", requirement.needs),
        _list("families", "Only for the family", requirement.families),
        Told("example", "Wrong", requirement.example),
        Told("fix", "What mends it", requirement.fix),
        Told("limits", "What it does not see", requirement.limits),
        Told("provenance", "Seen in", requirement.provenance),
        Told("since", "In the contract since", requirement.since),
    )
    return (each for each in told if each.text)


def _list(field: str, title: str, names: tuple[str, ...]) -> Told:
    return Told(field, title, ", ".join(names), names)


def level(requirement: Requirement) -> str:
    """The level in words, with the capability that it hangs on."""
    if requirement.capability:
        return f"{requirement.level} [{requirement.capability}]"
    return requirement.level + (f" unless [{requirement.exempt}]" if requirement.exempt else "")
