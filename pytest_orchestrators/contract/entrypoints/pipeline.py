"""A whole pipeline in a process of its own."""

from __future__ import annotations

import sys

from pytest_orchestrators.contract.entrypoints.handover import receive
from pytest_orchestrators.contract.entrypoints.process import entrypoint_command, run_and_report

_MODULE = "pytest_orchestrators.contract.entrypoints.pipeline"
_NO_STEP = ""


class PipelineEntrypointConfiguration:
    """How to start a process that runs all steps of a pipeline, one after the other.

    Run the command in the environment that `handover` yields. It exits with 0 after a success, and otherwise
    with another code, the error on stderr, and a report for `raise_step_error` (under the step name "").
    """

    @staticmethod
    def get_entrypoint_command() -> list[str]:
        """The command, without arguments."""
        return entrypoint_command(_MODULE)

    @staticmethod
    def get_entrypoint_arguments() -> list[str]:
        """No arguments."""
        return []


def run_all_steps() -> None:
    """Run the steps of the deployment that was handed to this process; raises what the first failure does."""
    deployment, stack = receive()
    with stack.orchestrator.active_run(deployment, stack):
        for step in deployment.steps.values():
            stack.orchestrator.run_step(step)


def main() -> int:
    """Run the pipeline and return the exit code."""
    return run_and_report(_NO_STEP, run_all_steps)


if __name__ == "__main__":
    sys.exit(main())
