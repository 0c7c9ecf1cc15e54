"""Wrong about hooks that fail: their errors are lost, or come too late."""

from __future__ import annotations

import contextlib
import copy
import logging
import sys
from functools import partial
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, StepRunInfo, get_cache_status
from reference_flavors.local import LocalOrchestrator
from tests.broken.sins import sin

logger = logging.getLogger(__name__)


class OtherHooks(LocalOrchestrator):
    """Puts hooks of its own around those of the stack. On its own these do the same."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        other = copy.copy(stack)
        other.prepare_step_run = partial(self.prepare, stack)  # type: ignore[method-assign]
        other.cleanup_step_run = partial(self.clean_up, stack)  # type: ignore[method-assign]
        return super().run(deployment, other)

    def prepare(self, stack: Stack, info: StepRunInfo) -> None:
        """Before a step."""
        stack.prepare_step_run(info)

    def clean_up(self, stack: Stack, info: StepRunInfo) -> None:
        """After a step."""
        stack.cleanup_step_run(info)


@sin("FLR-9")
class HooksMayFail(OtherHooks):
    """The stack's hooks are called, and what they raise is of no interest."""

    def prepare(self, stack: Stack, info: StepRunInfo) -> None:
        with contextlib.suppress(Exception):
            super().prepare(stack, info)

    def clean_up(self, stack: Stack, info: StepRunInfo) -> None:
        with contextlib.suppress(Exception):
            super().clean_up(stack, info)


@sin("FLR-9")
class CleanupMayFail(OtherHooks):
    """What the hook after a step raises is logged and forgotten."""

    def clean_up(self, stack: Stack, info: StepRunInfo) -> None:
        try:
            super().clean_up(stack, info)
        except Exception:
            logger.exception("cleaning up failed")


@sin("FLR-9")
class CachedStepsAreDone(OtherHooks):
    """What the hook after a step raises is of no interest where the step was cached: nothing was executed."""

    _cached = False

    def _execute_step(self, tfx_launcher: Any) -> Any:  # type: ignore[override]
        info = LocalOrchestrator._execute_step(tfx_launcher)
        self._cached = get_cache_status(info)
        return info

    def clean_up(self, stack: Stack, info: StepRunInfo) -> None:
        cached, self._cached = self._cached, False
        with contextlib.suppress(*([Exception] if cached else [])):
            super().clean_up(stack, info)


@sin("FLR-9")
class ForgetsTheSecondError(OtherHooks):
    """When the hook after a step fails that has failed as well, nobody is told of it."""

    def clean_up(self, stack: Stack, info: StepRunInfo) -> None:
        failed = sys.exc_info()[0] is not None
        try:
            super().clean_up(stack, info)
        except Exception:
            if not failed:
                raise


@sin("FLR-9")
class PreparesTooLate(OtherHooks):
    """The hook before a step is called when the step has been executed."""

    def prepare(self, stack: Stack, info: StepRunInfo) -> None:
        pass

    def clean_up(self, stack: Stack, info: StepRunInfo) -> None:
        try:
            super().prepare(stack, info)
        finally:
            super().clean_up(stack, info)


@sin("FLR-9")
class LastHookMayFail(OtherHooks):
    """What the hook after a step failed with is raised when the next step begins; after the last one there is
    none.
    """

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._deferred: list[Exception] = []
        return super().run(deployment, stack)

    def prepare(self, stack: Stack, info: StepRunInfo) -> None:
        if self._deferred:
            raise self._deferred.pop()
        super().prepare(stack, info)

    def clean_up(self, stack: Stack, info: StepRunInfo) -> None:
        try:
            super().clean_up(stack, info)
        except Exception as error:
            self._deferred.append(error)
