"""Workloads: pipelines of probe steps of every shape and size."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from pytest_orchestrators.suite.fuzzing.asks import asked_resources, crons
from pytest_orchestrators.suite.fuzzing.choosing import lists_of, seldom
from pytest_orchestrators.suite.fuzzing.knobs import (
    check_choice,
    check_choices,
    check_flags,
    check_most,
    check_range,
    check_texts,
)
from pytest_orchestrators.suite.fuzzing.names import STEMS, TIERS, Naming
from pytest_orchestrators.suite.fuzzing.values import MOST_PARAMETERS
from pytest_orchestrators.suite.fuzzing.values import parameters as any_parameters
from pytest_orchestrators.suite.workload import OutputRef, Workload, WorkloadStep

#: Shapes of a pipeline; what shrinks ends in the first of them that still will do.
SHAPES = ("chain", "fan-out", "fan-in", "layers", "islands", "any")
#: The most steps of every other pipeline: what many steps show, few show as well, and sooner.
_FEW = 4
#: Steps of a layer.
_WIDTH = 3
#: Of so many pipelines one has steps with an operator, where there is one.
_OPERATED = 5
#: How far back the steps are that a step reads from, or comes after, where that is drawn.
_BACK = st.lists(st.integers(0, 59), max_size=3, unique=True)
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
        max_outputs: the most outputs that a step has, up to 4; there are steps with none.
        max_parameters: the most parameters that a step has, up to 8.
        order_edges: whether some steps come after others without reading from them.
        caching: whether some steps must not be served from the cache.
        resources: whether some steps ask for resources.
        schedules: whether some pipelines have a schedule.
        operator: name of a step operator that some steps of some pipelines are to be executed by.

    Raises:
        InvalidArgument: an argument is none of these.
    """
    check_range("workloads", "steps", min_steps, max_steps, floor=1)
    check_choices("workloads", "shapes", shapes, SHAPES)
    check_choice("workloads", "names", names, TIERS)
    check_texts("workloads", "stems", stems)
    check_most("workloads", "outputs", max_outputs, floor=1, ceiling=len(_OUTPUTS))
    check_most("workloads", "parameters", max_parameters, ceiling=MOST_PARAMETERS)
    check_flags(
        "workloads", order_edges=order_edges, caching=caching, resources=resources, schedules=schedules
    )
    if operator is not None:
        check_texts("workloads", "operator", [operator])
    known_shapes = [shape for shape in SHAPES if shape in shapes]

    some_parameters = any_parameters(max_parameters, odd_names=names != "tame")
    some_quirks = {  # those for which more is drawn come last: what is drawn shrinks to others
        operated: _quirks(
            order=order_edges, cache=caching, operator=operated, resources=resources, outputs=True
        )
        for operated in (False, True)
    }

    @st.composite
    def draw_workload(draw: st.DrawFn) -> Workload:
        # What comes first shrinks first. All that is drawn for a step is drawn in one piece, and is little:
        # what hypothesis leaves out at a time is a few choices in a row.
        most = draw(st.sampled_from((max(min_steps, min(max_steps, _FEW)), max_steps)))
        shape = draw(st.sampled_from(known_shapes))
        naming = Naming(draw, stems, names)
        operated = operator is not None and draw(seldom(_OPERATED))  # operators take their time
        back = _BACK if shape == "any" else st.just(())
        some_pieces = _pieces(some_quirks[operated], some_parameters, max_outputs, operator, naming, back)
        pieces = lists_of(draw, some_pieces, min_steps, most)
        step_names = naming.names([piece.manner for piece in pieces])
        steps: list[WorkloadStep] = []
        for number, piece in enumerate(pieces):
            upstream = _upstream(shape, number, len(pieces), piece.back)
            inputs, after = _edges(number, [steps[at] for at in upstream], "order" in piece.quirks)
            steps.append(WorkloadStep(name=step_names[number], inputs=inputs, after=after, **piece.traits))
        schedule = draw(crons()) if schedules and draw(seldom(6)) else None
        return Workload(name=naming.pipeline, steps=tuple(steps), schedule=schedule)

    return draw_workload()


@dataclass(frozen=True)
class _Piece:
    """All that is drawn for one step."""

    quirks: Collection[str]
    traits: dict[str, Any]
    manner: tuple[int, str]
    back: Sequence[int]


@st.composite
def _pieces(
    draw: st.DrawFn,
    some_quirks: st.SearchStrategy[Sequence[str]],
    some_parameters: st.SearchStrategy[dict[str, Any]],
    max_outputs: int,
    operator: str | None,
    naming: Naming,
    back: st.SearchStrategy[Sequence[int]],
) -> _Piece:
    quirks = draw(some_quirks)
    return _Piece(
        quirks=quirks,
        traits=draw(_traits(quirks, some_parameters, max_outputs, operator)),
        manner=naming.manner(),
        back=draw(back),
    )


def _quirks(**wanted: bool) -> st.SearchStrategy[Sequence[str]]:
    """What is out of the ordinary with a step: nothing, or one or two of those that are wanted."""
    some = st.lists(
        st.sampled_from([name for name in wanted if wanted[name]]), min_size=1, max_size=2, unique=True
    )
    nothing: st.SearchStrategy[Sequence[str]] = st.just(())
    return nothing | some


def _upstream(shape: str, number: int, count: int, back: Sequence[int]) -> list[int]:
    """The numbers of the steps that a step comes after."""
    if number == 0:
        return []
    if shape == "chain":
        return [number - 1]
    if shape == "fan-out":
        return [0]
    if shape == "fan-in":
        return list(range(number)) if number == count - 1 else []
    if shape == "layers":
        layer = number // _WIDTH
        return [n for n in range(number) if n // _WIDTH == layer - 1]
    if shape == "islands":
        return [number - 1] if number % 2 else []
    return list(dict.fromkeys(number - 1 - distance % number for distance in back))


def _edges(
    number: int, upstream: Sequence[WorkloadStep], order_only: bool
) -> tuple[dict[str, OutputRef], tuple[str, ...]]:
    """What a step reads, and what it comes after only; nothing can be read of a step without outputs."""
    inputs: dict[str, OutputRef] = {}
    after: list[str] = []
    for at, step in enumerate(upstream):
        if not step.outputs or (order_only and at == 0):
            after.append(step.name)
        else:
            output = step.outputs[(number + at) % len(step.outputs)]
            inputs[f"from_{len(inputs)}"] = OutputRef(step=step.name, output=output)
    return inputs, tuple(after)


@st.composite
def _traits(
    draw: st.DrawFn,
    quirks: Collection[str],
    parameters: st.SearchStrategy[dict[str, Any]],
    max_outputs: int,
    operator: str | None,
) -> dict[str, Any]:
    """Everything about a step that does not depend on the others."""
    traits: dict[str, Any] = {"parameters": draw(parameters)}
    if "outputs" in quirks:
        traits["outputs"] = _OUTPUTS[: draw(st.integers(0, max_outputs))]
    if "cache" in quirks:
        traits["cache"] = False
    if "operator" in quirks:
        traits["operator"] = operator
    if "resources" in quirks:
        traits["resources"] = draw(asked_resources())
    return traits
