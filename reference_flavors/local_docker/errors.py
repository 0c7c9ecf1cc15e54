"""What can become of a step's container other than success."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_orchestrators import ContractError


class StepContainerError(ContractError, RuntimeError):
    """A step's container did not end well. The message names the step and shows its last lines.

    ``step``: the step. ``exit_code``: how the container ended, None if that is not known. ``last_lines``:
    the end of what the step printed.
    """

    def __init__(
        self, step: str, problem: str, exit_code: int | None = None, last_lines: Sequence[str] = ()
    ) -> None:
        shown = "".join(f"\n  | {line}" for line in last_lines)
        super().__init__(f"Step `{step}` {problem}." + (f" Its last lines:{shown}" if shown else ""))
        self.step, self.exit_code, self.last_lines = step, exit_code, tuple(last_lines)


class StepExitError(StepContainerError):
    """The step's process failed: it ended with an exit code, or with 0 and no result on the record."""


class StepKilledError(StepContainerError):
    """The step's process was ended by a signal."""


class StepOutOfMemoryError(StepKilledError):
    """The step needed more memory than its container has."""


class StepTimeoutError(StepKilledError):
    """The step took longer than the configuration allows and was stopped."""


class StepNotStartedError(StepContainerError):
    """The engine could not start the step: no such command, a folder is missing, an option is refused."""


class ContainerImageMissingError(StepNotStartedError):
    """The image that was built for the pipeline is not in the engine any more."""


class ContainerRemovedError(StepContainerError):
    """Somebody removed the container while the step was running."""


class EngineLostError(StepContainerError):
    """The container engine stopped answering while the step was running."""
