"""Scenarios about the cache: identical runs, edits, switches, damage, a run name used again."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.history import Damage, Run
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import chain, diamond, feed, single
from pytest_orchestrators.suite.workload import OutputRef, Workload, WorkloadStep


def rerun(names: Names) -> Iterator[Run]:
    """A diamond, and the same diamond again under another run name; then a step of it once more, outside of
    any run.
    """
    workload = diamond(names)
    yield Run(label="first", workload=workload)
    yield Run(label="again", workload=workload, oversteps=True)


def another_process(names: Names) -> Iterator[Run]:
    """A chain, by an interpreter of its own; then the same chain here, under another run name."""
    workload = chain(names)
    yield Run(label="there", workload=workload, interpreter=True)
    yield Run(label="here", workload=workload)


def caching_off(names: Names) -> Iterator[Run]:
    """A chain whose middle step is never to be cached, beside a step that comes after it by order only;
    twice.
    """
    workload = chain(names)
    first, middle, _ = workload.names
    aside = WorkloadStep(name=names.one(), inputs=feed(first), after=(middle,))
    workload = Workload(name=workload.name, steps=(*workload.steps, aside)).edit(middle, cache=False)
    yield Run(label="first", workload=workload)
    yield Run(label="again", workload=workload)
    yield Run(label="switched on", workload=workload.edit(middle, cache=True))


def taken_up(names: Names) -> Iterator[Run]:
    """A chain whose first step is never to be cached, and whose second one fails; then without a failure."""
    workload = chain(names, 2)
    first, last = workload.names
    workload = workload.edit(first, cache=False)
    yield Run(label="failed", workload=workload, faults={last: "raise"})
    yield Run(label="mended", workload=workload)


def edits(names: Names) -> Iterator[Run]:
    """A parameter changed, a step's code changed, a parameter changed to one that looks alike.

    Beside the edited chain stand a step that comes after the edited one by order only, and one that has
    nothing to do with it.
    """
    source, edited, reader = names.falling(3)
    aside, apart = names.some(2)
    workload = Workload(
        name=names.one(),
        steps=(
            WorkloadStep(name=source, parameters={"n": 1}),
            WorkloadStep(name=edited, inputs=feed(source), parameters={"n": 1}),
            WorkloadStep(name=reader, inputs=feed(edited)),
            WorkloadStep(name=aside, inputs=feed(source), after=(edited,)),
            WorkloadStep(name=apart, parameters={"n": 1}),
        ),
    )
    yield Run(label="first", workload=workload)
    workload = workload.edit(edited, parameters={"n": 0})
    yield Run(label="changed parameter", workload=workload)
    workload = workload.edit(edited, edition="b")
    yield Run(label="changed code", workload=workload)
    workload = workload.edit(edited, parameters={"n": False})
    yield Run(label="0 became False", workload=workload)
    workload = workload.edit(source, parameters={"n": 2})
    yield Run(label="changed input", workload=workload)
    yield Run(label="unchanged", workload=workload)


def rewritten(names: Names) -> Iterator[Run]:
    """A step, and the same step when its code was written in another way, under the same name."""
    workload = single(names)
    yield Run(label="first", workload=workload)
    yield Run(label="rewritten", workload=workload.edit(workload.names[0], rewritten=True))


def rewired(names: Names) -> Iterator[Run]:
    """A step reads one output of another step, then another output of it, then both, and then both the other
    way round.
    """
    source, reader = names.falling(2)
    both = WorkloadStep(name=source, outputs=("west", "east"))
    west, east = (OutputRef(step=source, output=output) for output in both.outputs)
    workload = Workload(name=names.one(), steps=(both, WorkloadStep(name=reader)))
    yield Run(label="first", workload=workload.edit(reader, inputs={"x": west}))
    yield Run(label="another output", workload=workload.edit(reader, inputs={"x": east}))
    yield Run(label="both", workload=workload.edit(reader, inputs={"x": west, "y": east}))
    yield Run(label="swapped", workload=workload.edit(reader, inputs={"x": east, "y": west}))


def same_name(names: Names) -> Iterator[Run]:
    """A run that succeeded, and the same deployment again under the same run name; then once more, by an
    orchestrator that has seen nothing of it. The second step is never to be cached.
    """
    workload = chain(names, 2)
    workload = workload.edit(workload.names[1], cache=False)
    yield Run(label="once", workload=workload)
    yield Run(label="once", workload=workload)
    yield Run(label="once", workload=workload, afresh=True)


def damaged(names: Names) -> Iterator[Run | Damage]:
    """A file inside an artifact's folder is deleted, then a whole folder; each time the pipeline is run
    again.
    """
    workload = chain(names, 3)
    first, middle, _ = workload.names
    yield Run(label="first", workload=workload)
    yield Damage(label="first", artifact=OutputRef(step=middle), what="file")
    yield Run(label="file gone", workload=workload)
    yield Damage(label="first", artifact=OutputRef(step=first), what="folder")
    yield Run(label="folder gone", workload=workload)
    yield Run(label="whole again", workload=workload)


SCENARIOS = {
    "another_process": another_process,  # first: it takes long to start
    "rerun": rerun,
    "caching_off": caching_off,
    "taken_up": taken_up,
    "edits": edits,
    "rewritten": rewritten,
    "rewired": rewired,
    "same_name": same_name,
    "damaged": damaged,
}
