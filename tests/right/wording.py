"""Right orchestrators that say more than others, or say it in other words."""

from __future__ import annotations

import logging
from typing import Any

from pytest_orchestrators import GlobalConfiguration, PipelineDeployment, Stack, Step
from reference_flavors.local import LocalOrchestrator
from tests.right.flavors import right
from tests.right.in_this_process import TriesAgain
from tests.right.relying import TellsMilliseconds
from tests.right.telling import End, TellsOfSteps

logger = logging.getLogger(__name__)


@right
class TellsThousands(TellsMilliseconds):
    """Sets off the thousands of its milliseconds by commas."""

    amount = "{:,.0f}"


@right
class SpeaksOfTasks(TellsOfSteps):
    """Has other words for everything (tasks that begin and end, timetables), and warns before each task of
    what nobody has asked for.
    """

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        for name in deployment.steps:
            logger.warning("task %s: no time limit is configured", name)
        return super().prepare_or_run_pipeline(deployment, stack)

    def warn_schedule_ignored(self, deployment: PipelineDeployment) -> None:
        if deployment.schedule is not None:
            logger.warning("timetables are not kept here, starting at once")

    def begins(self, name: str) -> None:
        logger.info("task %s: begin", name)

    def ends(self, name: str, how: End, seconds: float) -> None:
        ended = {"done": "ok", "cached": "served from the cache", "failed": "failed"}[how]
        logger.info("task %s: end, %s, %.3f seconds", name, ended, seconds)


@right
class WarnsOfScheduling(LocalOrchestrator):
    """Says of itself how it schedules steps, which has nothing to do with a schedule."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        logger.warning("Scheduling steps in parallel is not supported here: they run one after the other.")
        return super().prepare_or_run_pipeline(deployment, stack)


@right
class TellsOfItsAttempts(TriesAgain):
    """Tries a step that fails again, and says what becomes of its resources meanwhile."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        try:
            return super().run_step(step, run_name)
        except Exception:
            logger.warning("Step %s has failed for good; its resources are freed.", step.config.name)
            raise


@right
class NotesOperators(LocalOrchestrator):
    """Notes in one file of its own, beside the stores, what operators have executed."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if step.config.step_operator:
            with (GlobalConfiguration().local_stores_path / "operated.log").open("a") as notes:
                print(repr(step.config.name), file=notes)
        return super().run_step(step, run_name)
