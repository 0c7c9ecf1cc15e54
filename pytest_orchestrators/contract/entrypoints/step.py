"""One step of a pipeline in a process of its own."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

if __name__ == "__main__":
    # Nothing that is imported becomes garbage: looking for some would cost a tenth of the process's start.
    gc.disable()

from pytest_orchestrators.contract.entrypoints.handover import receive
from pytest_orchestrators.contract.entrypoints.process import (
    entrypoint_command,
    parse_options,
    run_and_report,
)
from pytest_orchestrators.contract.errors import DeploymentError

_MODULE = "pytest_orchestrators.contract.entrypoints.step"


class StepEntrypointConfiguration:
    """How to start a process that runs one step, as `BaseOrchestrator.run_step` does.

    Run the command with the arguments, in the environment that `handover` yields. It exits with 0 after a
    success, and otherwise with another code, the error on stderr, and a report for `raise_step_error`.
    """

    @staticmethod
    def get_entrypoint_command(python: str | None = None) -> list[str]:
        """The command, without the arguments; ``python`` is the interpreter where it is not this one."""
        return entrypoint_command(_MODULE, python)

    @staticmethod
    def get_entrypoint_arguments(step_name: str) -> list[str]:
        """The arguments that name the step."""
        return ["--step_name", step_name]


def run_one_step(step_name: str) -> None:
    """Run a step of the deployment that was handed to this process.

    Raises DeploymentError if there is no such step, what `receive` raises, and whatever the step raises.
    """
    deployment, stack = receive()
    gc.enable()
    if step_name not in deployment.steps:
        raise DeploymentError(f"Pipeline {deployment.pipeline.name!r} has no step {step_name!r}.")
    with stack.orchestrator.active_run(deployment, stack):
        stack.orchestrator.run_step(deployment.steps[step_name])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the step that the command line names and return the exit code."""
    step_name = parse_options(_MODULE, arguments, "step_name").step_name
    return run_and_report(step_name, lambda: run_one_step(step_name))


if __name__ == "__main__":
    sys.exit(main())
