"""Which waivers of the table are about which flavor, and whether each can be about anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_orchestrators.selection.errors import SelectionError
from pytest_orchestrators.selection.known import is_source, known_flavors
from pytest_orchestrators.selection.settings import TABLE, Settings, WaiverSettings, nearest
from pytest_orchestrators.suite.catalogue import applicable, catalogue
from pytest_orchestrators.suite.counterexample import NoCounterExample, read_counter_example
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.waivers import Waiver


def with_waivers(subjects: Sequence[Subject], settings: Settings, root: Path) -> tuple[Subject, ...]:
    """The subjects, each with the waivers that are about it.

    Args:
        subjects: the flavors.
        settings: the table.
        root: what the files of counter-examples are relative to.

    Raises:
        SelectionError: a waiver is of something that is not in the catalogue, that is advisory, or that says
            nothing about orchestrators of the flavor's kind; it is about a flavor that there is not, or
            names a counter-example that is none.
    """
    complaints = [line for id in settings.waivers for line in _complaints(id)]
    complaints += _unknown_flavors(subjects, settings)
    complaints += [line for subject in subjects for line in _foreign(subject, settings)]
    if complaints:
        lines = [f"  {line}" for line in complaints]
        raise SelectionError("\n".join([f"[{TABLE}.waivers] is not valid:", *lines]))
    pins, complaints = _pins(settings, root)
    if complaints:
        raise SelectionError("\n".join([f"[{TABLE}.waivers] is not valid:", *complaints]))
    return tuple(replace(subject, waivers=tuple(_of(subject, settings, pins))) for subject in subjects)


def _pins(settings: Settings, root: Path) -> tuple[dict[str, History], list[str]]:
    """The histories that waivers name, by the requirement's id, and what is wrong with what they name."""
    pins: dict[str, History] = {}
    complaints: list[str] = []
    for id, waiver in settings.waivers.items():
        if waiver.example is not None:
            try:
                pins[id] = read_counter_example(root / waiver.example).history
            except NoCounterExample as error:
                complaints.append(f"  {id}.example: {error}")
    return pins, complaints


def _complaints(id: str) -> Iterator[str]:
    requirement = catalogue().get(id)
    if requirement is None:
        yield f"{id}: there is no such requirement{_nearest_id(id)}"
    elif requirement.level == "advisory":
        yield f"{id}: it is advisory, fails nothing, and needs no waiver"


def _nearest_id(id: str) -> str:
    """The id that was probably meant, or those of the group, or the groups: not all of the catalogue."""
    group = [known for known in catalogue() if known.startswith(id.upper().split("-")[0] + "-")]
    return nearest(id.upper(), group or catalogue())


def _unknown_flavors(subjects: Sequence[Subject], settings: Settings) -> Iterator[str]:
    known = sorted({*known_flavors(settings), *(subject.name for subject in subjects)})
    for id, waiver in settings.waivers.items():
        for name in waiver.flavors or ():
            if name not in known and not is_source(name):
                yield f"{id}.flavors: there is no orchestrator flavor {name!r}{nearest(name, known)}"


def _foreign(subject: Subject, settings: Settings) -> Iterator[str]:
    """Waivers of requirements that make no sense for the flavor's family."""
    family = subject.family.name
    foreign = catalogue().keys() - {requirement.id for requirement in applicable(family)}
    for id, waiver in settings.waivers.items():
        if id in foreign and _is_about(waiver, subject):
            yield (
                f"{id}: it says nothing about {subject.name}, a flavor of the family {family}; name "
                "those that it is about: flavors = [...]"
            )


def _is_about(waiver: WaiverSettings, subject: Subject) -> bool:
    return waiver.flavors is None or not {subject.name, subject.source}.isdisjoint(waiver.flavors)


def _of(subject: Subject, settings: Settings, pins: Mapping[str, History]) -> Iterator[Waiver]:
    """The waivers that are about a flavor."""
    for id, waiver in settings.waivers.items():
        if _is_about(waiver, subject):
            terms = waiver.model_dump(exclude={"flavors"})
            yield Waiver(id=id, pinned=pins.get(id), **terms)
