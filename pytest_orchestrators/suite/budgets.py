"""How long a scenario may take: worked out from how long the flavor took for its first."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.history import History, Run
from pytest_orchestrators.suite.workload import Workload

#: Seconds that a scenario may take of which nothing is known: the first, or a history of somebody's own.
DEFAULT_BUDGET = 300.0
#: A run, or a step, may take so many times what the whole first scenario took.
PATIENCE = 10.0
#: Seconds that the first scenario counts for at least: its one step may be the only one that is not launched
#: in a process of its own, and machines are busier later.
QUICKEST = 0.5
#: Seconds that a scenario may take however quick the first one was, and however slow.
LEAST, MOST = 60.0, 3600.0


def calibrated(history: History, first: float) -> float:
    """The budget of a history for a flavor that took these seconds for one run of one step."""
    steps = sum(len(workload.steps) for run in history.runs for workload in _workloads(run))
    return min(max(PATIENCE * max(first, QUICKEST) * (len(history.runs) + steps), LEAST), MOST)


def _workloads(run: Run) -> Iterator[Workload]:
    """All that goes on in a run: its own workload, and those beside it."""
    yield run.workload
    if run.meanwhile is not None:
        yield run.meanwhile
    if run.beside is not None:
        yield run.beside.workload
