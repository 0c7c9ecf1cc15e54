"""TFX's launcher, with what a step of a run needs on top of it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfx.orchestration.portable import execution_publish_utils
from tfx.orchestration.portable.launcher import Launcher
from tfx.orchestration.portable.mlmd import execution_lib

from pytest_orchestrators.contract.runtime.cache import StepStore
from pytest_orchestrators.contract.runtime.contexts import attempts_of
from pytest_orchestrators.contract.runtime.identity import StepRunIdentity
from pytest_orchestrators.contract.runtime.settling import settle_as_failed

logger = logging.getLogger(__name__)


class StepLauncher(Launcher):  # type: ignore[misc]
    """Launches one step of one run, once; the caller holds the step's fence."""

    _executor_operator: Any

    def __init__(
        self, *, identity: StepRunIdentity, context: Any, step_store: StepStore, **arguments: Any
    ) -> None:
        """Take TFX's own ``arguments``, which step of which run this is, and its own context."""
        super().__init__(**arguments)
        self._identity = identity
        self._context = context
        self._step_store = step_store
        self._executor_operator = self._executor_operator and _Unwatched(self._executor_operator)

    def _register_or_reuse_execution(
        self,
        metadata_handle: Any,
        contexts: list[Any],
        input_artifacts: Mapping[str, Sequence[Any]] | None = None,
        exec_properties: Mapping[str, Any] | None = None,
    ) -> Any:
        """Give every attempt an execution of its own; only a success is final.

        TFX goes on with the execution of a failed attempt. That keeps the inputs, properties and cache key of
        that attempt: when the step has been changed since, its new result would be cached for the old step.
        """
        self._step_store.inputs_resolved()
        attempts = attempts_of(self._step_store, self._identity.digest)
        for execution in attempts:
            if execution_lib.is_execution_successful(execution):
                logger.info("Step `%s` has already succeeded in this run.", self._identity.step)
                return execution
        settle_as_failed(self._step_store, attempts)
        contexts.append(self._context)  # the launcher goes on with this list
        return execution_publish_utils.register_execution(
            metadata_handle=metadata_handle,
            execution_type=self._pipeline_node.node_info.type,
            contexts=contexts,
            input_artifacts=input_artifacts,
            exec_properties=exec_properties,
        )

    def _run_executor(self, execution_info: Any) -> Any:
        """Start from empty output folders, and leave none behind when the step does not come to its end."""
        _remove_outputs(execution_info)
        try:
            return super()._run_executor(execution_info)
        except BaseException:
            _remove_outputs(execution_info)
            self._clean_up_stateful_execution_info(execution_info)
            raise


class _Unwatched:
    """An executor operator for which the launcher starts no gRPC server.

    The server is there for operators that report progress from elsewhere, and none of ours does. The launcher
    asks whether its operator is true before it starts one, and only whether it is None before it uses it.
    """

    def __init__(self, operator: Any) -> None:
        self._operator = operator

    def __bool__(self) -> bool:
        return False

    def run_executor(self, execution_info: Any) -> Any:
        """Run the operator."""
        return self._operator.run_executor(execution_info)


def _remove_outputs(execution_info: Any) -> None:
    for artifacts in execution_info.output_dict.values():
        for artifact in artifacts:
            shutil.rmtree(Path(artifact.uri), ignore_errors=True)
