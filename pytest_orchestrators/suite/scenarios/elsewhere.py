"""Scenarios for flavors whose steps run in processes or containers of their own."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.history import Beside, DeadlyFault, Run
from pytest_orchestrators.suite.scenarios.failing import each_in_turn
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import single
from pytest_orchestrators.suite.workload import Workload, WorkloadStep

#: Ways in which a step's process can end without an exception, on any machine.
_ENDS: tuple[DeadlyFault, ...] = ("os_exit", "kill", "os_exit_zero")


def printing(names: Names) -> Iterator[Run]:
    """A step prints to standard output and to standard error, each line once the one before was heard."""
    workload = single(names)
    [step] = workload.names
    lines = tuple(f"{names.one()} is line {number} of {step}" for number in (1, 2, 3))
    yield Run(label="printing", workload=workload, prints={step: lines})


def lost_process(names: Names) -> Iterator[Run]:
    """The process of a step ends by an exit code, by a signal, and without having failed; then all is mended.

    What follows comes after the step by order only: whoever takes its end for a success can run it.
    """
    victim, behind = names.falling(2)
    steps = (WorkloadStep(name=victim), WorkloadStep(name=behind, after=(victim,)))
    workload = Workload(name=names.one(), steps=steps)
    yield from each_in_turn(workload, victim, _ENDS)


def out_of_memory(names: Names) -> Iterator[Run]:
    """The memory of a step's container is limited while it runs, and the step takes more."""
    workload = single(names)
    yield Run(label="out of memory", workload=workload, faults={workload.names[0]: "out_of_memory"})


def neighbours(names: Names) -> Iterator[Run]:
    """A run alone, and a run beside that of another process and containers of somebody else."""
    first, second, other = single(names), single(names), single(names)
    # It waits until the container that it runs in was looked at.
    yield Run(label="alone", workload=first, waits_in=first.names[0])
    yield Run(label="with neighbours", workload=second, beside=Beside(workload=other))


SCENARIOS = {
    "printing": printing,
    "lost_process": lost_process,
    "out_of_memory": out_of_memory,
    "neighbours": neighbours,
}
