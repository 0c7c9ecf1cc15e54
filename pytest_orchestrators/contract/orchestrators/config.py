"""The configuration that all orchestrators share."""

from __future__ import annotations

import warnings
from typing import Any

from pydantic import model_validator

from pytest_orchestrators.contract.stack.component import StackComponentConfig

_DEPRECATED_FIELD = "custom_docker_base_image_name"


class BaseOrchestratorConfig(StackComponentConfig):
    """Base of all orchestrator configurations: unknown fields are refused.

    The deprecated field ``custom_docker_base_image_name`` is still accepted and dropped; a value in it draws
    a DeprecationWarning.
    """

    @model_validator(mode="before")
    @classmethod
    def _drop_deprecated_field(cls, values: Any) -> Any:
        if not isinstance(values, dict) or _DEPRECATED_FIELD not in values:
            return values
        if values[_DEPRECATED_FIELD]:
            warnings.warn(
                f"The '{_DEPRECATED_FIELD}' field has been deprecated. To choose the parent image of a "
                "pipeline's containers, use the Docker settings instead.",
                DeprecationWarning,
                stacklevel=3,
            )
        return {field: value for field, value in values.items() if field != _DEPRECATED_FIELD}
