"""Judging flavors in tests: a session on a flavor class, as the plugin would make one."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from pytest_orchestrators.families import family_of
from pytest_orchestrators.probes import questions
from pytest_orchestrators.suite.apart import Child
from pytest_orchestrators.suite.budgets import DEFAULT_BUDGET
from pytest_orchestrators.suite.carrying import Limits, carry_out
from pytest_orchestrators.suite.case import Reader
from pytest_orchestrators.suite.catalogue import applicable, catalogue
from pytest_orchestrators.suite.evidence import ScenarioEvidence
from pytest_orchestrators.suite.family import Family
from pytest_orchestrators.suite.judge import judge_alone, judge_apart
from pytest_orchestrators.suite.observers.budget import GRACE
from pytest_orchestrators.suite.scenarios import scenario
from pytest_orchestrators.suite.session import Session
from pytest_orchestrators.suite.stores import temporary_stores
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.verdict import Judgement, Status, Verdict

SEED = "a seed of the tests"
# Wrong orchestrators have steps wait in vain, which need not take as long as with somebody else's.
questions.MEETING_S = questions.RETURN_S = 2.0
#: Whether the long way is taken: CI sets the variable.
THOROUGH = bool(os.environ.get("PYTEST_ORCHESTRATORS_THOROUGH"))


def session_on(
    flavor: type, root: Path, config: Mapping[str, Any] | None = None, budget: float = DEFAULT_BUDGET
) -> Session:
    """A session on a flavor; nothing has been carried out yet."""
    family = family_of(flavor)
    subject = Subject(
        name=flavor.__qualname__,
        source=f"{flavor.__module__}:{flavor.__qualname__}",
        flavor=flavor if family.name == "toy" else flavor(),
        family=family,
        config=dict(config or {}),
        capabilities=frozenset(getattr(flavor, "capabilities", ())),
    )
    return Session(subject, root, SEED, budget)


def judged(session: Session, requirements: Iterable[str] | None = None) -> Verdict:
    """The verdict on a flavor that is asked for these requirements, or for the whole catalogue."""
    wanted = requirements or [r.id for r in applicable(session.subject.family.name)]
    for requirement in wanted:
        session.ask(requirement)
    return judge_apart(session.evidence)


def judgement_on(flavor: type, requirement: str) -> Judgement:
    """The judgement of one requirement on a flavor.

    The long way is a session's: all scenarios are carried out that the requirement, and those that it needs,
    look at. The short one leaves out the needs and stops with the first scenario that has it fail.
    """
    with stores() as root:
        session = session_on(flavor, root)
        return session.ask(requirement) if THOROUGH else _shortly(session, requirement, root)


def _shortly(session: Session, id: str, root: Path) -> Judgement:
    subject, requirement = session.subject, catalogue()[id]
    _warm_up(subject.family)
    probes = dict(subject.family.inspect(subject.flavor, subject.config))
    scenarios: dict[str, ScenarioEvidence] = {}
    for name in (*requirement.reads_with(subject.profile), ""):
        gathered = session.evidence.model_copy(update={"probes": probes, "scenarios": scenarios})
        judgement = judge_alone(requirement, Reader(gathered))
        if judgement.status is Status.FAILED or not name:
            break
        (root / name).mkdir()
        scenarios[name] = _carried_out_apart(name, subject, root / name)
    return judgement


def _carried_out_apart(name: str, subject: Subject, root: Path) -> ScenarioEvidence:
    """In a child process: what a wrong flavor leaves behind is not left to the next one."""
    limits = Limits(DEFAULT_BUDGET)
    child = Child(lambda: carry_out(scenario(name, SEED), subject, root, limits).model_dump_json())
    return ScenarioEvidence.model_validate_json(child.answer(DEFAULT_BUDGET + GRACE))


@cache
def _warm_up(family: Family) -> None:
    """Once in this process, as a session does."""
    family.prepare()


#: Where there is memory to be had as a folder: the record writes through to the disk at every step.
_IN_MEMORY = Path(os.environ.get("PYTEST_ORCHESTRATORS_TEST_STORES", "/dev/shm"))


@contextmanager
def stores() -> Iterator[Path]:
    """A folder for the stores of a session; what a wrong flavor still runs by a timer ends before it goes."""
    memory = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    with temporary_stores(memory) as folder, quietly():
        yield folder
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer):
                thread.join()


@contextmanager
def quietly() -> Iterator[None]:
    """Keep what runs have to say from standard error, without keeping the suite from hearing it."""
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, [logging.NullHandler()]
    try:
        yield
    finally:
        root.handlers = handlers
