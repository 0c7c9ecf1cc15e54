"""The handle on the record that TFX is given: its own class, on a connection that is kept open."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any

from ml_metadata.metadata_store.metadata_store import MetadataStore
from tfx.orchestration.metadata import Metadata

from pytest_orchestrators.contract.runtime.connection import MetadataConnection


class ConnectedStore(MetadataStore):  # type: ignore[misc]
    """The whole ML Metadata API, spoken over a connection that others use too."""

    def __init__(self, connection: MetadataConnection) -> None:
        # The parent's constructor would open a connection of its own.
        self._connection = connection

    def _call(self, method_name: str, request: Any, response: Any, extra_options: Any = None) -> None:
        del extra_options
        self._connection.call(method_name, request, response)

    def get_artifacts_by_id(self, artifact_ids: Iterable[int], extra_options: Any = None) -> list[Any]:
        """Return the artifacts in the order of ``artifact_ids``; unknown ids are left out.

        TFX pairs the result with a list of events by position, while a store answers in the order of ids.
        """
        wanted = list(artifact_ids)
        found = {artifact.id: artifact for artifact in super().get_artifacts_by_id(wanted, extra_options)}
        return [found[artifact_id] for artifact_id in wanted if artifact_id in found]


class KeptMetadata(Metadata):  # type: ignore[misc]
    """A metadata handle that neither opens nor closes anything: entering it costs nothing."""

    def __init__(self, connection: MetadataConnection, store: ConnectedStore | None = None) -> None:
        super().__init__(connection.config.connection_config())
        self._store = store or ConnectedStore(connection)

    def __enter__(self) -> KeptMetadata:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> None:
        """Leave the connection to whoever opened it."""
