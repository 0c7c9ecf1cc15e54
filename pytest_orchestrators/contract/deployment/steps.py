"""One step of a deployment: what it runs, and how it is configured."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pytest_orchestrators.contract.deployment.base import DeploymentModel
from pytest_orchestrators.contract.deployment.pipeline_configuration import PipelineConfiguration
from pytest_orchestrators.contract.deployment.resources import ResourceSettings


class ArtifactConfiguration(DeploymentModel):
    """An input of a step: the source of its artifact class."""

    artifact_source: str


class OutputConfiguration(ArtifactConfiguration):
    """An output of a step: the sources of its artifact class and of the materializer that stores it."""

    materializer_source: str


class StepSpec(DeploymentModel):
    """What a step runs (``source``, a function) and the names of the steps that must end before it starts."""

    source: str
    upstream_steps: list[str] = Field(default_factory=list)


class StepConfiguration(DeploymentModel):
    """How a step is configured. Inputs and outputs are in declared order."""

    name: str
    enable_cache: bool = True
    step_operator: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)
    resource_settings: ResourceSettings = Field(default_factory=ResourceSettings)
    inputs: dict[str, ArtifactConfiguration] = Field(default_factory=dict)
    outputs: dict[str, OutputConfiguration] = Field(default_factory=dict)


class Step(DeploymentModel):
    """One step of a deployment."""

    spec: StepSpec
    config: StepConfiguration


class StepRunInfo(DeploymentModel):
    """What the components of a stack are told about a step that is about to be executed."""

    config: StepConfiguration
    pipeline: PipelineConfiguration
    run_name: str
