"""Wrong ways of running once more: after a failure, under a name that is used, when everything is cached."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from pytest_orchestrators import PipelineDeployment, Stack, Step, get_cache_status
from reference_flavors.local import LocalOrchestrator
from tests.broken.caching import set_caching
from tests.broken.nodes import RewritesNodes
from tests.broken.sins import sin


@sin("RUN-4")
class NothingForNothing(LocalOrchestrator):
    """A run that was served from the cache as a whole has nothing to hand back."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> list[str]:
        self._executed: list[str] = []
        super().prepare_or_run_pipeline(deployment, stack)
        return self._executed

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        if not get_cache_status(info):
            self._executed.append(step.config.name)
        return info

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        return super().run(deployment, stack) or None


@sin("CCH-2")
class TakesUpWhatFailed(RewritesNodes):
    """The run after a failed one of the same pipeline takes from the cache whatever is there."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._unfinished: set[str] = set()
        self._takes_up = False

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        name = deployment.pipeline.name
        self._takes_up = name in self._unfinished
        self._unfinished.add(name)
        super().prepare_or_run_pipeline(deployment, stack)
        self._unfinished.discard(name)

    def rewrite(self, node: Any) -> None:
        if self._takes_up:
            set_caching(node, True)


@sin("CCH-8")
class NamesTheSecondAnew(LocalOrchestrator):
    """A run that has succeeded before is another run, under a name that tells the two apart."""

    _run_name: str | None = None

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        done = all(self.settle_step(step) for step in deployment.steps.values())
        self._run_name = f"{deployment.run_name}-{uuid4().hex[:6]}" if done else deployment.run_name
        super().prepare_or_run_pipeline(deployment, stack)

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        return super().run_step(step, run_name or self._run_name)
