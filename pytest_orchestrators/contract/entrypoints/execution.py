"""The execution of one step, and nothing around it: what a step operator runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tfx.orchestration.portable.data_types import ExecutionInfo
from tfx.orchestration.portable.python_executor_operator import PythonExecutorOperator
from tfx.proto.orchestration import executable_spec_pb2, execution_invocation_pb2

from pytest_orchestrators.contract.artifacts.loading import load_artifact_classes
from pytest_orchestrators.contract.entrypoints.handover import receive_deployment
from pytest_orchestrators.contract.entrypoints.process import (
    entrypoint_command,
    parse_options,
    run_and_report,
)

_MODULE = "pytest_orchestrators.contract.entrypoints.execution"


class ExecutionEntrypointConfiguration:
    """How to start a process that executes a step which somebody else has launched and will publish."""

    @staticmethod
    def get_entrypoint_command() -> list[str]:
        """The command, without the arguments."""
        return entrypoint_command(_MODULE)

    @staticmethod
    def get_entrypoint_arguments(step_name: str, executor: str, invocation: str) -> list[str]:
        """The arguments: the step, its executor class, and the file that says what it is executed on."""
        return ["--step_name", step_name, "--executor", executor, "--invocation", invocation]


def execute(step_name: str, executor: str, invocation: Path) -> None:
    """Call the executor and leave its output where the launcher looks for it; raises what the step raises."""
    load_artifact_classes(receive_deployment().steps[step_name].config)
    message = execution_invocation_pb2.ExecutionInvocation.FromString(invocation.read_bytes())
    execution_info = ExecutionInfo.from_proto(message)
    operator = PythonExecutorOperator(executable_spec_pb2.PythonClassExecutableSpec(class_path=executor))
    output = operator.run_executor(execution_info)
    Path(execution_info.execution_output_uri).write_bytes(output.SerializeToString())


def main(arguments: Sequence[str] | None = None) -> int:
    """Execute what the command line names and return the exit code."""
    options = parse_options(_MODULE, arguments, "step_name", "executor", "invocation")
    return run_and_report(
        options.step_name, lambda: execute(options.step_name, options.executor, Path(options.invocation))
    )


if __name__ == "__main__":
    sys.exit(main())
