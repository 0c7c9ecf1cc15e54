"""Wrong hands: steps with an operator, and steps outside a run."""

from __future__ import annotations

import copy
import logging
import time
from types import MappingProxyType
from typing import Any, ClassVar

from pytest_orchestrators import PipelineDeployment, Stack, Step, StepRunInfo, load_source
from reference_flavors.local import LocalOrchestrator
from tests.broken.caching import set_caching
from tests.broken.nodes import RewritesNodes
from tests.broken.sins import sin

logger = logging.getLogger(__name__)


def with_operator(step: Step, operator: str | None) -> Step:
    """The step as if it named another step operator, or none."""
    config = step.config.model_copy(update={"step_operator": operator})
    return step.model_copy(update={"config": config})


@sin("RUN-14")
class IgnoresTheOperator(LocalOrchestrator):
    """Executes every step itself, although it declares that it hands steps to their operators."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        return super().run_step(with_operator(step, None), run_name)


@sin("RUN-14", capabilities=())
class IgnoresTheOperatorInSilence(LocalOrchestrator):
    """Does not declare step operators, executes the step itself, and says nothing."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        return super().run_step(with_operator(step, None), run_name)


@sin("RUN-14")
class ExecutesOperatedStepsToo(LocalOrchestrator):
    """Lets the operator execute the step, and then executes it here as well."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        if step.config.step_operator:
            assert self._active_deployment is not None
            feeding = {name: value for name, value in step.config.parameters.items() if name == "probe"}
            load_source(step.spec.source)(**feeding)
        return info


@sin("RUN-14")
class FallsBackFromTheOperator(LocalOrchestrator):
    """A step that fails where its operator executes it is executed here as well."""

    def falls_back(self, error: Exception) -> bool:
        """Whether this error is one after which a step is executed here."""
        del error
        return True

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        try:
            return super().run_step(step, run_name)
        except Exception as error:
            if step.config.step_operator is None or not self.falls_back(error):
                raise
            return super().run_step(with_operator(step, None), run_name)


@sin("RUN-14")
class DoesWithoutTheOperator(FallsBackFromTheOperator):
    """What an operator cannot execute, because it is down itself, is executed here."""

    def falls_back(self, error: Exception) -> bool:
        return type(error) is ConnectionError


@sin("RUN-14")
class KnowsOneOperator(LocalOrchestrator):
    """The first operator that a step names is the one that all steps with an operator are handed to."""

    _operator: str | None = None

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if step.config.step_operator:
            self._operator = self._operator or step.config.step_operator
            step = with_operator(step, self._operator)
        return super().run_step(step, run_name)


@sin("RUN-14")
class HandsOverEverything(LocalOrchestrator):
    """Once a step names an operator, the steps after it are handed to that operator too."""

    _operator: str | None = None

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        self._operator = step.config.step_operator or self._operator
        return super().run_step(with_operator(step, self._operator), run_name)


@sin("RUN-15")
class SilentOutsideARun(LocalOrchestrator):
    """A step outside a run is left out without a word."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if self._active_deployment is None:
            return None
        return super().run_step(step, run_name)


@sin("RUN-15")
class StumblesOutsideARun(LocalOrchestrator):
    """A step outside a run is an `AttributeError` of some `None`."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        return super().run_step(step, run_name or self._active_deployment.run_name)  # type: ignore[union-attr]


@sin("RUN-15")
class RunsInTheNextCell(LocalOrchestrator):
    """A step outside a run is executed as if the last run, which has succeeded, were not over."""

    _last: tuple[PipelineDeployment, Stack] | None = None

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        result = super().run(deployment, stack)
        self._last = deployment, stack
        return result

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if self._active_deployment is not None or self._last is None:
            return super().run_step(step, run_name)
        with self.active_run(*self._last):
            return super().run_step(step, run_name)


@sin("RUN-15")
class ExecutesOutsideARun(LocalOrchestrator):
    """A step outside a run is executed all the same, by nobody's order."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if self._active_deployment is None:
            return load_source(step.spec.source)(**step.config.parameters)
        return super().run_step(step, run_name)


@sin("RUN-14")
class TimesOperators(LocalOrchestrator):
    """Has the steps run on a copy of the stack whose operators are timed."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        operators: dict[str, Any] = {}
        for name, operator in stack.step_operators.items():

            def launch(info: StepRunInfo, entrypoint_command: list[str], environment: dict[str, str]) -> None:
                begin = time.monotonic()
                try:
                    operator.launch(info, entrypoint_command, environment)  # noqa: B023 - this is the mistake
                finally:
                    logger.info("A step operator was busy for %.1f s.", time.monotonic() - begin)

            operators[name] = copy.copy(operator)
            operators[name].launch = launch
        timed = copy.copy(stack)
        timed.step_operators = MappingProxyType(operators)
        return super().run(deployment, timed)


@sin("RUN-11")
class PreparesOperatorsAgain(LocalOrchestrator):
    """The step operators are prepared once more when a run begins, just in case."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        for operator in stack.step_operators.values():
            operator.prepare_pipeline_deployment(deployment, stack)
        return super().prepare_or_run_pipeline(deployment, stack)


@sin("CCH-1")
class OperatorsKnowNoCache(RewritesNodes):
    """What an operator executes is executed every time."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        self._operated = step.config.step_operator is not None
        return super().run_step(step, run_name)

    def rewrite(self, node: Any) -> None:
        if self._operated:
            set_caching(node, False)


@sin("RUN-11")
class PreparesAfterFailure(LocalOrchestrator):
    """Has the stack prepare once more after a failure, and tries again."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().prepare_or_run_pipeline(deployment, stack)
        except Exception:
            logger.info("Pipeline %s has failed; it is tried again.", deployment.pipeline.name)
        stack.prepare_pipeline_deployment(deployment)
        return super().prepare_or_run_pipeline(deployment, stack)


@sin("RUN-14")
class RemembersWhoRunsAStep(LocalOrchestrator):
    """Where a step is run is looked up once for each pipeline."""

    _operators: ClassVar[dict[tuple[str, str], Any]] = {}

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if self._active_deployment is None:
            return super().run_step(step, run_name)
        known = (self._active_deployment.pipeline.name, step.config.name)
        operator = self._operators.setdefault(known, step.config.step_operator)
        return super().run_step(with_operator(step, operator), run_name)
