"""A cache entry counts only while the files behind it are there."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ml_metadata.proto import metadata_store_pb2 as pb

from pytest_orchestrators.contract.artifacts.inventory import first_file_gone
from pytest_orchestrators.contract.runtime.connection import MetadataConnection
from pytest_orchestrators.contract.runtime.metadata import ConnectedStore

logger = logging.getLogger(__name__)

FILES_PROPERTY = "files"
"""Custom property of an artifact: its files and their sizes, as the materializer left them."""

KnownContexts = dict[tuple[str, str], Any]
"""Contexts by type and name, as far as a run has met them; shared by the launches of the run."""


class StepStore(ConnectedStore):
    """The record as one launch of a step sees it: artifacts whose files are gone are deleted.

    TFX looks no closer than at an artifact's folder, so it would hand on what can no longer be read.
    """

    def __init__(self, connection: MetadataConnection, step_name: str, known_contexts: KnownContexts) -> None:
        super().__init__(connection)
        self._known_contexts = known_contexts
        self._step_name = step_name
        self._inputs_resolved = False
        self._warned = False

    def inputs_resolved(self) -> None:
        """From here on, artifacts are looked up to find a cached version of the step."""
        self._inputs_resolved = True

    def get_context_by_type_and_name(
        self, type_name: str, context_name: str, extra_options: Any = None
    ) -> Any:
        """Return a context, asking the record only until it has been found once: contexts do not go away."""
        key = (type_name, context_name)
        if key not in self._known_contexts:
            found = super().get_context_by_type_and_name(type_name, context_name, extra_options)
            if found is None:
                return None
            self._known_contexts[key] = found
        copy = pb.Context()
        copy.CopyFrom(self._known_contexts[key])
        return copy

    def get_artifacts_by_id(self, artifact_ids: Iterable[int], extra_options: Any = None) -> list[Any]:
        """Return the artifacts in the order asked for, those that have lost a file with state DELETED."""
        artifacts = super().get_artifacts_by_id(artifact_ids, extra_options)
        for artifact in artifacts:
            if artifact.state == pb.Artifact.LIVE and (gone := _file_gone_from(artifact)):
                artifact.state = pb.Artifact.DELETED
                self._warn(gone)
        return artifacts

    def _warn(self, gone: Path) -> None:
        if self._warned:
            return
        self._warned = True
        if self._inputs_resolved:
            logger.warning(
                "Not using the cached version of `%s`: its file %s is gone. The step will be executed.",
                self._step_name,
                gone,
            )
        else:
            logger.warning(
                "An input of step `%s` cannot be read: its file %s is gone.", self._step_name, gone
            )


def _file_gone_from(artifact: Any) -> Path | None:
    """Return a missing file of an artifact; None also when it says nothing about its files."""
    if FILES_PROPERTY not in artifact.custom_properties:
        return None
    return first_file_gone(Path(artifact.uri), artifact.custom_properties[FILES_PROPERTY].string_value)
