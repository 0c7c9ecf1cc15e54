"""How long a scenario may take: worked out from how long the flavor took for its first."""

from __future__ import annotations

from pytest_orchestrators.suite.history import History, Run

#: Seconds that a scenario may take of which nothing is known: the first, or a history of somebody's own.
DEFAULT_BUDGET = 300.0
#: A run, or a step, may take so many times what the whole first scenario took.
PATIENCE = 10.0
#: Seconds that a scenario may take however quick the first one was, and however slow.
LEAST, MOST = 60.0, 3600.0


def calibrated(history: History, first: float) -> float:
    """The budget of a history for a flavor that took these seconds for one run of one step."""
    runs = [action for action in history.actions if isinstance(action, Run)]
    # A run beside another one is counted as if it were the same again.
    pieces = sum((1 + len(run.workload.steps)) * (2 if run.beside else 1) for run in runs)
    return min(max(PATIENCE * first * pieces, LEAST), MOST)
