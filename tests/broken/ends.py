"""Wrong ends: a failed run that is told as a success, and the other way round."""

from __future__ import annotations

import copy
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, Step, get_cache_status
from reference_flavors.local import LocalOrchestrator
from tests.broken.sins import sin
from tests.broken.warning import TriesThreeTimes
from tests.warns import Warns


@sin("FLR-7")
class ReturnsInFinally(LocalOrchestrator):
    """A `return` in `finally` swallows whatever comes by."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        result = None
        try:
            result = super().run(deployment, stack)
        finally:
            return result  # noqa: B012


@sin("FLR-7")
class CleanupReplacesTheError(LocalOrchestrator):
    """The error of cleaning up takes the place of the step's, which is lost."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        quiet = copy.copy(stack)
        quiet.cleanup_step_run = lambda info: None  # type: ignore[method-assign]
        self._noisy, self._failure = stack, None
        return super().run(deployment, quiet)

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        run = self._require_active_run()
        info = run.launchers(run_name).run_info_of(step)
        failure = result = None
        try:
            result = super().run_step(step, run_name)
        except BaseException as error:
            failure = error
        if not step.config.step_operator:
            self._noisy.cleanup_step_run(info)
        if failure is not None:
            raise failure
        return result


@sin("FLR-7")
class CachedIsAFailure(LocalOrchestrator):
    """Nothing was executed, so something must have gone wrong."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        executed = 0
        for step in deployment.steps.values():
            self.warn_resources_ignored(step)
            executed += not get_cache_status(self.run_step(step))
        if not executed:
            raise RuntimeError("no step was executed")


@sin("FLR-7")
class OnlyTheLastCounts(Warns):
    """Runs what it can, and looks at the last step to see how the run ended."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        failed: set[str] = set()
        for name, step in deployment.steps.items():
            if failed.intersection(step.spec.upstream_steps):
                failed.add(name)
                continue
            try:
                self.run_step(step)
            except Exception as error:
                failed.add(name)
                if name == list(deployment.steps)[-1]:
                    raise error


@sin("FLR-7")
class HoldsTheFirstAttemptAgainstIt(TriesThreeTimes):
    """What an attempt failed with is raised in the end, also if another one succeeded."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._errors: list[Exception] = []
        returned = super().run(deployment, stack)
        if self._errors:
            raise self._errors[-1]
        return returned

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        try:
            return super().run_step(step, run_name)
        except Exception as error:
            if self._active_deployment is not None:
                self._errors.append(error)
            raise


@sin("FLR-7")
class BegunIsDone(LocalOrchestrator):
    """A run name is ticked off when its run begins: submitted once more, it is a success without a step."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._submitted: set[tuple[str, str]] = set()

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        run = (deployment.pipeline.name, deployment.run_name)
        if run in self._submitted:
            return None
        self._submitted.add(run)
        return super().prepare_or_run_pipeline(deployment, stack)


@sin("FLR-1")
class RaisesALookalike(LocalOrchestrator):
    """An error of the same class, with more to say, takes the place of the step's own."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        try:
            return super().run_step(step, run_name)
        except Exception as error:
            raise type(error)(f"Step {step.config.name} failed: {error}") from None
