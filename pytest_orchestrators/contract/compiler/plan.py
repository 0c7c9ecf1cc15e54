"""The plan of a pipeline: every step checked, with all names resolved, in an order of execution."""

from __future__ import annotations

import heapq
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from pytest_orchestrators.contract.authoring.invocation import StepInvocation
from pytest_orchestrators.contract.compiler.planned_step import PlannedStep, StepPlanner
from pytest_orchestrators.contract.errors import PipelineError
from pytest_orchestrators.contract.names import check_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_orchestrators.contract.authoring.pipeline import Pipeline
    from pytest_orchestrators.contract.stack.stack import Stack


def plan_pipeline(pipeline: Pipeline, stack: Stack) -> dict[str, PlannedStep]:
    """Check ``pipeline`` and return its steps in an order of execution: topological, ties by name.

    Raises PipelineError, naming the step, for whatever is wrong with it.
    """
    check_name("pipeline", pipeline.name, "a pipeline", PipelineError)
    where = f"pipeline {pipeline.name!r}"
    invocations = _by_name(pipeline, where)
    planner = StepPlanner(where, invocations, pipeline.enable_cache, stack.step_operators)
    planned = {name: planner.plan(invocation) for name, invocation in invocations.items()}
    return {name: planned[name] for name in _execution_order(planned, where)}


def _by_name(pipeline: Pipeline, where: str) -> dict[str, StepInvocation]:
    invocations: dict[str, StepInvocation] = {}
    for invocation in pipeline.steps:
        name = check_name("step", invocation.name, where, PipelineError)
        if name in invocations:
            raise PipelineError(
                f"Two steps of {where} are named {name!r}: give one another name with `.named(...)`."
            )
        if name == pipeline.name:
            raise PipelineError(
                f"Step {name!r} has the name of its pipeline, and TFX tells them apart by it: rename one."
            )
        invocations[name] = invocation
    if not invocations:
        raise PipelineError(f"There is no step in {where}: give it at least one.")
    return invocations


def _execution_order(planned: Mapping[str, PlannedStep], where: str) -> list[str]:
    sorter = TopologicalSorter({name: planned_step.upstream for name, planned_step in planned.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = " -> ".join(map(repr, error.args[1]))
        raise PipelineError(f"The steps of {where} wait for each other in a cycle: {cycle}.") from error
    order: list[str] = []
    ready = list(sorter.get_ready())
    heapq.heapify(ready)
    while ready:
        name = heapq.heappop(ready)
        order.append(name)
        sorter.done(name)
        for freed in sorter.get_ready():
            heapq.heappush(ready, freed)
    return order
