"""No execution stays RUNNING on the record when nobody runs it any more."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from ml_metadata.proto import metadata_store_pb2 as pb
from tfx.orchestration.portable.mlmd.execution_lib import is_execution_active

from pytest_orchestrators.contract.runtime.contexts import attempts_of

logger = logging.getLogger(__name__)


def settle_as_failed(store: Any, executions: Iterable[Any]) -> None:
    """Mark those of the executions that are active as FAILED. The caller holds the fence of their step."""
    active = [execution for execution in executions if is_execution_active(execution)]
    for execution in active:
        execution.last_known_state = pb.Execution.FAILED
    if active:
        store.put_executions(active)


def try_to_settle(store: Any, digest: str) -> bool:
    """Settle the attempts of a step in a run, which the digest of its identity stands for.

    What keeps it from being done is only logged: there may be another error on its way, which must not be
    replaced. Returns whether it could be done.
    """
    try:
        settle_as_failed(store, attempts_of(store, digest))
    except Exception:
        logger.exception(
            "The record may still say of a dead step that it is running: the next run settles it."
        )
        return False
    return True
