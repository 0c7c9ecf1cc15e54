"""Judging many orchestrators, each in a fork of this process, in which everything is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial

from pytest_orchestrators.suite.apart import ChildLost
from pytest_orchestrators.suite.case import Reader
from pytest_orchestrators.suite.catalogue import applicable, catalogue
from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.judge import judge, judge_alone
from pytest_orchestrators.suite.requirement import Requirement
from pytest_orchestrators.suite.verdict import Status
from tests.forks import AT_ONCE, in_forks
from tests.judging import asked, evidence_shortly, session_on, stores
from tests.matrix.rows import Contestant, Row

#: Seconds after which a verdict is not waited for: who starts an interpreter for every step needs minutes.
PATIENCE_S = 1200.0


def rows_of(contestants: Iterable[Contestant]) -> Iterator[Row]:
    """Judge all of them; their rows, as they come to their ends.

    Some are judged at once, but of those on containers one after the other: wrong ones lay hands on the
    containers of others, and all of them have one engine.
    """
    everybody = list(contestants)
    alone = [each for each in everybody if each.contained]
    yield from _rows_of(alone, at_once=1)
    yield from _rows_of([each for each in everybody if not each.contained], AT_ONCE)


def _rows_of(contestants: Iterable[Contestant], at_once: int) -> Iterator[Row]:
    work = ((contestant, partial(_evidence_on, contestant)) for contestant in contestants)
    for contestant, text in in_forks(work, PATIENCE_S, at_once):
        row = contestant.row
        if isinstance(text, ChildLost):
            yield row.model_copy(update={"lost": str(text)})
            continue
        # Judged here, in a process in which no wrong orchestrator has done anything.
        evidence = Evidence.model_validate_json(text)
        row = row.judged(judge(evidence)) if contestant.whole else row.seen_to_fail(_failing(evidence))
        yield row.model_copy(update={"shown_in": _shown_in(evidence, row.named_by)})


def _evidence_on(contestant: Contestant) -> str:
    """Everything that is seen of one orchestrator."""
    with stores() as root:
        if not contestant.whole:
            return evidence_shortly(contestant.flavor, contestant.row.named_by, root).model_dump_json()
        with closing(session_on(contestant.flavor, root)) as session:
            return asked(session).model_dump_json()


def _shown_in(evidence: Evidence, ids: Iterable[str]) -> dict[str, str]:
    """Of these requirements, the first scenario that has each fail on its own."""

    def fails(requirement: Requirement, *names: str) -> bool:
        alone = {name: evidence.scenarios[name] for name in names}
        reader = Reader(evidence.model_copy(update={"scenarios": alone}))
        return judge_alone(requirement, reader).status is Status.FAILED

    found = {}
    for requirement in map(catalogue().__getitem__, ids):
        reads = requirement.reads_with(evidence.environment.capabilities)
        alone = (name for name in reads if name in evidence.scenarios and fails(requirement, name))
        if not fails(requirement) and (name := next(alone, None)):
            found[requirement.id] = name
    return found


def _failing(evidence: Evidence) -> tuple[str, ...]:
    """The requirements that fail in what there is, whatever they need."""
    reader, profile = Reader(evidence), evidence.environment.capabilities
    return tuple(
        requirement.id
        for requirement in applicable(evidence.environment.family)
        if not requirement.not_applicable(profile)
        and judge_alone(requirement, reader).status is Status.FAILED
    )
