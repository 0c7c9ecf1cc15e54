"""Wrong about hooks that fail: their errors are lost, or come too late."""

from __future__ import annotations

import contextlib
import copy
import logging
import sys
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, StepRunInfo
from reference_flavors.local import LocalOrchestrator
from tests.broken.sins import sin

logger = logging.getLogger(__name__)


@sin("FLR-9")
class HooksMayFail(LocalOrchestrator):
    """The stack's hooks are called, and what they raise is of no interest."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        lenient = copy.copy(stack)

        def prepare(info: Any) -> None:
            with contextlib.suppress(Exception):
                stack.prepare_step_run(info)

        def clean_up(info: Any) -> None:
            with contextlib.suppress(Exception):
                stack.cleanup_step_run(info)

        lenient.prepare_step_run, lenient.cleanup_step_run = prepare, clean_up  # type: ignore[method-assign]
        return super().run(deployment, lenient)


@sin("FLR-9")
class CleanupMayFail(LocalOrchestrator):
    """What the hook after a step raises is logged and forgotten."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        lenient = copy.copy(stack)

        def clean_up(info: Any) -> None:
            try:
                stack.cleanup_step_run(info)
            except Exception:
                logger.exception("cleaning up failed")

        lenient.cleanup_step_run = clean_up  # type: ignore[method-assign]
        return super().run(deployment, lenient)


@sin("FLR-9")
class ForgetsTheSecondError(LocalOrchestrator):
    """When the hook after a step fails that has failed as well, nobody is told of it."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        lenient = copy.copy(stack)

        def clean_up(info: Any) -> None:
            failed = sys.exc_info()[0] is not None
            try:
                stack.cleanup_step_run(info)
            except Exception:
                if not failed:
                    raise

        lenient.cleanup_step_run = clean_up  # type: ignore[method-assign]
        return super().run(deployment, lenient)


@sin("FLR-9")
class PreparesTooLate(LocalOrchestrator):
    """The hook before a step is called when the step has been executed."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        late = copy.copy(stack)

        def clean_up(info: Any) -> None:
            try:
                stack.prepare_step_run(info)
            finally:
                stack.cleanup_step_run(info)

        late.prepare_step_run, late.cleanup_step_run = lambda info: None, clean_up  # type: ignore[method-assign]
        return super().run(deployment, late)


@sin("FLR-9")
class LastHookMayFail(LocalOrchestrator):
    """What the hook after a step failed with is raised when the next step begins; after the last one there is
    none.
    """

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        deferred: list[Exception] = []
        patient = copy.copy(stack)

        def prepare(info: StepRunInfo) -> None:
            if deferred:
                raise deferred.pop()
            stack.prepare_step_run(info)

        def cleanup(info: StepRunInfo) -> None:
            try:
                stack.cleanup_step_run(info)
            except Exception as error:
                deferred.append(error)

        patient.prepare_step_run = prepare  # type: ignore[method-assign]
        patient.cleanup_step_run = cleanup  # type: ignore[method-assign]
        return super().run(deployment, patient)
