"""Workloads of the shapes that pipelines have."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.workload import OutputRef, Workload, WorkloadStep


def feed(*steps: str) -> dict[str, OutputRef]:
    """Inputs from the first output of these steps."""
    return {f"from_{number}": OutputRef(step=step) for number, step in enumerate(steps)}


def single(names: Names) -> Workload:
    """One step."""
    return Workload(name=names.one(), steps=(WorkloadStep(name=names.one(), parameters={"n": 1}),))


def chain(names: Names, length: int = 3) -> Workload:
    """Steps one behind the other, their names in falling order."""
    return chain_of(names.one(), names.falling(length))


def chain_of(pipeline: str, steps: Sequence[str]) -> Workload:
    """A chain of steps of these names."""
    chained = []
    for number, name in enumerate(steps):
        inputs = feed(steps[number - 1]) if number else {}
        chained.append(WorkloadStep(name=name, inputs=inputs, parameters={"n": number}))
    return Workload(name=pipeline, steps=tuple(chained))


def fan_out(names: Names, width: int = 3) -> Workload:
    """One step that feeds several; the last of these has no output of its own."""
    root, *leaves = names.falling(width + 1)
    steps = [WorkloadStep(name=root)]
    steps += [
        WorkloadStep(name=leaf, inputs=feed(root), parameters={"n": n}) for n, leaf in enumerate(leaves)
    ]
    steps[-1] = steps[-1].model_copy(update={"outputs": ()})
    return Workload(name=names.one(), steps=tuple(steps))


def fan_in(names: Names, width: int = 3) -> Workload:
    """Several steps that feed one."""
    *roots, sink = names.falling(width + 1)
    steps = [WorkloadStep(name=root, parameters={"n": n}) for n, root in enumerate(roots)]
    return Workload(name=names.one(), steps=(*steps, WorkloadStep(name=sink, inputs=feed(*roots))))


def diamond(names: Names) -> Workload:
    """One step with two outputs, a branch on each, and a step that brings them together."""
    top, left, right, bottom = names.falling(4)
    return Workload(
        name=names.one(),
        steps=(
            WorkloadStep(name=top, outputs=("west", "east"), parameters={"n": 1}),
            WorkloadStep(name=left, inputs={"x": OutputRef(step=top, output="west")}, parameters={"n": 2}),
            WorkloadStep(name=right, inputs={"x": OutputRef(step=top, output="east")}, parameters={"n": 3}),
            WorkloadStep(name=bottom, inputs=feed(left, right), parameters={"n": 4}),
        ),
    )


def disconnected(names: Names) -> Workload:
    """Two chains that know nothing of each other."""
    first, second = chain_of(names.one(), names.falling(2)), chain_of(names.one(), names.falling(2))
    return Workload(name=names.one(), steps=(*first.steps, *second.steps))


def wide(names: Names, width: int = 11) -> Workload:
    """A layer of more than ten independent steps and one that reads them all."""
    layer = names.numbered(width)
    steps = [WorkloadStep(name=name, parameters={"n": n}) for n, name in enumerate(layer)]
    return Workload(name=names.one(), steps=(*steps, WorkloadStep(name=names.one(), inputs=feed(*layer))))


def uneven(names: Names) -> Workload:
    """Branches of one step and of three come together, once with the longer one first, once with it last.

    Whoever takes the depth of a step from one of those that it waits for comes to it too early.
    """
    deep, deeper, deepest, shallow, first, last = names.falling(6)
    return Workload(
        name=names.one(),
        steps=(
            *chain_of("", (deep, deeper, deepest)).steps,
            WorkloadStep(name=shallow),
            WorkloadStep(name=first, inputs=feed(deepest, deep)),
            WorkloadStep(name=last, inputs=feed(shallow, deepest)),
        ),
    )


#: Shapes other than the single step.
SHAPES = {
    "chain": chain,
    "fan-out": fan_out,
    "fan-in": fan_in,
    "diamond": diamond,
    "disconnected parts": disconnected,
    "wide layer": wide,
    "branches of unequal length": uneven,
}
