"""Wrong after some history, or under some name of a run."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack
from reference_flavors.local import LocalOrchestrator
from tests.broken.caching import StartsFromScratch
from tests.subtle.caching import CachesAtTimes
from tests.subtle.registry import subtly


@subtly("CCH-8")
class ThirdTime(StartsFromScratch):
    """Who runs a run for the third time must want to have it run."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._times: Counter[str] = Counter()

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._times[deployment.run_name] += 1
        if self._times[deployment.run_name] > 2:
            return super().prepare_or_run_pipeline(deployment, stack)
        return LocalOrchestrator.prepare_or_run_pipeline(self, deployment, stack)


@subtly("CCH-8")
class RepeatsWhatHasNoOutputs(StartsFromScratch):
    """A run with a step that has no outputs is taken for one that was not made."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if any(not step.config.outputs for step in deployment.steps.values()):
            return super().prepare_or_run_pipeline(deployment, stack)
        return LocalOrchestrator.prepare_or_run_pipeline(self, deployment, stack)


@subtly("CCH-1", "CCH-3")
class TiresOfAPipeline(CachesAtTimes):
    """From its third run on a pipeline of one step is executed each time."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._times: Counter[str] = Counter()

    def blind(self, deployment: PipelineDeployment, node: Any) -> bool:
        self._times[deployment.pipeline.name] += 1
        return len(deployment.steps) == 1 and self._times[deployment.pipeline.name] > 2


@subtly("RUN-1", "RUN-5", "RUN-6")
class KnowsPipelinesByStep(LocalOrchestrator):
    """Two pipelines with the same steps, and more than two of them, are one: the first name is the name."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._names: dict[tuple[str, ...], str] = {}

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> None:
        steps = tuple(deployment.steps)
        if (
            len(steps) > 2
            and self._names.setdefault(steps, deployment.pipeline.name) != deployment.pipeline.name
        ):
            return
        super().prepare_or_run_pipeline(deployment, stack)
