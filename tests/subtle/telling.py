"""Wrong in what is said, and in what is called around steps."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, Step
from reference_flavors.local import LocalOrchestrator
from tests.broken.caching import MutesLoggers
from tests.subtle.registry import subtly


@subtly("WRN-3")
class PlainSchedules(LocalOrchestrator):
    """Warns of schedules with five fields, and does not know that there are others."""

    def warn_schedule_ignored(self, deployment: PipelineDeployment) -> None:
        schedule = deployment.schedule
        if schedule is None or "@" not in (schedule.cron_expression or ""):
            super().warn_schedule_ignored(deployment)


@subtly("WRN-1")
class WarnsOfThree(LocalOrchestrator):
    """Warns of the resources of three steps, which is enough to be understood."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> None:
        self._warned = 0
        super().prepare_or_run_pipeline(deployment, stack)

    def warn_resources_ignored(self, step: Step) -> None:
        self._warned += self.requires_resources_in_orchestration_environment(step)
        if self._warned <= 3:
            super().warn_resources_ignored(step)


@subtly("WRN-1")
class ForgetsHalves(LocalOrchestrator):
    """Half a processor is nothing to talk about."""

    def warn_resources_ignored(self, step: Step) -> None:
        resources = step.config.resource_settings
        if resources.cpu_count != 0.5:
            super().warn_resources_ignored(step)


@subtly("WRN-1")
class WarnsOfWhatIsUsual(LocalOrchestrator):
    """Does not warn of the resources of a step with three parameters."""

    def warn_resources_ignored(self, step: Step) -> None:
        if len(step.config.parameters) < 3:
            super().warn_resources_ignored(step)


@subtly("LOG-1")
class QuietFromTheTenth(MutesLoggers):
    """Has become quiet by the time of the tenth step."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        self._run = getattr(self, "_run", 0) + 1
        if self._run > 9:
            logging.getLogger(self.logger).setLevel(logging.WARNING)
        return super().run_step(step, run_name)

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> None:
        self._run = 0
        if len(deployment.steps) == 12:  # as many as somebody might look at
            self._run = -12
        super().prepare_or_run_pipeline(deployment, stack)


@subtly("CLN-3")
class NoHooksAroundThree(LocalOrchestrator):
    """Around a step with three outputs no hooks are called."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        run = self._require_active_run()
        if len(step.config.outputs) < 3:
            return super().run_step(step, run_name)
        stack, run.stack = run.stack, _Unhooked(run.stack)
        try:
            return super().run_step(step, run_name)
        finally:
            run.stack = stack


class _Unhooked:
    """A stack whose hooks around steps are not called."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stack, name)

    def prepare_step_run(self, info: Any) -> None:
        """Nothing."""

    def cleanup_step_run(self, info: Any) -> None:
        """Nothing."""


@subtly("CLN-5")
class WatchesLargePipelines(LocalOrchestrator):
    """A pipeline of more than twelve steps is watched by a thread, which is never told to end."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> None:
        if len(deployment.steps) > 12:
            threading.Thread(target=time.sleep, args=(30,), daemon=True, name="watcher").start()
        super().prepare_or_run_pipeline(deployment, stack)


@subtly("RUN-8")
class NotesAccelerators(LocalOrchestrator):
    """Tells a step that asks for eight accelerators of them by a parameter, in the deployment itself."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> None:
        super().prepare_or_run_pipeline(deployment, stack)
        for step in deployment.steps.values():
            if step.config.resource_settings.gpu_count == 8:
                step.config.parameters["gpus"] = 8
