"""Scenarios for flavors whose steps overlap with each other, or with what their caller does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import chain, fan_in


def meeting(names: Names) -> Iterator[Run]:
    """Two steps that know nothing of each other, each of which waits until the other is under way, and one
    that reads both.
    """
    workload = fan_in(names, 2)
    yield Run(label="meeting", workload=workload, meets=workload.names[:2])


def submission(names: Names) -> Iterator[Run]:
    """The first step of a chain waits until `run()` has come back; then that of another one fails."""
    workload = chain(names, 2)
    yield Run(label="submitted", workload=workload, waits_in=workload.names[0], until_back=True)
    failing = chain(names, 2)
    yield Run(label="failed", workload=failing, faults={failing.names[0]: "raise"})


SCENARIOS = {"meeting": meeting, "submission": submission}
