"""A step operator that runs each step in a process of its own on this host."""

from __future__ import annotations

import logging
import os
import subprocess

from pytest_orchestrators.contract.deployment.steps import StepRunInfo
from pytest_orchestrators.contract.errors import StepOperatorError
from pytest_orchestrators.contract.stack.step_operator import BaseStepOperator

logger = logging.getLogger(__name__)
_GRACE_S = 5.0


class SubprocessStepOperator(BaseStepOperator):
    """Runs steps in subprocesses; what they print is logged line by line."""

    def launch(self, info: StepRunInfo, entrypoint_command: list[str], environment: dict[str, str]) -> None:
        """Run the command and wait for its end. Raises StepOperatorError if its exit code is not 0."""
        process = subprocess.Popen(
            entrypoint_command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="backslashreplace",
        )
        try:
            assert process.stdout is not None
            for line in process.stdout:
                logger.info("[%s] %s", info.config.name, line.rstrip("\n"))
            exit_code = process.wait()
        finally:
            _end(process)
        if exit_code:
            ending = f"exit code {exit_code}" if exit_code > 0 else f"signal {-exit_code}"
            raise StepOperatorError(
                f"The process of step {info.config.name!r} ended with {ending}; what it printed is logged."
            )


def _end(process: subprocess.Popen[str]) -> None:
    """Leave no process behind when waiting for it was interrupted."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()
