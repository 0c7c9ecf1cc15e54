"""Right orchestrators that rely on what the base class promises, where others do not need it."""

from __future__ import annotations

import copy
import fcntl
import logging
import time
from pathlib import Path
from typing import Any, ClassVar

from ml_metadata.proto import metadata_store_pb2 as pb

from pytest_orchestrators import (
    BaseOrchestrator,
    BaseOrchestratorConfig,
    PipelineDeployment,
    Stack,
    Step,
    StepRunInfo,
    get_cache_status,
)
from reference_flavors.local import LocalOrchestrator, LocalOrchestratorConfig
from tests.right.flavors import right
from tests.right.telling import End, TellsOfSteps

logger = logging.getLogger(__name__)


def goes_on(orchestrator: BaseOrchestrator, deployment: PipelineDeployment) -> bool:
    """Whether the record says of some step of a pipeline, in whatever run, that it is running."""
    store = orchestrator._require_active_run().store
    pipeline = store.get_context_by_type_and_name("pipeline", deployment.pipeline.name)
    executions = store.get_executions_by_context(pipeline.id) if pipeline else []
    return any(execution.last_known_state == pb.Execution.RUNNING for execution in executions)


@right
class WarnsAtEveryTurn(LocalOrchestrator):
    """Warns of everything before every step, and leaves it to the base class that each is said once."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        for step in deployment.steps.values():
            self.warn_schedule_ignored(deployment)
            for each in deployment.steps.values():
                self.warn_resources_ignored(each)
            self.run_step(step)


@right
class KeepsAccount(LocalOrchestrator):
    """Returns where the outputs of every step are, as `run_step` tells it, and which were made before, which
    the record has to confirm.
    """

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        account: dict[str, tuple[bool, list[str]]] = {}
        for name, step in deployment.steps.items():
            self.warn_resources_ignored(step)
            info = self.run_step(step)
            places = [artifact.uri for (artifact,) in info.output_dict.values()]
            # A step that has succeeded before under this run name is not told of again.
            if info.exec_properties and len(places) != len(step.config.outputs):
                raise LookupError(f"step {name} has outputs, and its account does not say where")
            if gone := [place for place in places if not Path(place).exists()]:
                raise LookupError(f"there is nothing where outputs of step {name} are said to be: {gone}")
            account[name] = get_cache_status(info), places
            [execution] = self._require_active_run().store.get_executions_by_id([info.execution_id])
            if get_cache_status(None, execution.last_known_state) is not account[name][0]:
                raise LookupError(
                    f"account and record of step {name} do not agree on where its result is from"
                )
        return account


@right
class OneRunAtATime(LocalOrchestrator):
    """Refuses to run a pipeline of which the record says that some step is running."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if goes_on(self, deployment):
            name = deployment.pipeline.name
            raise RuntimeError(f"pipeline {name} is being run already: wait for the end of that run")
        super().prepare_or_run_pipeline(deployment, stack)


@right
class WarnsWhenPreparing(LocalOrchestrator):
    """Warns as soon as a deployment is prepared, and says what is active then, which is nothing yet."""

    def prepare_pipeline_deployment(self, deployment: PipelineDeployment, stack: Stack) -> None:
        active = (self._active_deployment, self._active_pb2_pipeline)
        logger.info("Preparing %s; busy: %s", deployment.pipeline.name, None not in active)
        self.warn_schedule_ignored(deployment)
        for step in deployment.steps.values():
            self.warn_resources_ignored(step)

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        for step in deployment.steps.values():
            self.run_step(step)


@right
class TimesItsHooks(LocalOrchestrator):
    """Has the steps run on a copy of the stack that times the hooks, and returns what they took."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        timed: Any = copy.copy(stack)
        timed.took = {}

        def prepare(info: StepRunInfo) -> None:
            begin = time.monotonic()
            stack.prepare_step_run(info)
            timed.took[info.config.name] = time.monotonic() - begin

        timed.prepare_step_run = prepare
        return super().run(deployment, timed)

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Any) -> Any:
        super().prepare_or_run_pipeline(deployment, stack)
        steps = deployment.steps.items()
        return {name: stack.took[name] for name, step in steps if step.config.step_operator is None}


@right
class TakesTurns(LocalOrchestrator):
    """One run at a time on the same stores; others wait."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        folder = Path(str(stack.artifact_store.local_path))
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".turn").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)  # given back when it is closed, or this process ends
            return super().run(deployment, stack)


class _HandsOnConfig(LocalOrchestratorConfig):
    """What the backend is to be given beside the steps: anything, or nothing."""

    backend_options: Any | None = None


@right
class HandsOnOptions(LocalOrchestrator):
    """Takes options that may be anything."""

    CONFIG_CLASS: ClassVar[type[BaseOrchestratorConfig]] = _HandsOnConfig


@right
class WarnsOfItsScheduler(LocalOrchestrator):
    """Says of itself that its scheduler, by which it means what takes the steps up, has a single worker."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        logger.warning("The step scheduler has a single worker: independent steps will not overlap.")
        return super().prepare_or_run_pipeline(deployment, stack)


@right
class TellsMilliseconds(TellsOfSteps):
    """Tells of steps in its own words, and how long they took in milliseconds."""

    amount = "{:.0f}"

    def begins(self, name: str) -> None:
        logger.info("Processing step %s.", name)

    def ends(self, name: str, how: End, seconds: float) -> None:
        if how == "cached":
            logger.info("Using cached version of %s.", name)
        ended = "failed" if how == "failed" else "been processed"
        logger.info("%s has %s after %s milliseconds.", name, ended, self.amount.format(1000 * seconds))


@right
class SaysMoreOfTheCache(LocalOrchestrator):
    """Says of a step that the cache has its outputs for later, or has none; and in words of its own that no
    run goes on.
    """

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if self._active_deployment is None:
            raise RuntimeError(
                f"Step {step.config.name!r} was not executed: no pipeline is in progress here."
            )
        try:
            info = super().run_step(step, run_name)
        except BaseException:
            logger.info("Step %s has failed and is not cached.", step.config.name)
            raise
        if not get_cache_status(info):
            logger.info("The result of step %s is cached for later runs.", step.config.name)
        return info
