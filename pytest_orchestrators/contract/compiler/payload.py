"""What a node carries to the executor: which function, in which version, with which parameters, giving what.

It is part of the cache key, so it holds exactly what makes a step's result, as canonical JSON: values that
differ in type or value (0 and False, 1 and 1.0, nothing and null) never read the same.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from pytest_orchestrators.contract.deployment.base import DeploymentModel
from pytest_orchestrators.contract.errors import DeploymentError
from pytest_orchestrators.contract.mistakes import mistakes_of


class PayloadOutput(DeploymentModel):
    """An output: its name, its materializer, and the class of its values where the declared type tells."""

    name: str
    materializer_source: str
    type_source: str | None


class StepPayload(DeploymentModel):
    """A step as the executor needs it. ``outputs`` are in declared order; ``code`` is a digest."""

    source: str
    code: str
    parameters: dict[str, Any]
    outputs: tuple[PayloadOutput, ...]

    def to_text(self) -> str:
        """Return canonical JSON, in ASCII."""
        return json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_text(cls, text: str) -> StepPayload:
        """Read back what `to_text` wrote. Raises DeploymentError if it is something else."""
        try:
            return cls.model_validate(json.loads(text))
        except ValidationError as error:
            why: object = mistakes_of(error)
        except (ValueError, TypeError, RecursionError) as error:  # no JSON, no text, brackets without an end
            why = error
        raise DeploymentError(f"What a node carries cannot be read as a step: {why}")
