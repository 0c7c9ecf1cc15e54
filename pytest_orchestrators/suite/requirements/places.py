"""Where steps were executed: in the process of `run()` or elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.case import Case, Reader
from pytest_orchestrators.suite.evidence import Fact
from pytest_orchestrators.suite.requirements.looking import PLAIN, nothing_executed

#: Scenarios in which nothing goes wrong: two of few steps, and all of them.
FEW = ("order", "rerun")
HEALTHY = (*FEW, *(name for name in PLAIN if name not in FEW))


def steps_seen(reader: Reader, *scenarios: str) -> Iterator[tuple[Case, Fact]]:
    """Every step without an operator that was executed in these scenarios.

    Raises:
        Unobserved: nothing was executed in one of the runs.
    """
    for case in reader.cases(*scenarios):
        for fact in case.seen.events("started"):
            if not fact.facts.get("operator"):
                yield case, fact
        if not case.executed() | case.cached():
            raise nothing_executed(case)


def in_this_process(reader: Reader, case: Case, fact: Fact) -> bool:
    """Whether a step was executed by the process that called `run()`."""
    scenario = reader.scenario(case.scenario)
    return (fact.facts.get("place"), fact.pid) == (scenario.place, scenario.pid)
