"""Scenarios about runs that are cut short or not alone: interrupted, killed, called twice, beside another."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.history import Beside, Halt, Moment, Run
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import chain, chain_of, single
from pytest_orchestrators.suite.workload import Workload, WorkloadStep

#: Steps that most flavors begin at a time, at most.
_AT_A_TIME = 8


def stopped(names: Names) -> Iterator[Run]:
    """The process that called `run()` is interrupted while a step runs; then the same pipeline runs again;
    then one is interrupted that has more steps than most flavors begin at a time, none of which waits for
    another, and one in its last step.

    What follows comes after the step by order only: whoever goes on after an interrupt can run it.
    """
    first, behind = names.falling(2)
    steps = (WorkloadStep(name=first), WorkloadStep(name=behind, after=(first,)))
    workload = Workload(name=names.one(), steps=steps)
    yield Run(label="stopped", workload=workload, waits_in=first, interrupted=True)
    yield Run(label="afterwards", workload=workload)
    one, *others = names.falling(_AT_A_TIME + 1)
    wide = Workload(name=names.one(), steps=tuple(WorkloadStep(name=name) for name in (one, *others)))
    yield Run(label="many ready", workload=wide, waits_in=one, wait_too=tuple(others), interrupted=True)
    last = single(names)
    yield Run(label="in the last step", workload=last, waits_in=last.names[0], interrupted=True)


def called_twice(names: Names) -> Iterator[Run]:
    """While a step of a run waits, `run()` is called again on the same orchestrator, for another pipeline
    whose last step has the same name; then, for a pipeline of the same name with another first step, so that
    a step of that one waits, too, while the first goes on. In the end the step of that name is the first of
    both, and done in the run that waits.
    """
    for label, waits in (("first", False), ("both in the middle", True)):
        workload = chain(names, 2)
        shared = workload.names[1]
        pipeline = workload.name if waits else names.one()
        other = chain_of(pipeline, (names.one(), shared)).edit(shared, parameters={"n": "other"})
        yield Run(
            label=label,
            workload=workload,
            waits_in=workload.names[0],
            meanwhile=other,
            meanwhile_waits=waits,
        )
    workload = chain(names, 2)
    shared, last = workload.names
    other = chain_of(names.one(), (shared, names.one())).edit(shared, parameters={"n": "other"})
    yield Run(label="behind a step", workload=workload, waits_in=last, meanwhile=other)
    yield Run(label="afterwards", workload=chain(names, 2))


def shared_stores(names: Names) -> Iterator[Run]:
    """Two processes run pipelines on the same stores, whose steps have the same names and other parameters.

    Both begin at the same moment, on stores that nobody has opened before. Later one begins while the other
    is in the middle of a step, and that one ends while this is in the middle of a step; these are runs of one
    pipeline. In the end the other one fails while this is in the middle of a step.
    """
    for label, together in (("both open the stores", True), ("one begins, the other ends", False)):
        workload = chain(names, 3)
        other = chain_of(names.one() if together else workload.name, workload.names)
        for name in workload.names:
            other = other.edit(name, parameters={"n": "other"})
        beside = Beside(workload=other, same_stores=True, together=together)
        yield Run(label=label, workload=workload, waits_in=workload.names[1], beside=beside)
    workload = chain(names, 3)
    other = chain_of(names.one(), workload.names).edit(workload.names[0], parameters={"n": "other"})
    beside = Beside(workload=other, same_stores=True, faults={workload.names[2]: "raise"})
    yield Run(label="the other fails", workload=workload, waits_in=workload.names[1], beside=beside)


def killed_early(names: Names) -> Iterator[Run]:
    """The process that called `run()` is killed before a deployment or a step begins, or as the step does; in
    the end another pipeline comes first.
    """
    yield Run(label="undisturbed", workload=chain(names, 2))
    yield from _killed(chain(names, 2), "prepare_pipeline_deployment", None, same_first=False)
    yield from _killed_in_both_steps(names, "prepare_step_run")
    yield from _killed_in_both_steps(names, "started")
    last = chain(names, 2)
    label, another = "killed before another pipeline", chain(names, 2)
    yield Run(label=label, workload=last, killed_at=Halt(moment="started", step=last.names[1]))
    yield Run(label="another pipeline", workload=another)
    yield Run(label=f"{label}, anew", workload=last)


def killed_late(names: Names) -> Iterator[Run]:
    """The process that called `run()` is killed with the output of a step half stored, or just behind it."""
    yield Run(label="undisturbed", workload=chain(names, 2))
    yield from _killed_in_both_steps(names, "storing")
    yield from _killed_in_both_steps(names, "cleanup_step_run")


def _killed_in_both_steps(names: Names, moment: Moment) -> Iterator[Run]:
    for number in (0, 1):
        workload = chain(names, 2)
        yield from _killed(workload, moment, number, same_first=bool(number))


def _killed(workload: Workload, moment: Moment, number: int | None, same_first: bool) -> Iterator[Run]:
    """A run that is killed, and the same pipeline again, under the same run name and under a new one."""
    step = None if number is None else workload.names[number]
    label = f"killed in {moment}" + ("" if number is None else f" of step {number + 1}")
    yield Run(label=label, workload=workload, killed_at=Halt(moment=moment, step=step))
    again, anew = Run(label=label, workload=workload), Run(label=f"{label}, anew", workload=workload)
    yield from (again, anew) if same_first else (anew, again)


SCENARIOS = {
    "stopped": stopped,
    "called_twice": called_twice,
    "shared_stores": shared_stores,
    "killed_early": killed_early,
    "killed_late": killed_late,
}
