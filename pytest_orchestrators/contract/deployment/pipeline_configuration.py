"""The configuration of a whole pipeline."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pytest_orchestrators.contract.deployment.base import DeploymentModel


class PipelineConfiguration(DeploymentModel):
    """How a pipeline is configured.

    ``extra`` is the one place of a deployment that may grow after compiling: stack components leave there,
    through `PipelineDeployment.add_extra`, what they will want to know later.
    """

    name: str
    enable_cache: bool = True
    settings: dict[str, Any] = Field(default_factory=dict)
    extra: dict[str, Any] = Field(default_factory=dict)
