"""The local_docker flavor: every step in a container of its own, on this host's container engine."""

from __future__ import annotations

from reference_flavors.local_docker.config import LocalDockerOrchestratorConfig
from reference_flavors.local_docker.errors import (
    ContainerImageMissingError,
    ContainerRemovedError,
    EngineLostError,
    StepContainerError,
    StepExitError,
    StepKilledError,
    StepNotStartedError,
    StepOutOfMemoryError,
    StepTimeoutError,
)
from reference_flavors.local_docker.flavor import LocalDockerOrchestratorFlavor
from reference_flavors.local_docker.orchestrator import LocalDockerOrchestrator

__all__ = [
    "ContainerImageMissingError",
    "ContainerRemovedError",
    "EngineLostError",
    "LocalDockerOrchestrator",
    "LocalDockerOrchestratorConfig",
    "LocalDockerOrchestratorFlavor",
    "StepContainerError",
    "StepExitError",
    "StepKilledError",
    "StepNotStartedError",
    "StepOutOfMemoryError",
    "StepTimeoutError",
]
