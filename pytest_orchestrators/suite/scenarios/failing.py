"""Scenarios in which something fails: steps, hooks, inputs, the flavor's own code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import get_args

from pytest_orchestrators.suite.history import DeadlyFault, Fault, HookFault, LoneError, Run
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import chain, diamond, fan_in, feed
from pytest_orchestrators.suite.workload import OutputRef, Resources, Workload, WorkloadStep

#: Failures of a step other than the plain exception of `failure` and the interrupt of `interruption`.
OTHER_FAULTS: tuple[Fault, ...] = (
    "stop_iteration",  # first: FLR-1 looks at it, and not at what a failure before it leaves behind (CLN-4)
    *(f for f in get_args(Fault) if f not in ("raise", "interrupt", "stop_iteration")),
)


def failure(names: Names) -> Iterator[Run]:
    """One branch of a diamond raises; mended, the same diamond runs again, and another pipeline after it.

    One step comes after the failing branch by order only, and another one after that.
    """
    workload = diamond(names)
    top, left, _, _ = workload.names
    east = {"x": OutputRef(step=top, output="east")}
    behind = WorkloadStep(name=names.one(), inputs=east, after=(left,))
    far = WorkloadStep(name=names.one(), inputs=east, after=(behind.name,))
    workload = Workload(name=workload.name, steps=(*workload.steps, behind, far))
    yield Run(label="failed", workload=workload, faults={left: "raise"})
    yield Run(label="mended", workload=workload)
    yield Run(label="another", workload=chain(names, 2))


def failing_first(names: Names) -> Iterator[Run]:
    """The first step of a chain raises; nothing has failed before it."""
    workload = chain(names, 2)
    yield Run(label="failed", workload=workload, faults={workload.names[0]: "raise"})


def failing_last(names: Names) -> Iterator[Run]:
    """The last step of a chain raises, one that has no output; nothing has failed before it. Then a step of
    it is run once more, outside of any run.
    """
    workload = chain(names, 2)
    workload = workload.edit(workload.names[1], outputs=())
    yield Run(label="failed", workload=workload, faults={workload.names[1]: "raise"}, oversteps=True)


def _raising(error: LoneError, what: str) -> Callable[[Names], Iterator[Run]]:
    """The scenario in which a step raises this."""

    def raising(names: Names) -> Iterator[Run]:
        workload = chain(names, 2)
        yield Run(label="failed", workload=workload, faults={workload.names[0]: error})

    raising.__doc__ = f"The first step of a chain raises {what}; nothing has failed before it."
    return raising


def two_failures(names: Names) -> Iterator[Run]:
    """Two steps that know nothing of each other raise; mended, they run again."""
    workload = fan_in(names, 2)
    yield Run(label="failed", workload=workload, faults=dict.fromkeys(workload.names[:2], "raise"))
    yield Run(label="mended", workload=workload)


def failing_beside(names: Names) -> Iterator[Run]:
    """A step raises while another one, which knows nothing of it, is under way for a while, if the flavor has
    several under way at a time: whoever takes one after the other comes to the failing one first.
    """
    failing, long = sorted(names.some(2))
    workload = Workload(name=names.one(), steps=(WorkloadStep(name=failing), WorkloadStep(name=long)))
    yield Run(label="failed", workload=workload, faults={failing: "raise"}, seconds={long: 6.0})


def first_attempt_fails(names: Names) -> Iterator[Run]:
    """A step that asks for resources raises when it is tried for the first time; whoever tries again comes
    to a good end.
    """
    workload = chain(names, 2)
    first = workload.names[0]
    workload = workload.edit(first, resources=Resources(cpu_count=1, memory="64MB"))
    yield Run(label="first attempt fails", workload=workload, faults={first: "raise_at_first"})


def failed_name_again(names: Names) -> Iterator[Run]:
    """A run fails; mended, its pipeline runs again under the same run name, and then once more, by an
    orchestrator that has seen nothing of it.
    """
    workload = chain(names, 2)
    yield Run(label="once", workload=workload, faults={workload.names[1]: "raise"})
    yield Run(label="once", workload=workload)
    yield Run(label="once", workload=workload, afresh=True)


def failure_after_hits(names: Names) -> Iterator[Run]:
    """A chain, and the same chain again with another last step, which raises: those before it are cached."""
    workload = chain(names)
    last = workload.names[-1]
    yield Run(label="first", workload=workload)
    changed = workload.edit(last, parameters={"n": "other"})
    yield Run(label="failed", workload=changed, faults={last: "raise"})


def failure_kinds(names: Names) -> Iterator[Run]:
    """Every other way in which a step can fail, each in the middle of a chain; then all is mended.

    What follows comes after the failing step by order only: whoever takes the failure for a success can run
    it, and comes to a good end.
    """
    first, middle, last = names.falling(3)
    steps = (
        WorkloadStep(name=first),
        WorkloadStep(name=middle, inputs=feed(first), outputs=("output", "second")),
        WorkloadStep(name=last, inputs=feed(first), after=(middle,)),
    )
    workload = Workload(name=names.one(), steps=steps)
    yield from each_in_turn(workload, middle, OTHER_FAULTS)


def each_in_turn(workload: Workload, step: str, faults: Iterable[Fault | DeadlyFault]) -> Iterator[Run]:
    """A run for every fault of a step, labelled by it, and one in which all is mended."""
    for fault in faults:
        yield Run(label=fault, workload=workload, faults={step: fault})
    yield Run(label="mended", workload=workload)


def interruption(names: Names) -> Iterator[Run]:
    """A step is interrupted as by Ctrl-C; then the same pipeline runs again.

    On both sides of it, by name and as they are written, are steps that are as ready as it is, and not lost
    with it: whoever takes one step after the other has one of them behind it.
    """
    first, behind, middle, before, last = names.falling(5)
    ready = (WorkloadStep(name=name, inputs=feed(first)) for name in (before, middle, behind))
    steps = (WorkloadStep(name=first), *ready, WorkloadStep(name=last, inputs=feed(middle)))
    workload = Workload(name=names.one(), steps=steps)
    yield Run(label="interrupted", workload=workload, faults={middle: "interrupt"})
    yield Run(label="afterwards", workload=workload)


def missing_input(names: Names) -> Iterator[Run]:
    """A step's input is taken off the record before the step runs, by another one that feeds it."""
    source, between, reader, behind = names.falling(4)
    steps = (*_fed_twice(source, between, reader), WorkloadStep(name=behind, inputs=feed(reader)))
    workload = Workload(name=names.one(), steps=steps)
    yield Run(label="lost", workload=workload, loses={between: OutputRef(step=source)})
    yield Run(label="afterwards", workload=workload)


def _fed_twice(source: str, between: str, reader: str) -> tuple[WorkloadStep, ...]:
    """A step that reads from one, and from another one that reads from it; only itself may be cached."""
    return (
        WorkloadStep(name=source, cache=False),
        WorkloadStep(name=between, inputs=feed(source), cache=False),
        WorkloadStep(name=reader, inputs=feed(source, between)),
    )


def missing_input_of_last(names: Names) -> Iterator[Run]:
    """The same happens to a step that comes last and has no output."""
    source, between, reader = names.falling(3)
    workload = Workload(name=names.one(), steps=_fed_twice(source, between, reader)).edit(reader, outputs=())
    yield Run(label="lost", workload=workload, loses={between: OutputRef(step=source)})


def hooks(names: Names) -> Iterator[Run]:
    """The hook before a step fails, the hook after a step fails, and a step and the hook after it both
    fail.
    """
    workload = chain(names)
    middle = workload.names[1]
    prepare: HookFault = "prepare_step_run"
    cleanup: HookFault = "cleanup_step_run"
    yield Run(label="prepare fails", workload=workload, hook_faults={middle: prepare})
    yield Run(
        label="step and cleanup fail",
        workload=workload,
        faults={middle: "raise"},
        hook_faults={middle: cleanup},
    )
    yield Run(label="cleanup fails", workload=workload, hook_faults={middle: cleanup})
    yield Run(label="afterwards", workload=workload)


def hook_of_last(names: Names) -> Iterator[Run]:
    """The hook after the last step of a pipeline fails; and again, when that step is cached."""
    workload = chain(names, 2)
    for label in ("failed", "cached"):
        yield Run(label=label, workload=workload, hook_faults={workload.names[1]: "cleanup_step_run"})


def missing_class(names: Names) -> Iterator[Run]:
    """The class of a step's outputs cannot be loaded, then that of its inputs."""
    workload = chain(names)
    yield Run(label="class gone", workload=workload, lost_class=workload.names[1])
    yield Run(label="class of inputs gone", workload=workload, lost_class=workload.names[1], lost_inputs=True)
    yield Run(label="afterwards", workload=workload)


def class_lost_later(names: Names) -> Iterator[Run]:
    """A pipeline that runs well, and again when a class of its outputs cannot be loaded any more."""
    workload = chain(names, 2)
    last = workload.names[1]
    workload = workload.edit(last, cache=False)
    yield Run(label="before", workload=workload)
    yield Run(label="class gone", workload=workload, lost_class=last)


def own_code(names: Names) -> Iterator[Run]:
    """Preparing fails before the run is active, and when it is; the flavor's own code fails; then a good
    deployment runs.
    """
    workload = chain(names, 2)
    yield Run(label="preparation fails", workload=workload, run_fault="preparation")
    yield Run(label="preparation fails late", workload=workload, run_fault="end_of_preparation")
    yield Run(label="flavor's code fails", workload=workload, run_fault="flavor")
    yield Run(label="afterwards", workload=workload)


SCENARIOS = {
    "failure": failure,
    "failing_first": failing_first,
    "failing_last": failing_last,
    "raises_import_error": _raising("import_error", "an error of importing"),
    "raises_attribute_error": _raising("attribute_error", "an error about an attribute"),
    "raises_name_error": _raising("name_error", "an error about a name"),
    "two_failures": two_failures,
    "failing_beside": failing_beside,
    "first_attempt_fails": first_attempt_fails,
    "failed_name_again": failed_name_again,
    "failure_after_hits": failure_after_hits,
    "failure_kinds": failure_kinds,
    "interruption": interruption,
    "missing_input": missing_input,
    "missing_input_of_last": missing_input_of_last,
    "hooks": hooks,
    "hook_of_last": hook_of_last,
    "missing_class": missing_class,
    "class_lost_later": class_lost_later,
    "own_code": own_code,
}
