"""Right orchestrators that are called a second time in the middle of a run; each answers in its own way."""

from __future__ import annotations

import threading
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, Step
from reference_flavors.local import LocalOrchestrator
from tests.right.flavors import right


@right
class OneAfterTheOther(LocalOrchestrator):
    """A second call waits until the first has come to its end."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._turn = threading.Lock()

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        with self._turn:
            return super().run(deployment, stack)


class _Inner(LocalOrchestrator):
    """Runs one deployment, once."""


@right
class OneForEachRun(LocalOrchestrator):
    """Every run has an orchestrator of its own, to which this one is only the door."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._mine = threading.local()

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        for step in deployment.steps.values():
            self.warn_resources_ignored(step)
            self.run_step(step)

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        inner = _Inner(self.name, self.config)
        with inner.active_run(deployment, stack):
            self._mine.inner = inner
            return self.prepare_or_run_pipeline(deployment, stack)

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        inner = getattr(self._mine, "inner", None)
        # Outside a run, the base class knows what to say.
        return inner.run_step(step, run_name) if inner else super().run_step(step, run_name)
