"""Wrong ways of saying, or of not saying, what is not supported."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, Step
from reference_flavors.local import LocalOrchestrator
from tests.broken.sins import sin

logger = logging.getLogger(__name__)


@sin("WRN-1")
class SilentAboutResources(LocalOrchestrator):
    """Ignores resource settings without a word."""

    def warn_resources_ignored(self, step: Step) -> None:
        pass


@sin("WRN-1")
class WarnsWithoutName(LocalOrchestrator):
    """Warns that resources are ignored, and not of which step."""

    def warn_resources_ignored(self, step: Step) -> None:
        if self.requires_resources_in_orchestration_environment(step):
            logger.warning("Specifying step resources is not supported, ignoring resource configuration.")


@sin("WRN-1")
class WarnsOfTheFirstStep(LocalOrchestrator):
    """Warns of the first step that asks for resources, and of no other."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._warned = False
        return super().prepare_or_run_pipeline(deployment, stack)

    def warn_resources_ignored(self, step: Step) -> None:
        if self.requires_resources_in_orchestration_environment(step) and not self._warned:
            super().warn_resources_ignored(step)
            self._warned = True


@sin("WRN-1")
class WarnsOfOneThing(LocalOrchestrator):
    """Warns of the schedule where there is one, and of nothing else then."""

    def warn_resources_ignored(self, step: Step) -> None:
        if self._active_deployment and self._active_deployment.schedule is None:
            super().warn_resources_ignored(step)


@sin("WRN-1")
class WarnsOncePerProcess(LocalOrchestrator):
    """Warns of a step in the first run, and never again."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._warned: set[str] = set()

    def warn_resources_ignored(self, step: Step) -> None:
        if step.config.name not in self._warned:
            super().warn_resources_ignored(step)
            self._warned.add(step.config.name)


@sin("WRN-1")
class MentionsResources(LocalOrchestrator):
    """Says that resources are ignored as a piece of information, which nobody is shown."""

    def warn_resources_ignored(self, step: Step) -> None:
        if self.requires_resources_in_orchestration_environment(step):
            logger.info("Ignoring resource configuration for step %s.", step.config.name)


@sin("WRN-1")
class RefusesResources(LocalOrchestrator):
    """Refuses a run one of whose steps asks for resources."""

    def warn_resources_ignored(self, step: Step) -> None:
        super().warn_resources_ignored(step)
        if self.requires_resources_in_orchestration_environment(step):
            raise NotImplementedError(f"resources of step {step.config.name} are not supported")


@sin("WRN-2")
class WarnsOfEveryStep(LocalOrchestrator):
    """Warns of every step, whether it asks for resources or not."""

    def warn_resources_ignored(self, step: Step) -> None:
        logger.warning("Ignoring resource configuration for step %s.", step.config.name)


@sin("WRN-2")
class WarnsOfOperatedSteps(LocalOrchestrator):
    """Warns also of a step whose operator gives it what it asks for."""

    def warn_resources_ignored(self, step: Step) -> None:
        if not step.config.resource_settings.empty:
            logger.warning("Ignoring resource configuration for step %s.", step.config.name)


@sin("WRN-2")
class WarnsOfOperatedStepsToo(WarnsOfOperatedSteps):
    """Where the resources of one step are ignored, it says so of those that an operator provides, too."""

    _ignores = False

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        steps = deployment.steps.values()
        self._ignores = any(map(self.requires_resources_in_orchestration_environment, steps))
        return super().prepare_or_run_pipeline(deployment, stack)

    def warn_resources_ignored(self, step: Step) -> None:
        if self._ignores:
            super().warn_resources_ignored(step)


@sin("WRN-2")
class WarnsOfAllNames(LocalOrchestrator):
    """One step asks for resources, and the warning names all of them."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if any(map(self.requires_resources_in_orchestration_environment, deployment.steps.values())):
            logger.warning("Ignoring the resources of the steps %s.", ", ".join(deployment.steps))
        return super().prepare_or_run_pipeline(deployment, stack)

    def warn_resources_ignored(self, step: Step) -> None:
        pass


@sin("WRN-3")
class SilentAboutSchedules(LocalOrchestrator):
    """Ignores the schedule without a word."""

    def warn_schedule_ignored(self, deployment: PipelineDeployment) -> None:
        pass


@sin("WRN-3")
class WaitsForTheSchedule(LocalOrchestrator):
    """Warns of the schedule, and runs nothing."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if deployment.schedule is None:
            return super().prepare_or_run_pipeline(deployment, stack)
        self.warn_schedule_ignored(deployment)
        return None


@sin("WRN-3")
class RefusesSchedules(LocalOrchestrator):
    """Warns of the schedule, and refuses the run."""

    def warn_schedule_ignored(self, deployment: PipelineDeployment) -> None:
        super().warn_schedule_ignored(deployment)
        if deployment.schedule:
            raise NotImplementedError("schedules are not supported")


@sin("WRN-3")
class KnowsCronAlone(LocalOrchestrator):
    """Warns of a cron expression, and not of an interval."""

    def warn_schedule_ignored(self, deployment: PipelineDeployment) -> None:
        if deployment.schedule and deployment.schedule.cron_expression:
            super().warn_schedule_ignored(deployment)


@sin("WRN-3")
class AlwaysSpeaksOfSchedules(LocalOrchestrator):
    """Warns of a schedule where there is none."""

    def warn_schedule_ignored(self, deployment: PipelineDeployment) -> None:
        logger.warning("The `schedule` will be ignored and the pipeline will be run immediately.")


@sin("WRN-3")
class SpeaksOfTheScheduleBeforeEveryStep(LocalOrchestrator):
    """Warns of the schedule when the run begins, and again before every step."""

    def warn_resources_ignored(self, step: Step) -> None:
        super().warn_resources_ignored(step)
        if self._active_deployment and self._active_deployment.schedule:
            logger.warning("The `schedule` will be ignored and the pipeline will be run immediately.")


@sin("WRN-4", capabilities=("step_operator", "resources"))
class PromisesResources(LocalOrchestrator):
    """Declares that it applies resources, and does not."""

    def warn_resources_ignored(self, step: Step) -> None:
        pass


@sin("WRN-5", capabilities=("step_operator", "schedules"))
class PromisesSchedules(LocalOrchestrator):
    """Declares that it applies schedules, and does not."""

    def warn_schedule_ignored(self, deployment: PipelineDeployment) -> None:
        pass


@sin("WRN-6")
class WarnsPerAttempt(LocalOrchestrator):
    """The same warning comes with each of three attempts."""

    def warn_resources_ignored(self, step: Step) -> None:
        if self.requires_resources_in_orchestration_environment(step):
            for attempt in (1, 2, 3):
                logger.warning(
                    "Attempt %d: ignoring resource configuration for step %s.", attempt, step.config.name
                )


@sin("WRN-6")
class WarnsTwice(LocalOrchestrator):
    """Warns when the run begins, and again before each step."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        for step in deployment.steps.values():
            self.warn_resources_ignored(step)
        return super().prepare_or_run_pipeline(deployment, stack)

    def warn_resources_ignored(self, step: Step) -> None:
        if self.requires_resources_in_orchestration_environment(step):
            logger.warning("The resources that step %s asks for are not supported.", step.config.name)


@sin("WRN-6")
class WarnsOfEachResource(LocalOrchestrator):
    """Says of each resource by itself that a step does not get it."""

    def warn_resources_ignored(self, step: Step) -> None:
        if self.requires_resources_in_orchestration_environment(step):
            for resource in step.config.resource_settings.model_dump(exclude_none=True):
                logger.warning("The %s of step %s is not supported.", resource, step.config.name)


@sin("WRN-7")
class NeedsResourcesWithOperator(LocalOrchestrator):
    """A step with an operator is said to need its resources here."""

    @staticmethod
    def requires_resources_in_orchestration_environment(step: Step) -> bool:
        return not step.config.resource_settings.empty


@sin("WRN-7")
class NeverNeedsResources(LocalOrchestrator):
    """No step is ever said to need resources."""

    @staticmethod
    def requires_resources_in_orchestration_environment(step: Step) -> bool:
        return False


@sin("WRN-7")
class CountsCoresOnly(LocalOrchestrator):
    """A step that asks for memory and for nothing else is said to need nothing."""

    @staticmethod
    def requires_resources_in_orchestration_environment(step: Step) -> bool:
        return step.config.step_operator is None and step.config.resource_settings.cpu_count is not None


@sin("WRN-7")
class NoneIsNothing(LocalOrchestrator):
    """A step that asks for no GPU, in so many words, is said to have asked for nothing."""

    @staticmethod
    def requires_resources_in_orchestration_environment(step: Step) -> bool:
        asked = step.config.resource_settings
        return step.config.step_operator is None and any((asked.cpu_count, asked.gpu_count, asked.memory))


@sin("WRN-3")
class KnowsTwoKindsOfSchedules(LocalOrchestrator):
    """What neither recurs by an expression nor after a while is no schedule."""

    def warn_schedule_ignored(self, deployment: PipelineDeployment) -> None:
        schedule = deployment.schedule
        if schedule is not None and (schedule.cron_expression or schedule.interval_second):
            super().warn_schedule_ignored(deployment)


class TriesThreeTimes(LocalOrchestrator):
    """Tries a step that fails again. Right in itself: what is wrong is in the subclasses."""

    attempts = 3

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        for step in deployment.steps.values():
            self.warn_resources_ignored(step)
            self.try_step(step)

    def try_step(self, step: Step) -> None:
        for attempt in range(1, self.attempts + 1):
            try:
                self.run_step(step)
                return
            except Exception:
                if attempt == self.attempts:
                    raise
                logger.info("Attempt %d of step %s has failed.", attempt, step.config.name)


@sin("WRN-6")
class WarnsAtEveryAttempt(TriesThreeTimes):
    """Says at each attempt what the step does not get."""

    def warn_resources_ignored(self, step: Step) -> None:
        """Say nothing yet."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if self.requires_resources_in_orchestration_environment(step):
            logger.warning("Ignoring the resource settings of step %s.", step.config.name)
        return super().run_step(step, run_name)


@sin("WRN-1")
class WarnsBehindTheStep(LocalOrchestrator):
    """Says what a step did not get when it has come to its end."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        for step in deployment.steps.values():
            self.run_step(step)
            self.warn_resources_ignored(step)


@sin("WRN-1")
class WarnsOnceOfTheSame(LocalOrchestrator):
    """Of steps that ask for the same, it warns of the first: the others would be told the same."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._told: list[Any] = []
        super().prepare_or_run_pipeline(deployment, stack)

    def warn_resources_ignored(self, step: Step) -> None:
        settings = step.config.resource_settings
        if settings not in self._told:
            self._told.append(settings)
            super().warn_resources_ignored(step)


@sin("WRN-3")
class LooksAtTheClock(LocalOrchestrator):
    """A schedule whose time has come already is carried out by running now, so nobody is told."""

    def warn_schedule_ignored(self, deployment: PipelineDeployment) -> None:
        start = deployment.schedule.start_time if deployment.schedule else None
        if start is None or start > datetime.now(start.tzinfo):
            super().warn_schedule_ignored(deployment)


@sin("WRN-3")
class HasNoTimeZone(LocalOrchestrator):
    """Compares the time of a schedule with a clock that knows no time zones."""

    def warn_schedule_ignored(self, deployment: PipelineDeployment) -> None:
        super().warn_schedule_ignored(deployment)
        start = deployment.schedule.start_time if deployment.schedule else None
        if start is not None and start > datetime.now():
            logger.info("it would start at %s", start)
