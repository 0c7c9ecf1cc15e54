"""Artifact classes: what kinds of things steps hand to one another, as ML Metadata knows them."""

from __future__ import annotations

from tfx.types.artifact import Artifact


class BaseArtifact(Artifact):  # type: ignore[misc]
    """Root of the artifact classes that a step's inputs and outputs may have.

    Subclass it with a ``TYPE_NAME`` of its own to make a new kind: ML Metadata files artifacts under it.
    """

    TYPE_NAME = "pytest_orchestrators.Artifact"


class DataArtifact(BaseArtifact):
    """Plain data: what JSON can hold."""

    TYPE_NAME = "pytest_orchestrators.Data"


class RecordArtifact(BaseArtifact):
    """One instance of a pydantic model."""

    TYPE_NAME = "pytest_orchestrators.Record"


class TextArtifact(BaseArtifact):
    """One string."""

    TYPE_NAME = "pytest_orchestrators.Text"


class BytesArtifact(BaseArtifact):
    """One sequence of bytes."""

    TYPE_NAME = "pytest_orchestrators.Bytes"
