"""Wrong orders: steps that start before what they wait for."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from graphlib import TopologicalSorter
from typing import Any

from pytest_orchestrators import BaseOrchestrator, PipelineDeployment, Stack, Step, get_cache_status
from tests.broken.running import ChoosesSteps
from tests.broken.sins import sin
from tests.warns import Warns


@sin("RUN-2")
class Backwards(ChoosesSteps):
    """Runs the steps from the last to the first."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        yield from reversed(list(deployment.steps.values()))


@sin("RUN-2")
class SortsByName(ChoosesSteps):
    """Runs the steps in the order of their names."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        yield from (deployment.steps[name] for name in sorted(deployment.steps))


@sin("RUN-2")
class CountsCachedStepsTwice(Warns):
    """Counts, for each step, those that it waits for; one that is cached is noted by the cache as well."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        missing = {name: len(step.spec.upstream_steps) for name, step in deployment.steps.items()}
        ready = [name for name, count in missing.items() if count == 0]
        while ready:
            done = ready.pop(0)
            cached = get_cache_status(self.run_step(deployment.steps[done]))
            for name, step in deployment.steps.items():
                if done in step.spec.upstream_steps and missing[name] > 0:
                    missing[name] -= 2 if cached else 1
                    if missing[name] <= 0:
                        ready.append(name)


@sin("RUN-2")
class DepthByFirstUpstream(ChoosesSteps):
    """Runs the steps by their depth, which it takes from the first of those that they wait for."""

    looked_at = slice(1)

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        depths: dict[str, int] = {}
        for name, step in deployment.steps.items():
            upstream = step.spec.upstream_steps[self.looked_at]
            depths[name] = 1 + max((depths[each] for each in upstream), default=0)
        yield from sorted(deployment.steps.values(), key=lambda step: depths[step.config.name])


@sin("RUN-2")
class DepthByLastUpstream(DepthByFirstUpstream):
    """Runs the steps by their depth, which it takes from the last of those that they wait for."""

    looked_at = slice(-1, None)


@sin("RUN-2")
class AllAtOnce(Warns):
    """Starts all steps at the same time, whatever they wait for."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        with ThreadPoolExecutor(len(deployment.steps)) as pool:
            list(pool.map(self.run_step, deployment.steps.values()))


def data_upstream(orchestrator: BaseOrchestrator, name: str) -> set[str]:
    """The steps that a step reads from."""
    inputs = orchestrator._get_node_with_step_name(name).inputs.inputs.values()
    return {channel.producer_node_query.id for spec in inputs for channel in spec.channels}


@sin("RUN-16")
class OrdersByDataOnly(ChoosesSteps):
    """Sorts the steps by their inputs and, among those that are ready, by name."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        graph = {name: sorted(data_upstream(self, name)) for name in sorted(deployment.steps)}
        yield from (deployment.steps[name] for name in TopologicalSorter(graph).static_order())


@sin("RUN-16")
class LayersByData(Warns):
    """Runs what reads nothing at once, then what reads from that, and so on; order without data is lost."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        sorter = TopologicalSorter({name: data_upstream(self, name) for name in deployment.steps})
        sorter.prepare()
        with ThreadPoolExecutor(4) as pool:
            while sorter.is_active():
                ready = sorter.get_ready()
                list(pool.map(lambda name: self.run_step(deployment.steps[name]), ready))
                sorter.done(*ready)


@sin("RUN-16")
class NewestFirst(ChoosesSteps):
    """Of the steps that wait for nobody's outputs, it runs the newest first, to end what is begun; a step
    without outputs is waited for by nobody.
    """

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        waiting = dict(deployment.steps)
        while waiting:
            producers = {name for name, step in waiting.items() if step.config.outputs}
            ready = [n for n, step in waiting.items() if producers.isdisjoint(step.spec.upstream_steps)]
            yield waiting.pop(ready[-1])


@sin("RUN-16")
class SourcesFirst(ChoosesSteps):
    """Runs the steps without inputs first, in the order in which they stand, then the others."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        yield from sorted(deployment.steps.values(), key=lambda step: bool(step.config.inputs))
