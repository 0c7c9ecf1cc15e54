"""The base class of all orchestrators."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from tfx.orchestration.portable.base_executor_operator import BaseExecutorOperator
from tfx.orchestration.portable.data_types import ExecutionInfo
from tfx.orchestration.portable.launcher import Launcher
from tfx.orchestration.portable.python_executor_operator import PythonExecutorOperator
from tfx.proto.orchestration.pipeline_pb2 import Pipeline as Pb2Pipeline
from tfx.proto.orchestration.pipeline_pb2 import PipelineNode

from pytest_orchestrators.contract.artifacts.loading import load_artifact_classes
from pytest_orchestrators.contract.compiler.representation import decode_pipeline
from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
from pytest_orchestrators.contract.deployment.steps import Step, StepConfiguration, StepRunInfo
from pytest_orchestrators.contract.durations import readable_duration
from pytest_orchestrators.contract.errors import NoActiveRunError, RunInProgressError
from pytest_orchestrators.contract.orchestrators.active_run import ActiveRun
from pytest_orchestrators.contract.orchestrators.cache_status import get_cache_status
from pytest_orchestrators.contract.orchestrators.config import BaseOrchestratorConfig
from pytest_orchestrators.contract.runtime.fence import fenced
from pytest_orchestrators.contract.runtime.operators import StepExecutorOperator
from pytest_orchestrators.contract.session import Client
from pytest_orchestrators.contract.stack.component import (
    StackComponent,
    StackComponentConfig,
    StackComponentType,
)
from pytest_orchestrators.contract.stack.stack import Stack

logger = logging.getLogger(__name__)
_starting = threading.Lock()


class BaseOrchestrator(StackComponent, ABC):
    """Base of all orchestrators: an author implements `prepare_or_run_pipeline`.

    One instance runs one deployment at a time; its steps may be run from several threads.
    """

    TYPE: ClassVar[StackComponentType] = StackComponentType.ORCHESTRATOR
    CONFIG_CLASS: ClassVar[type[StackComponentConfig]] = BaseOrchestratorConfig

    _active_deployment: PipelineDeployment | None = None
    _active_pb2_pipeline: Pb2Pipeline | None = None
    _active_run: ActiveRun | None = None
    # What was given to `active_run`, for as long as that goes on.
    _given_stack: Stack | None = None

    @property
    def config(self) -> BaseOrchestratorConfig:
        """The configuration: the very object that the orchestrator was built with."""
        assert isinstance(self._config, BaseOrchestratorConfig)
        return self._config

    @abstractmethod
    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        """Run a deployment, or have it run somewhere else; what this returns is what `run` returns.

        The simple case: call `run_step` for each of ``deployment.steps``, which are in an order of execution,
        and say what is not supported (`warn_schedule_ignored`, `warn_resources_ignored`). The advanced case:
        describe the pipeline to another system, which runs each step in its own environment, most easily
        through a `StepEntrypointConfiguration`; a step starts when its ``spec.upstream_steps`` have ended.
        """

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        """Run a deployment and return what `prepare_or_run_pipeline` returns.

        Raises RunInProgressError if this instance is running one already, DeploymentError for a deployment
        that cannot be decoded or holds names that are not safe, MetadataStoreError if the record cannot be
        opened, and whatever the first failed step raised, unwrapped. No state is left in any case.
        """
        with self.active_run(deployment, stack):
            return self.prepare_or_run_pipeline(deployment, stack)

    @contextmanager
    def active_run(self, deployment: PipelineDeployment, stack: Stack) -> Iterator[None]:
        """Make `run_step` usable for a deployment: what `run` does, for a process that runs single steps.

        Raises RunInProgressError, MetadataStoreError, and DeploymentError for what cannot be decoded, or
        holds names that are not safe.
        """
        with self._occupied(stack):
            try:
                deployment.check_names()
                self._prepare_run(deployment)
                yield
            except BaseException:
                if self._active_run is not None:
                    self._active_run.break_off()
                raise
            finally:
                self._cleanup_run()

    @contextmanager
    def _occupied(self, stack: Stack) -> Iterator[None]:
        with _starting:
            if self._given_stack is not None:
                raise RunInProgressError(
                    f"{self!r} is already running a deployment: wait for its end, or use another instance."
                )
            self._given_stack = stack
        try:
            yield
        finally:
            self._given_stack = None

    def run_step(self, step: Step, run_name: str | None = None) -> ExecutionInfo:
        """Run one step here, or let its step operator run it, and put it on the record.

        May be called from several threads for different steps. All calls of one run take the same
        ``run_name``, by default the deployment's. A step that has already succeeded under that name is not
        run again. Returns TFX's account of the execution; for a cached one, with the reused artifacts.

        Raises the step's own exception, unwrapped; NoActiveRunError outside a run; KeyError if the pipeline
        has no such step; RunNameError for a second run name; ArtifactSourceError for an artifact class that
        cannot be loaded; StepInProgressError while the same step of the same run is being executed;
        RuntimeError if inputs cannot be found; StepOutputError and MaterializationError for bad outputs.
        """
        run = self._require_active_run()
        self._ensure_artifact_classes_loaded(step.config)
        launchers = run.launchers(run_name)
        operator = self._get_executor_operator(step.config.step_operator)
        node = self._get_node_with_step_name(step.config.name)
        identity = launchers.identity_of(step.config.name)
        info = launchers.run_info_of(step)
        with fenced(run.fence_folder, identity) as fence, _prepared_for(step, info, run.stack):
            launcher = launchers.make_launcher(node, step, operator)
            try:
                execution_info = self._execute_step(launcher)
            except BaseException:
                fence.leave_behind()  # for `ActiveRun` to settle what this leaves running on the record
                raise
        if get_cache_status(execution_info):
            execution_info.output_dict = run.outputs_of(execution_info.execution_id)
        return execution_info

    def settle_step(self, step: Step) -> bool:
        """Return whether a step has succeeded that was run by another process, which has ended.

        An execution that the process has left running on the record, because it was killed, say, is settled
        as FAILED. To be called within a run. Raises NoActiveRunError outside of one.
        """
        return self._require_active_run().settle(step.config.name)

    @staticmethod
    def requires_resources_in_orchestration_environment(step: Step) -> bool:
        """Whether the resources that a step asks for have to be found where this orchestrator runs it."""
        return step.config.step_operator is None and not step.config.resource_settings.empty

    def warn_schedule_ignored(self, deployment: PipelineDeployment) -> None:
        """Warn, once per run, if a deployment has a schedule: for orchestrators that cannot do schedules."""
        if deployment.schedule is not None and self._first_time("schedule"):
            logger.warning(
                "The %s orchestrator does not support the use of schedules. The `schedule` will be ignored "
                "and the pipeline will be run immediately.",
                self.name,
            )

    def warn_resources_ignored(self, step: Step) -> None:
        """Warn, once per step and run, if a step asks for resources here: for those that cannot give any."""
        needed = self.requires_resources_in_orchestration_environment(step)
        if needed and self._first_time(f"resources of {step.config.name}"):
            logger.warning(
                "Specifying step resources is not supported for the %s orchestrator, "
                "ignoring resource configuration for step %s.",
                self.name,
                step.config.name,
            )

    def _first_time(self, announcement: str) -> bool:
        return self._active_run is None or self._active_run.first_time(announcement)

    def _prepare_run(self, deployment: PipelineDeployment) -> None:
        """Make a deployment the active one, on the stack given to `active_run`, else on the process's own."""
        self._active_pb2_pipeline = decode_pipeline(deployment.proto_pipeline)
        self._active_deployment = deployment
        stack = self._given_stack or Client().active_stack
        self._active_run = ActiveRun(deployment, self._active_pb2_pipeline, stack)

    def _cleanup_run(self) -> None:
        """Forget the active deployment."""
        run, self._active_run = self._active_run, None
        self._active_deployment = None
        self._active_pb2_pipeline = None
        if run is not None:
            run.close()

    def _require_active_run(self) -> ActiveRun:
        if self._active_run is None:
            raise NoActiveRunError(
                "No deployment is active on this orchestrator: call `run_step` while `run` is running, "
                "or within `active_run(deployment, stack)`."
            )
        return self._active_run

    @staticmethod
    def _ensure_artifact_classes_loaded(step_configuration: StepConfiguration) -> None:
        """Load the classes of a step's artifacts. Raises ArtifactSourceError, naming the one that fails."""
        load_artifact_classes(step_configuration)

    @staticmethod
    def _execute_step(tfx_launcher: Launcher) -> ExecutionInfo:
        """Launch a step, and raise RuntimeError if the launcher has hidden a failure.

        The launcher returns normally when the inputs cannot be found, with an info that looks as if the step
        had been cached; so this one launcher is watched for publishing a failure.
        """
        step_name = tfx_launcher._pipeline_node.node_info.id
        publish, failures = tfx_launcher._publish_failed_execution, []

        def publish_and_note(*arguments: Any, **keywords: Any) -> None:
            failures.append(step_name)
            publish(*arguments, **keywords)

        tfx_launcher._publish_failed_execution = publish_and_note
        started = time.monotonic()
        logger.info("Step `%s` has started.", step_name)
        try:
            execution_info = tfx_launcher.launch()
            if failures:
                raise RuntimeError(
                    "Failed to execute step. This is probably because some input artifacts for the step "
                    f"{step_name} could not be found in the database."
                )
        except BaseException:
            logger.info("Step `%s` has failed after %s.", step_name, _time_since(started))
            raise
        if get_cache_status(execution_info):
            logger.info("Using cached version of `%s`.", step_name)
        logger.info("Step `%s` has finished in %s.", step_name, _time_since(started))
        return execution_info

    @staticmethod
    def _get_executor_operator(step_operator: str | None) -> type[BaseExecutorOperator]:
        """Return what executes a step: TFX's Python operator, or the one that asks a step operator."""
        return StepExecutorOperator if step_operator else PythonExecutorOperator

    def _get_node_with_step_name(self, step_name: str) -> PipelineNode:
        """Return the node of a step of the active pipeline.

        Raises KeyError, naming step and pipeline, if there is none, and NoActiveRunError outside a run.
        """
        pipeline = self._require_active_run().pipeline
        for node in pipeline.nodes:
            if node.pipeline_node.node_info.id == step_name:  # empty for a sub-pipeline
                return node.pipeline_node
        raise KeyError(f"Step {step_name} not found in Pipeline {pipeline.pipeline_info.id}")


def _time_since(started: float) -> str:
    return readable_duration(time.monotonic() - started)


@contextmanager
def _prepared_for(step: Step, info: StepRunInfo, stack: Stack) -> Iterator[None]:
    """Have the stack prepared for a step that is executed here, and cleaned up after it in any case."""
    if step.config.step_operator:
        yield
        return
    try:
        stack.prepare_step_run(info=info)
        yield
    except BaseException:
        try:
            stack.cleanup_step_run(info=info)
        except Exception:
            logger.exception("Cleaning up after step `%s` failed as well.", step.config.name)
        raise
    stack.cleanup_step_run(info=info)
