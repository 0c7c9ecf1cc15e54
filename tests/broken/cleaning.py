"""Wrong ways of cleaning up: what stays active, what is not called, what a failure leaves behind."""

from __future__ import annotations

import copy
import logging
import sys
import time
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, Step, StepRunInfo
from reference_flavors.local import LocalOrchestrator
from tests.broken.sins import sin


@sin("CLN-1")
class NeverCleansUp(LocalOrchestrator):
    """The active deployment stays for debugging."""

    def _cleanup_run(self) -> None:
        pass


@sin("CLN-1")
class KeepsTheDeployment(LocalOrchestrator):
    """Cleans up, and then remembers the deployment where the active one belongs."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        result = super().run(deployment, stack)
        self._active_deployment = deployment
        return result


@sin("CLN-1")
class KeepsThePipeline(LocalOrchestrator):
    """Forgets the deployment and keeps the pipeline."""

    def _cleanup_run(self) -> None:
        pipeline = self._active_pb2_pipeline
        super()._cleanup_run()
        self._active_pb2_pipeline = pipeline


@sin("CLN-2")
class CleansUpAfterSuccess(LocalOrchestrator):
    """The original's own sin: cleaning up is the last line, which a failure never reaches."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._prepare_run(deployment)
        result = self.prepare_or_run_pipeline(deployment=deployment, stack=stack)
        self._cleanup_run()
        return result


@sin("CLN-2")
class CleansUpWhatWasPrepared(LocalOrchestrator):
    """Measures how long runs take, and cleans up if the watch was started: once preparing was over."""

    _began: float | None = None

    def _prepare_run(self, deployment: PipelineDeployment) -> None:
        super()._prepare_run(deployment)
        self._began = time.monotonic()

    def _cleanup_run(self) -> None:
        if self._began is None:
            return
        super()._cleanup_run()
        logging.getLogger(__name__).info("The run took %.1f s.", time.monotonic() - self._began)
        self._began = None


@sin("CLN-2")
class NothingWithoutARecord(LocalOrchestrator):
    """If the record was never opened, there was no run, and nothing to clean up."""

    def _cleanup_run(self) -> None:
        if self._active_run is not None:
            super()._cleanup_run()


@sin("CLN-2")
class CleansUpAfterExceptions(LocalOrchestrator):
    """Cleans up after every `Exception`; an interruption and an exit are none."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            self._prepare_run(deployment)
            result = self.prepare_or_run_pipeline(deployment=deployment, stack=stack)
        except Exception:
            self._cleanup_run()
            raise
        self._cleanup_run()
        return result


@sin("CLN-2")
class PreparesOutsideTheTry(LocalOrchestrator):
    """What preparing has set already is not taken back when the rest of it fails."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._active_deployment = deployment
        self._prepare_run(deployment)
        try:
            return self.prepare_or_run_pipeline(deployment=deployment, stack=stack)
        finally:
            self._cleanup_run()


@sin("CLN-2")
class KeepsTheFailed(LocalOrchestrator):
    """After a failed step the deployment is kept, to be resumed."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().run(deployment, stack)
        except BaseException:
            self._active_deployment = deployment
            raise


class OwnHooks(LocalOrchestrator):
    """Calls the hooks around steps itself, by `before` and `after`. On its own it is right."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        quiet = copy.copy(stack)
        quiet.prepare_step_run = lambda info: None  # type: ignore[method-assign]
        quiet.cleanup_step_run = lambda info: None  # type: ignore[method-assign]
        self._noisy = stack
        return super().run(deployment, quiet)

    def before(self, info: StepRunInfo) -> None:
        """Before a step."""
        if not info.config.step_operator:
            self._noisy.prepare_step_run(info)

    def after(self, info: StepRunInfo, failed: bool) -> None:
        """After a step."""
        if not info.config.step_operator:
            self._noisy.cleanup_step_run(info)

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        deployment = self._require_active_run().deployment
        info = StepRunInfo(
            config=step.config, pipeline=deployment.pipeline, run_name=run_name or deployment.run_name
        )
        failed = True
        try:
            self.before(info)
            execution_info = super().run_step(step, run_name)
            failed = False
        finally:
            self.after(info, failed)
        return execution_info


@sin("CLN-3")
class NoHooks(OwnHooks):
    """Launches steps by itself and never calls the stack's hooks."""

    def before(self, info: StepRunInfo) -> None:
        pass

    def after(self, info: StepRunInfo, failed: bool) -> None:
        pass


@sin("CLN-3")
class NoHooksAfterFailure(OwnHooks):
    """The hook after a step is left out when the step failed."""

    def after(self, info: StepRunInfo, failed: bool) -> None:
        if not failed:
            super().after(info, failed)


@sin("CLN-3")
class NoHooksAfterExit(OwnHooks):
    """The hook after a step is left out when the step has exited: `except Exception` does not see that."""

    def after(self, info: StepRunInfo, failed: bool) -> None:
        if not isinstance(sys.exc_info()[1], SystemExit):
            super().after(info, failed)


@sin("CLN-3")
class NoHooksAfterInterrupt(OwnHooks):
    """The hook after a step is left out when the person at the keyboard wants to stop."""

    def after(self, info: StepRunInfo, failed: bool) -> None:
        if not isinstance(sys.exc_info()[1], KeyboardInterrupt):
            super().after(info, failed)


@sin("CLN-3")
class HooksWithOperator(OwnHooks):
    """Calls the hooks also around steps that an operator executes."""

    def before(self, info: StepRunInfo) -> None:
        self._noisy.prepare_step_run(info)

    def after(self, info: StepRunInfo, failed: bool) -> None:
        self._noisy.cleanup_step_run(info)


@sin("CLN-3")
class CleansUpTwice(OwnHooks):
    """Calls the hook after a step twice, once in the way and once in `finally`."""

    def after(self, info: StepRunInfo, failed: bool) -> None:
        super().after(info, failed)
        super().after(info, failed)


@sin("CLN-3")
class HooksForTheFirstStep(OwnHooks):
    """Prepares the stack for the first step of a run only."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._first = next(iter(deployment.steps))
        return super().run(deployment, stack)

    def before(self, info: StepRunInfo) -> None:
        if info.config.name == self._first:
            super().before(info)

    def after(self, info: StepRunInfo, failed: bool) -> None:
        if info.config.name == self._first:
            super().after(info, failed)


@sin("CLN-4")
class OnceFailedAlwaysFailed(LocalOrchestrator):
    """After a failed run it refuses to run anything."""

    _failed = False

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if self._failed:
            raise RuntimeError("orchestrator is in an error state")
        self._failed = True
        result = super().run(deployment, stack)
        self._failed = False
        return result


@sin("CLN-4")
class StaysStopped(LocalOrchestrator):
    """A failure sets the flag by which runs are stopped, and nobody takes it back."""

    _stopped = False

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if self._stopped:
            return None
        try:
            return super().run_step(step, run_name)
        except BaseException:
            self._stopped = True
            raise


@sin("CLN-4")
class AvoidsWhatFailed(LocalOrchestrator):
    """A step that has failed once is never tried again."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._bad: set[str] = set()

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if step.config.name in self._bad:
            return None
        try:
            return super().run_step(step, run_name)
        except BaseException:
            self._bad.add(step.config.name)
            raise


@sin("CLN-4")
class ResumesWhatFailed(LocalOrchestrator):
    """After a failed run the next one is taken for its continuation."""

    _broken_off: PipelineDeployment | None = None

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        current = self._broken_off or deployment
        self._broken_off = current
        result = super().run(current, stack)
        self._broken_off = None
        return result
