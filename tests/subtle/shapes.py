"""Wrong with pipelines of some size or shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

from pytest_orchestrators import PipelineDeployment, Step
from pytest_orchestrators.probes.steps import PARAMETER
from tests.broken.nodes import PAYLOAD, RewritesNodes
from tests.broken.order import data_upstream
from tests.broken.running import ChoosesSteps
from tests.subtle.registry import subtly


def upstream(deployment: PipelineDeployment) -> dict[str, list[str]]:
    """The steps that each step comes after."""
    return {name: list(step.spec.upstream_steps) for name, step in deployment.steps.items()}


def levels(deployment: PipelineDeployment) -> dict[str, int]:
    """How many steps there are, at most, on a way to each step."""
    graph, found = upstream(deployment), dict[str, int]()
    for name in TopologicalSorter(graph).static_order():
        found[name] = max((found[before] + 1 for before in graph[name]), default=0)
    return found


@subtly("RUN-1")
class RunsTwelve(ChoosesSteps):
    """A submission holds twelve steps; what is beyond is not submitted."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        yield from list(deployment.steps.values())[:12]


@subtly("RUN-1")
class StopsAtDepth(ChoosesSteps):
    """Walks down five levels of a pipeline, and no further."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        level = levels(deployment)
        yield from (step for name, step in deployment.steps.items() if level[name] <= 5)


@subtly("RUN-1", "RUN-2")
class NumbersAsText(ChoosesSteps):
    """Where the names of all steps end in numbers, it goes by these, and sorts them as text."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        names = list(deployment.steps)
        stems = {name.rpartition("_")[0] for name in names}
        if len(stems) == 1 and all(name.rpartition("_")[2].isdigit() for name in names) and len(names) > 4:
            names.sort(key=lambda name: name.rpartition("_")[2])
        yield from (deployment.steps[name] for name in names)


def islands(deployment: PipelineDeployment) -> list[set[str]]:
    """The pieces of a pipeline that have nothing to do with each other."""
    found: list[set[str]] = []
    for name, before in upstream(deployment).items():
        touched = [island for island in found if island.intersection(before)]
        found = [island for island in found if island not in touched]
        found.append({name}.union(*touched))
    return found


@subtly("RUN-1")
class OneIslandTooFew(ChoosesSteps):
    """Of three and more pieces of a pipeline that each have several steps, it does not see the last."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        several = [island for island in islands(deployment) if len(island) > 1]
        lost = several[-1] if len(several) > 2 else set[str]()
        yield from (step for name, step in deployment.steps.items() if name not in lost)


@subtly("RUN-1")
class CountsInOneDigit(ChoosesSteps):
    """Loses the last of nine and of ten steps."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        steps = list(deployment.steps.values())
        yield from steps[:-1] if len(steps) in (9, 10) else steps


class Eager(ChoosesSteps):
    """Of the steps that are ready it runs first what comes last; on its own in a right order."""

    def waits_for(self, name: str, step: Step, deployment: PipelineDeployment) -> list[str]:
        """The steps that a step waits for."""
        del name, deployment
        return list(step.spec.upstream_steps)

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        graph = {name: self.waits_for(name, step, deployment) for name, step in deployment.steps.items()}
        sorter, ready = TopologicalSorter(graph), list[str]()
        sorter.prepare()
        while sorter.is_active():
            ready += sorter.get_ready()
            ready.sort(key=list(graph).index)
            sorter.done(name := ready.pop())
            yield deployment.steps[name]


@subtly("RUN-16")
class OrderOfLargePipelines(Eager):
    """From seven steps on it goes by data alone."""

    def waits_for(self, name: str, step: Step, deployment: PipelineDeployment) -> list[str]:
        if len(deployment.steps) < 7:
            return super().waits_for(name, step, deployment)
        return sorted(data_upstream(self, name))


@subtly("RUN-16")
class OrderBesideTwoInputs(Eager):
    """What reads from two steps and more does not wait for one that it reads nothing from."""

    def waits_for(self, name: str, step: Step, deployment: PipelineDeployment) -> list[str]:
        read = data_upstream(self, name)
        return sorted(read) if len(read) > 1 else super().waits_for(name, step, deployment)


@subtly("RUN-16")
class OrderBehindManyParameters(Eager):
    """Nobody waits, without reading from it, for a step that has three parameters."""

    def waits_for(self, name: str, step: Step, deployment: PipelineDeployment) -> list[str]:
        read = data_upstream(self, name)
        steps = deployment.steps
        return [b for b in step.spec.upstream_steps if b in read or len(steps[b].config.parameters) < 3]


@subtly("RUN-3")
class SecondForThird(RewritesNodes):
    """Who reads the third output of a step is given the second."""

    def rewrite(self, node: Any) -> None:
        for spec in node.inputs.inputs.values():
            for channel in spec.channels:
                if channel.output_key == "out_third":
                    channel.output_key = "out_second"


@subtly("RUN-3")
class ThirdForMany(RewritesNodes):
    """The fourth and all further inputs of a step that has parameters are the third once more."""

    def rewrite(self, node: Any) -> None:
        names = sorted(node.inputs.inputs)
        parameters = json.loads(node.parameters.parameters[PAYLOAD].field_value.string_value)["parameters"]
        if any(name.startswith(PARAMETER) for name in parameters):
            for name in names[3:]:
                node.inputs.inputs[name].CopyFrom(node.inputs.inputs[names[2]])
