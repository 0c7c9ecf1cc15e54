"""Handing a step's execution to a step operator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfx.orchestration.portable.base_executor_operator import BaseExecutorOperator
from tfx.proto.orchestration import executable_spec_pb2, execution_result_pb2

from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
from pytest_orchestrators.contract.deployment.steps import StepRunInfo
from pytest_orchestrators.contract.entrypoints.execution import ExecutionEntrypointConfiguration
from pytest_orchestrators.contract.entrypoints.failures import raise_step_error
from pytest_orchestrators.contract.entrypoints.handover import handover
from pytest_orchestrators.contract.errors import StackError, StepOperatorError
from pytest_orchestrators.contract.stack.stack import Stack
from pytest_orchestrators.contract.stack.step_operator import BaseStepOperator

_INVOCATION_FILE = "invocation.pb"


@dataclass(frozen=True)
class OperatorRequest:
    """What a step operator is asked to execute."""

    deployment: PipelineDeployment
    stack: Stack
    info: StepRunInfo

    @property
    def step_operator(self) -> BaseStepOperator:
        """The operator that the step names. Raises StackError if the stack has none of that name."""
        name = self.info.config.step_operator
        operator = self.stack.step_operators.get(name) if name else None
        if operator is None:
            known = ", ".join(map(repr, self.stack.step_operators)) or "none"
            raise StackError(
                f"Step {self.info.config.name!r} needs the step operator {name!r}, "
                f"which stack {self.stack.name!r} does not have (it has: {known})."
            )
        return operator


class StepExecutorOperator(BaseExecutorOperator):  # type: ignore[misc]
    """The executor operator of steps that name a step operator: it has the operator run them.

    Inputs are resolved and outputs published here, as for any step. What the operator launches is a process
    that calls the step's function (`ExecutionEntrypointConfiguration`).
    """

    SUPPORTED_EXECUTOR_SPEC_TYPE = [executable_spec_pb2.PythonClassExecutableSpec]
    SUPPORTED_PLATFORM_CONFIG_TYPE: list[type] = []

    def __init__(
        self, executor_spec: Any, platform_config: Any = None, *, request: OperatorRequest, **others: Any
    ) -> None:
        super().__init__(executor_spec, platform_config, **others)
        self._request = request

    def run_executor(self, execution_info: Any) -> execution_result_pb2.ExecutorOutput:
        """Have the step executed and return what it produced.

        Raises the step's own exception where it could be brought back, else the operator's; StepOperatorError
        if the operator ends well but there is no result.
        """
        operator, info = self._request.step_operator, self._request.info
        invocation = Path(execution_info.tmp_dir) / _INVOCATION_FILE
        invocation.write_bytes(execution_info.to_proto().SerializeToString())
        command = [
            *ExecutionEntrypointConfiguration.get_entrypoint_command(),
            *ExecutionEntrypointConfiguration.get_entrypoint_arguments(
                step_name=info.config.name,
                executor=self._executor_spec.class_path,
                invocation=str(invocation),
            ),
        ]
        with handover(self._request.deployment, self._request.stack) as environment:
            try:
                operator.launch(info, command, environment)
            except Exception as error:
                raise_step_error(environment, info.config.name, otherwise=error)
        result = Path(execution_info.execution_output_uri)
        if not result.exists():
            raise StepOperatorError(
                f"The step operator {info.config.step_operator!r} reported that step {info.config.name!r} "
                "has ended, but left no result: `launch` has to wait for its command, and raise if it fails."
            )
        return execution_result_pb2.ExecutorOutput.FromString(result.read_bytes())
