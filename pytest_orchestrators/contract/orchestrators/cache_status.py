"""Was a step served from the cache?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfx.orchestration.portable.data_types import ExecutionInfo


def get_cache_status(execution_info: ExecutionInfo | None, state: Any = None) -> bool:
    """Return whether an execution was served from the cache.

    ``state``, the execution's ``last_known_state`` on the record, decides if it is given. Else the info does:
    an output URI is given only to what is really executed, and exec properties only to what is executed or
    cached. What had succeeded before, was skipped, or failed for want of inputs has neither.
    """
    if state is not None:
        from ml_metadata.proto import metadata_store_pb2

        return bool(state == metadata_store_pb2.Execution.CACHED)
    if execution_info is None:
        return False
    return not execution_info.execution_output_uri and bool(execution_info.exec_properties)
