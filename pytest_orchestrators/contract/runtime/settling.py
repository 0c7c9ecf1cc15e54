"""No execution stays RUNNING on the record when nobody runs it any more."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from ml_metadata.proto import metadata_store_pb2 as pb
from tfx.orchestration.portable.mlmd.execution_lib import is_execution_active

from pytest_orchestrators.contract.runtime.contexts import attempts_of
from pytest_orchestrators.contract.runtime.identity import StepRunIdentity

logger = logging.getLogger(__name__)


def settle_as_failed(store: Any, executions: Iterable[Any]) -> None:
    """Mark those of the executions that are active as FAILED. The caller holds the fence of their step."""
    active = [execution for execution in executions if is_execution_active(execution)]
    for execution in active:
        execution.last_known_state = pb.Execution.FAILED
    if active:
        store.put_executions(active)


def try_to_settle(store: Any, identity: StepRunIdentity) -> bool:
    """Do what `settle_as_failed` does while another error is on its way, which must not be replaced.

    Returns whether it could be done.
    """
    try:
        settle_as_failed(store, attempts_of(store, identity.digest))
    except Exception:
        logger.exception("The record still says that %s is running. The next run settles it.", identity)
        return False
    return True
