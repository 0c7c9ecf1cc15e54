"""What a flavor stands on and did not find."""

from __future__ import annotations

from pytest_orchestrators.contract.errors import MissingPrerequisiteError


def missing_prerequisite(error: BaseException) -> str:
    """The message of a `MissingPrerequisiteError` in an error's chain of causes; empty if there is none."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MissingPrerequisiteError):
            return str(cause)
        cause = cause.__cause__
    return ""
