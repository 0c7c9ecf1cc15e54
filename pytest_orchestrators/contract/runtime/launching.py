"""From a step of a deployment to the launcher that runs it."""

from __future__ import annotations

import functools
from typing import Any

from tfx.dsl.compiler.constants import PIPELINE_RUN_ID_PARAMETER_NAME
from tfx.orchestration.local import runner_utils
from tfx.orchestration.portable.runtime_parameter_utils import substitute_runtime_parameter
from tfx.proto.orchestration import executable_spec_pb2, pipeline_pb2

from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
from pytest_orchestrators.contract.deployment.steps import Step, StepRunInfo
from pytest_orchestrators.contract.runtime.cache import KnownContexts, StepStore
from pytest_orchestrators.contract.runtime.connection import MetadataConnection
from pytest_orchestrators.contract.runtime.contexts import StepRunContexts, query_by_step_run
from pytest_orchestrators.contract.runtime.identity import StepRunIdentity
from pytest_orchestrators.contract.runtime.launcher import StepLauncher
from pytest_orchestrators.contract.runtime.metadata import ConnectedStore, KeptMetadata
from pytest_orchestrators.contract.runtime.operators import OperatorRequest, StepExecutorOperator
from pytest_orchestrators.contract.stack.stack import Stack


class LauncherFactory:
    """Makes the launchers of one run. What is the same for all of its steps is worked out once."""

    def __init__(
        self,
        deployment: PipelineDeployment,
        pipeline: pipeline_pb2.Pipeline,
        stack: Stack,
        connection: MetadataConnection,
        run_name: str,
    ) -> None:
        self._deployment = deployment
        self._pipeline = pipeline
        self._stack = stack
        self._connection = connection
        self._known_contexts: KnownContexts = {}
        self._contexts = StepRunContexts(ConnectedStore(connection), stack, deployment.pipeline)
        self._run_name = run_name
        self._deployment_config = _local_deployment_config(pipeline, connection)
        self._runtime_spec = pipeline_pb2.PipelineRuntimeSpec()
        self._runtime_spec.CopyFrom(pipeline.runtime_spec)
        self._substitute_run_name(self._runtime_spec)

    def identity_of(self, step_name: str) -> StepRunIdentity:
        """Return what identifies a step in this run."""
        return StepRunIdentity(self._pipeline.pipeline_info.id, self._run_name, step_name)

    def run_info_of(self, step: Step) -> StepRunInfo:
        """Return what the components of the stack are told about a step."""
        return StepRunInfo(config=step.config, pipeline=self._deployment.pipeline, run_name=self._run_name)

    def make_launcher(self, node: pipeline_pb2.PipelineNode, step: Step, operator: type[Any]) -> StepLauncher:
        """Make the launcher of a step; ``node`` is left as it is. ``operator`` executes it."""
        identity = self.identity_of(step.config.name)
        store = StepStore(self._connection, step.config.name, self._known_contexts)
        if issubclass(operator, StepExecutorOperator):
            request = OperatorRequest(self._deployment, self._stack, self.run_info_of(step))
            operator = functools.partial(operator, request=request)  # type: ignore[assignment]
        return StepLauncher(
            identity=identity,
            context=self._contexts.make(identity, step.config),
            step_store=store,
            pipeline_node=self._node_of_this_run(node),
            mlmd_connection=KeptMetadata(self._connection, store),
            pipeline_info=self._pipeline.pipeline_info,
            pipeline_runtime_spec=self._runtime_spec,
            executor_spec=runner_utils.extract_executor_spec(self._deployment_config, identity.step),
            custom_driver_spec=runner_utils.extract_custom_driver_spec(
                self._deployment_config, identity.step
            ),
            custom_executor_operators={executable_spec_pb2.PythonClassExecutableSpec: operator},
        )

    def _node_of_this_run(self, node: pipeline_pb2.PipelineNode) -> pipeline_pb2.PipelineNode:
        """Return a copy of ``node`` that belongs to this run."""
        copy = pipeline_pb2.PipelineNode()
        copy.CopyFrom(node)
        for input_spec in copy.inputs.inputs.values():
            for channel in input_spec.channels:
                query_by_step_run(channel, self.identity_of(channel.producer_node_query.id))
        self._substitute_run_name(copy.contexts)
        return copy

    def _substitute_run_name(self, message: Any) -> None:
        substitute_runtime_parameter(message, {PIPELINE_RUN_ID_PARAMETER_NAME: self._run_name})


def _local_deployment_config(pipeline: pipeline_pb2.Pipeline, connection: MetadataConnection) -> Any:
    """Extract what TFX calls the local deployment config.

    It warns of pipelines that do not say where their metadata is. Ours leave that to the stack.
    """
    intermediate = pipeline_pb2.IntermediateDeploymentConfig()
    if not pipeline.deployment_config.Unpack(intermediate):
        return runner_utils.extract_local_deployment_config(pipeline)
    if not intermediate.HasField("metadata_connection_config"):
        intermediate.metadata_connection_config.Pack(connection.config.connection_config())
    complete = pipeline_pb2.Pipeline()
    complete.deployment_config.Pack(intermediate)
    return runner_utils.extract_local_deployment_config(complete)
