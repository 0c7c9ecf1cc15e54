"""Artifact classes have to be loaded before a step is launched: TFX finds them among those that are."""

from __future__ import annotations

from pytest_orchestrators.contract.artifacts.base import BaseArtifact
from pytest_orchestrators.contract.deployment.steps import StepConfiguration
from pytest_orchestrators.contract.errors import ArtifactSourceError, SourceError
from pytest_orchestrators.contract.sources import validate_source_class


def load_artifact_classes(configuration: StepConfiguration) -> None:
    """Load the artifact class of every input and output of a step.

    Raises ArtifactSourceError, naming step and source, for a class that is not there or no `BaseArtifact`.
    """
    for kind, artifacts in (("input", configuration.inputs), ("output", configuration.outputs)):
        for name, artifact in artifacts.items():
            try:
                validate_source_class(artifact.artifact_source, BaseArtifact)
            except SourceError as error:
                raise ArtifactSourceError(
                    f"The artifact class {artifact.artifact_source!r} of {kind} {name!r} of step "
                    f"{configuration.name!r} cannot be used: {error}"
                ) from error
