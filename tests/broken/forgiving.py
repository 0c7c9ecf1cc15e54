"""Wrong ways of dealing with failures that are taken for such as do not matter."""

from __future__ import annotations

import logging
from concurrent import futures
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, Step
from tests.broken.failing import SwallowsOneKind
from tests.broken.sins import sin
from tests.warns import Warns

logger = logging.getLogger(__name__)


class Forgives(Warns):
    """Ends without an error when a step fails that is taken for one that does not matter."""

    def matters(self, step: Step, deployment: PipelineDeployment) -> bool:
        raise NotImplementedError

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        for step in deployment.steps.values():
            try:
                self.run_step(step)
            except Exception:
                if self.matters(step, deployment):
                    raise
                logger.exception("Step %s failed, which does not matter.", step.config.name)
                return


@sin("FLR-1", "FLR-7")
class ForgivesWhatNothingFollows(Forgives):
    """The failure of a step that no other comes after is only logged: it is a report or so."""

    def matters(self, step: Step, deployment: PipelineDeployment) -> bool:
        return any(step.config.name in other.spec.upstream_steps for other in deployment.steps.values())


@sin("FLR-1", "FLR-7")
class ForgivesWhatFollowsNothing(Forgives):
    """The failure of a step that comes after no other is only logged: nothing is lost yet."""

    def matters(self, step: Step, deployment: PipelineDeployment) -> bool:
        return bool(step.spec.upstream_steps)


@sin("FLR-1", "FLR-7")
class ForgivesWhatHandsNothingOn(Forgives):
    """The failure of a step without outputs that no other comes after is only logged."""

    def matters(self, step: Step, deployment: PipelineDeployment) -> bool:
        followed = any(step.config.name in s.spec.upstream_steps for s in deployment.steps.values())
        return followed or bool(step.config.outputs)


@sin("FLR-7")
class ForgivesOperators(Forgives):
    """What an operator says of a failure is noted, and is the end of the run."""

    def matters(self, step: Step, deployment: PipelineDeployment) -> bool:
        return step.config.step_operator is None


@sin("FLR-1")
class SkipsMissingModules(SwallowsOneKind):
    """A step that needs a module which is not there is passed over."""

    harmless = ModuleNotFoundError


@sin("FLR-1", "FLR-7")
class SwallowsLateFutures(SwallowsOneKind):
    """A step that raises the error of a future which is not there in time is passed over."""

    harmless = futures.TimeoutError
