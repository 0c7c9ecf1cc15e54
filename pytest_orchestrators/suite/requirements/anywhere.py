"""What requirements have to say about histories that nobody thought of: about which of their runs, and how.

A run that was refused for its names before anything happened is no run for any of them but ISO-3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import dropwhile, takewhile
from typing import get_args

from pytest_orchestrators.suite.case import Case
from pytest_orchestrators.suite.history import DeadlyFault
from pytest_orchestrators.suite.model import Reason
from pytest_orchestrators.suite.requirement import Anywhere, Finding
from pytest_orchestrators.suite.requirements.looking import RAISED, not_cached, not_executed

#: Names that can be told from other words in a log.
_TAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")
#: What nobody lives to see in the process that it happens to.
_DEADLY = frozenset(get_args(DeadlyFault))
_BECAUSE = {
    "new": "it never ran before",
    "off": "caching is off for it, or for what it reads from",
    "changed": "it was changed, or what it reads",
    "failed": "it failed before, or what it reads from did",
    "gone": "files of it are gone, or of what it reads from",
    "identical": "the run is identical to one before",
    "unchanged": "nothing about it has changed",
}


def each(check: Callable[[Case], Iterable[Finding]]) -> Callable[[Sequence[Case]], Iterator[Finding]]:
    """A check of one run, made of each."""

    def check_each(cases: Sequence[Case]) -> Iterator[Finding]:
        for case in cases:
            yield from check(case)

    return check_each


def any_run(cases: Sequence[Case]) -> list[Case]:
    """All runs but those that were refused."""
    return [case for case in cases if not case.refused]


def successes(cases: Sequence[Case]) -> list[Case]:
    """Runs in which nothing goes wrong, under a run name of their own."""
    return [case for case in any_run(cases) if not case.expected.raises and not _again(case)]


def at_first(cases: Sequence[Case]) -> list[Case]:
    """Those of them before the first in which something goes wrong."""
    return successes([*takewhile(lambda case: not case.expected.raises, cases)])


def named(cases: Sequence[Case]) -> list[Case]:
    """Those whose steps can be found in a log by their names."""
    return [case for case in successes(cases) if all(map(_TAME.fullmatch, case.expected.steps))]


def heard(cases: Sequence[Case]) -> list[Case]:
    """Those of them that have no step operator, which launches its step where it cannot be heard."""
    return [case for case in named(cases) if not any(s.operator for s in case.seen.action.workload.steps)]


def once(cases: Sequence[Case]) -> list[Case]:
    """Runs under a run name that has not succeeded: another may rightly be refused."""
    return [case for case in any_run(cases) if not case.expected.repeats]


def repeated(
    check: Callable[[Case, Case], Iterable[Finding]],
) -> Callable[[Sequence[Case]], Iterator[Finding]]:
    """A check of a run and a later one under the same run name, made of each that comes after one that
    succeeded.
    """

    def check_repeated(cases: Sequence[Case]) -> Iterator[Finding]:
        first: dict[tuple[str, str], Case] = {}
        for case in cases:
            key = case.seen.action.workload.name, case.label
            if not case.expected.repeats:
                first[key] = case
            elif key in first:
                yield from check(first[key], case)

    return check_repeated


def failures(cases: Sequence[Case]) -> list[Case]:
    """Runs in which something goes wrong."""
    return [case for case in any_run(cases) if case.expected.raises]


def failing_steps(cases: Sequence[Case]) -> list[Case]:
    """Runs in which a step raises or is interrupted, and nothing else goes wrong."""
    return [
        case
        for case in failures(cases)
        if case.expected.faults
        and RAISED.keys() >= set(case.expected.faults.values())
        and not case.seen.action.hook_faults
    ]


def settled_failures(cases: Sequence[Case]) -> list[Case]:
    """Runs in which something goes wrong that whoever launches the step lives to see."""
    return [case for case in failures(cases) if _lived_through(case)]


def unbroken(cases: Sequence[Case]) -> list[Case]:
    """Runs of which all processes live to their end."""
    return [case for case in any_run(cases) if not case.expected.raises or _lived_through(case)]


def lost_processes(cases: Sequence[Case]) -> list[Case]:
    """Runs in which the process of a step is lost."""
    return [case for case in failures(cases) if _deadly(case)]


def failing_hooks(cases: Sequence[Case]) -> list[Case]:
    """Runs in which a hook fails."""
    return [case for case in failures(cases) if case.seen.action.hook_faults]


def hostile(cases: Sequence[Case]) -> list[Case]:
    """Runs that may be refused for their names, whether they were or not, under a run name of their own."""
    return [case for case in cases if case.seen.action.hostile and not case.expected.repeats]


def after_failures(cases: Sequence[Case]) -> list[Case]:
    """Runs from the first on in which something goes wrong."""
    rest = [*dropwhile(lambda case: not case.expected.raises, cases)]
    return [*failures(rest), *successes(rest)]


def hooked(cases: Sequence[Case]) -> list[Case]:
    """Runs in which hooks are to be called as usual: no hook fails, and nobody interrupts."""
    return [
        case
        for case in any_run(cases)
        if not _again(case)
        and not (case.seen.action.hook_faults or case.seen.action.interrupted or case.seen.action.run_fault)
        and not {"interrupt", *_DEADLY}.intersection(case.seen.action.faults.values())
    ]


def by_cache(*reasons: Reason) -> Anywhere:
    """In runs in which nothing goes wrong, steps are executed or cached as they must be for these reasons."""

    def check(case: Case) -> Iterator[Finding]:
        for reason in reasons:
            steps = {name for name, step in case.expected.steps.items() if step.because == reason}
            executed = frozenset(steps & case.expected.certainly("executed"))
            yield from not_executed(case, executed, _BECAUSE[reason])
            cached = frozenset(steps & case.expected.certainly("cached"))
            yield from not_cached(case, cached, _BECAUSE[reason])

    return Anywhere(successes, each(check))


def _again(case: Case) -> bool:
    """Whether it is not as any other: under a run name that was used, or with a step that was tried again."""
    return case.expected.repeats or "raise_at_first" in case.seen.action.faults.values()


def _lived_through(case: Case) -> bool:
    """Whether whoever launches steps lives to see the end of each."""
    return not case.seen.action.interrupted and not _deadly(case)


def _deadly(case: Case) -> bool:
    return not _DEADLY.isdisjoint(case.expected.faults.values())
