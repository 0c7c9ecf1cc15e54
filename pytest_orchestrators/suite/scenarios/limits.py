"""Scenarios about what an orchestrator may not support: resources and schedules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import chain
from pytest_orchestrators.suite.workload import Resources, Workload, every, once

_TIMES = {
    "later": datetime(2040, 1, 1, 3),
    "later in a zone": datetime(2040, 1, 1, 3, tzinfo=timezone.utc),
    "long ago": datetime(2020, 1, 1, 3),
}


def resources(names: Names) -> Iterator[Run]:
    """Two steps that ask for the same resources, one that asks for none, and one that asks for others; run
    twice, so that the second is cached.
    """
    workload = chain(names, 4)
    *alike, _, last = workload.names
    for name in alike:
        workload = workload.edit(name, resources=Resources(cpu_count=1, memory="64MB"))
    workload = workload.edit(last, resources=Resources(gpu_count=0, memory="64MB"))
    yield Run(label="first", workload=workload)
    yield Run(label="again", workload=workload)


def schedule(names: Names) -> Iterator[Run]:
    """A pipeline without a schedule, the same with one, a step with resource settings that is to be run
    every hour, and one that is to be run at some time: later, later by the clock of a time zone, and long
    ago.
    """
    workload = chain(names, 2)
    yield Run(label="plain", workload=workload)
    scheduled = Workload(name=names.one(), steps=workload.steps, schedule="0 3 * * *")
    yield Run(label="scheduled", workload=scheduled)
    needy = chain(names, 1)
    needy = needy.edit(*needy.names, resources=Resources(cpu_count=1))
    hourly = Workload(name=names.one(), steps=needy.steps, schedule=every(seconds=3600))
    yield Run(label="every hour", workload=hourly)
    for label, at in _TIMES.items():
        step = chain(names, 1).steps
        yield Run(label=label, workload=Workload(name=names.one(), steps=step, schedule=once(at)))


SCENARIOS = {"resources": resources, "schedule": schedule}
