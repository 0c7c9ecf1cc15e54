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
from pytest_orchestrators.suite.case import GENERATED, Reader
from pytest_orchestrators.suite.catalogue import applicable, catalogue
from pytest_orchestrators.suite.evidence import Environment, Evidence, GeneratedEvidence, ScenarioEvidence
from pytest_orchestrators.suite.family import Family
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.judge import judge_alone, judge_apart
from pytest_orchestrators.suite.observers.budget import GRACE
from pytest_orchestrators.suite.packing import Packed
from pytest_orchestrators.suite.scenarios import scenario
from pytest_orchestrators.suite.session import Session
from pytest_orchestrators.suite.stores import temporary_stores
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.verdict import Judgement, Status, Verdict

SEED = "a seed of the tests"
#: One example in which nothing was done.
_NOTHING = GeneratedEvidence(
    wanted=1,
    seed=0,
    profile="none",
    examples=Packed(ScenarioEvidence, [ScenarioEvidence(name=GENERATED, actions=())]),
)
# Wrong orchestrators have steps wait in vain, which need not take as long as with somebody else's.
questions.MEETING_S = questions.RETURN_S = 2.0


class ScenariosOnly(Session):
    """A session that is content with scenarios: what is generated is left to the tests that are about it."""

    @property
    def evidence(self) -> Evidence:
        """As if something had been generated."""
        return super().evidence.model_copy(update={"generated": _NOTHING})


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
    return ScenariosOnly(subject, root, SEED, budget)


def reader_of(*scenarios: ScenarioEvidence, capabilities: tuple[str, ...] = ()) -> Reader:
    """What a check is given of scenarios that were made by hand."""
    environment = Environment(flavor="f", source="s", family="native", capabilities=capabilities)
    gathered = {one.name: one for one in scenarios}
    return Reader(Evidence(contract="1.0", environment=environment, scenarios=gathered))


def asked(session: Session, requirements: Iterable[str] | None = None) -> Evidence:
    """The evidence after a flavor was asked for these requirements, or for the whole catalogue."""
    catalogue_of_family = applicable(session.subject.family.name)
    wanted = [r.id for r in catalogue_of_family] if requirements is None else list(requirements)
    session.plan(wanted)
    for requirement in wanted:
        session.ask(requirement)
    return session.evidence


def judged(session: Session, requirements: Iterable[str] | None = None) -> Verdict:
    """The verdict on a flavor that is asked for these requirements, or for the whole catalogue."""
    return judge_apart(asked(session, requirements))


def judgement_on(flavor: type, id: str, begin_with: str = "") -> Judgement:
    """The judgement of one requirement on a flavor, got the short way (see `evidence_shortly`)."""
    with stores() as root:
        return judge_alone(catalogue()[id], Reader(evidence_shortly(flavor, [id], root, begin_with)))


def evidence_shortly(flavor: type, ids: Iterable[str], root: Path, begin_with: str = "") -> Evidence:
    """Evidence in which these requirements fail, if they do.

    What they need is left out, and of each the first scenario that has it fail is the last one. The long way
    is the matrix's (`tests.matrix`).

    Args:
        flavor: the flavor class.
        ids: the requirements.
        root: a folder for the stores.
        begin_with: the scenario that is carried out first, if a requirement reads it.
    """
    session = session_on(flavor, root)
    subject = session.subject
    _warm_up(subject.family)
    evidence = session.evidence.model_copy(
        update={"probes": dict(subject.family.inspect(subject.flavor, subject.config))}
    )
    for requirement in map(catalogue().__getitem__, ids):
        for name in sorted(requirement.reads_with(subject.profile), key=lambda name: name != begin_with):
            if judge_alone(requirement, Reader(evidence)).status is Status.FAILED:
                break
            if name not in evidence.scenarios:
                (root / name).mkdir()
                seen = carried_out_apart(scenario(name, SEED), subject, root / name)
                evidence = evidence.model_copy(update={"scenarios": {**evidence.scenarios, name: seen}})
    return evidence


def carried_out_apart(history: History, subject: Subject, root: Path) -> ScenarioEvidence:
    """In a child process: what a wrong flavor leaves behind is not left to the next one."""
    child = Child(lambda: carry_out(history, subject, root, Limits(DEFAULT_BUDGET)).model_dump_json())
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
