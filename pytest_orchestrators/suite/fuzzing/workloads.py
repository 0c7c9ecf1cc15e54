"""Workloads: pipelines of probe steps of every shape and size."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from hypothesis import strategies as st

from pytest_orchestrators.suite.fuzzing.asks import asked_resources, crons
from pytest_orchestrators.suite.fuzzing.knobs import check_choice, check_choices, check_range
from pytest_orchestrators.suite.fuzzing.names import STEMS, TIERS, dressed, forms, step_names
from pytest_orchestrators.suite.fuzzing.values import parameters as any_parameters
from pytest_orchestrators.suite.workload import OutputRef, Resources, Workload, WorkloadStep

#: Shapes of a pipeline; what shrinks ends in the first of them that still will do.
SHAPES = ("chain", "fan-out", "fan-in", "layers", "islands", "any")
#: Steps of a layer.
_WIDTH = 3
#: The most that a step reads from, or comes after, where that is drawn.
_UPSTREAM = 3
_OUTPUTS = ("output", "second", "third", "fourth")


def workloads(
    *,
    min_steps: int = 1,
    max_steps: int = 8,
    shapes: Collection[str] = SHAPES,
    names: str = "tame",
    stems: Sequence[str] = STEMS,
    max_outputs: int = 3,
    max_parameters: int = 3,
    order_edges: bool = True,
    caching: bool = True,
    resources: bool = True,
    schedules: bool = True,
    operator: str | None = None,
) -> st.SearchStrategy[Workload]:
    """Pipelines of probe steps as data.

    They shrink to fewer steps first, then to a chain, then to tame names and no parameters.

    Args:
        min_steps: the least number of steps, 1 or more.
        max_steps: the most.
        shapes: some of `SHAPES`: chain, fan-out, fan-in, layers, islands, any.
        names: how hostile names of pipelines and steps are at most: tame, odd, hostile.
        stems: what tame names begin with.
        max_outputs: the most outputs that a step has; there are steps with none.
        max_parameters: the most parameters that a step has.
        order_edges: whether some steps come after others without reading from them.
        caching: whether some steps must not be served from the cache.
        resources: whether some steps ask for resources.
        schedules: whether some pipelines have a schedule.
        operator: name of a step operator that some steps are to be executed by.

    Raises:
        InvalidArgument: an argument is none of these.
    """
    check_range("workloads", "steps", min_steps, max_steps, floor=1)
    check_choices("workloads", "shapes", shapes, SHAPES)
    check_choice("workloads", "names", names, TIERS)
    check_choices("workloads", "stems", stems, stems)
    check_range("workloads", "outputs", 1, max_outputs, floor=1)
    check_range("workloads", "parameters", 0, max_parameters)
    known_shapes = [shape for shape in SHAPES if shape in shapes]

    @st.composite
    def draw_workload(draw: st.DrawFn) -> Workload:
        few = st.integers(min_steps, min(max_steps, max(min_steps, 4)))
        count = draw(few | few | st.integers(min_steps, max_steps))
        shape = draw(st.sampled_from(known_shapes)) if count > 1 else known_shapes[0]
        step_name = draw(step_names(count, stems, names))
        pipeline = f"{draw(st.sampled_from(stems))}_pipeline"
        if names != "tame":
            pipeline = dressed(pipeline, draw(st.just("{}") | st.sampled_from(forms(names))))
        steps: list[WorkloadStep] = []
        for number in range(count):
            upstream = draw(_upstream(shape, number, count))
            order_only = order_edges and bool(upstream) and draw(_seldom())
            inputs, after = _edges(draw, steps, upstream, order_only)
            traits = draw(_traits(max_parameters, caching, resources, operator))
            made = draw(st.just(1) | st.integers(0, max_outputs))
            steps.append(
                WorkloadStep(
                    name=step_name[number], inputs=inputs, after=after, outputs=_OUTPUTS[:made], **traits
                )
            )
        schedule = draw(crons()) if schedules and draw(_seldom()) else None
        return Workload(name=pipeline, steps=tuple(steps), schedule=schedule)

    return draw_workload()


def _seldom() -> st.SearchStrategy[bool]:
    """True about once in six times, and seldom in what has shrunk."""
    return st.integers(0, 5).map(lambda drawn: drawn == 5)


def _upstream(shape: str, number: int, count: int) -> st.SearchStrategy[list[int]]:
    """The numbers of the steps that a step comes after."""
    if number == 0:
        return st.just([])
    if shape == "chain":
        return st.just([number - 1])
    if shape == "fan-out":
        return st.just([0])
    if shape == "fan-in":
        return st.just(list(range(number)) if number == count - 1 else [])
    if shape == "layers":
        layer = number // _WIDTH
        return st.just([n for n in range(number) if n // _WIDTH == layer - 1])
    if shape == "islands":
        return st.just([number - 1] if number % 2 else [])
    back = st.integers(1, number).map(lambda distance: number - distance)
    return st.lists(back, max_size=_UPSTREAM, unique=True)


def _edges(
    draw: st.DrawFn, done: Sequence[WorkloadStep], upstream: Sequence[int], order_only: bool
) -> tuple[dict[str, OutputRef], tuple[str, ...]]:
    """What a step reads, and what it comes after only; nothing can be read of a step without outputs."""
    inputs: dict[str, OutputRef] = {}
    after: list[str] = []
    for at in upstream:
        step = done[at]
        if not step.outputs or (order_only and at == upstream[0]):
            after.append(step.name)
        else:
            output = draw(st.sampled_from(step.outputs))
            inputs[f"from_{len(inputs)}"] = OutputRef(step=step.name, output=output)
    return inputs, tuple(after)


@st.composite
def _traits(
    draw: st.DrawFn, max_parameters: int, caching: bool, resources: bool, operator: str | None
) -> dict[str, Any]:
    """Everything about a step that does not depend on the others."""
    traits: dict[str, Any] = {"parameters": draw(any_parameters(max_parameters))}
    if caching and draw(_seldom()):
        traits["cache"] = False
    if operator is not None and draw(_seldom()):
        traits["operator"] = operator
    traits["resources"] = draw(asked_resources()) if resources and draw(_seldom()) else Resources()
    return traits
