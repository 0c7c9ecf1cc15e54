"""What an orchestrator knows while it is running a deployment, and only then."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tfx.orchestration.portable.mlmd.execution_lib import get_output_artifacts, is_execution_successful
from tfx.proto.orchestration import pipeline_pb2

from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
from pytest_orchestrators.contract.errors import RunNameError
from pytest_orchestrators.contract.names import check_name
from pytest_orchestrators.contract.runtime.connection import connected
from pytest_orchestrators.contract.runtime.contexts import attempts_of
from pytest_orchestrators.contract.runtime.fence import clear_abandoned, wait_until_free
from pytest_orchestrators.contract.runtime.identity import StepRunIdentity
from pytest_orchestrators.contract.runtime.launching import LauncherFactory
from pytest_orchestrators.contract.runtime.metadata import ConnectedStore, KeptMetadata
from pytest_orchestrators.contract.runtime.settling import try_to_settle
from pytest_orchestrators.contract.session import GlobalConfiguration
from pytest_orchestrators.contract.stack.stack import Stack


class ActiveRun:
    """One deployment being run on one stack, with the record kept open."""

    def __init__(self, deployment: PipelineDeployment, pipeline: pipeline_pb2.Pipeline, stack: Stack) -> None:
        """Open the record, and settle what dead processes have left running on it.

        Raises MetadataStoreError if the record cannot be opened.
        """
        self.deployment = deployment
        self.stack = stack
        self.pipeline = pipeline
        self._lock = threading.Lock()
        self._run_name = deployment.run_name
        self._factory: LauncherFactory | None = None
        self._announced: dict[str, object] = {}
        with ExitStack() as resources:
            self._connection = resources.enter_context(connected(stack.metadata))
            self.store = ConnectedStore(self._connection)
            self._settle_abandoned()
            self._resources = resources.pop_all()

    def _settle_abandoned(self) -> None:
        clear_abandoned(self.fence_folder, lambda digest: try_to_settle(self.store, digest))

    def settle(self, step_name: str) -> bool:
        """Settle what dead processes have left running, and return whether a step of this run succeeded."""
        self._settle_abandoned()
        identity = StepRunIdentity(self.deployment.pipeline.name, self._run_name, step_name)
        attempts = attempts_of(self.store, identity.digest)
        return any(is_execution_successful(execution) for execution in attempts)

    def break_off(self) -> None:
        """Wait a moment for processes that run steps of this run, and that its failure is just ending.

        What they leave running can be settled as soon as they are gone, and not before.
        """
        pipeline = self.deployment.pipeline.name
        identities = (StepRunIdentity(pipeline, self._run_name, step) for step in self.deployment.steps)
        wait_until_free(self.fence_folder, (identity.digest for identity in identities))

    def close(self) -> None:
        """Settle what steps of this run that have failed or died left running, and let go of the record."""
        with self._resources:
            self._settle_abandoned()

    @property
    def fence_folder(self) -> Path:
        """Where steps are fenced: in the artifact store, or on this host if that is somewhere else."""
        store = self.stack.artifact_store
        return Path(store.local_path) if store.local_path else GlobalConfiguration().local_stores_path

    def launchers(self, run_name: str | None) -> LauncherFactory:
        """Return what makes the launchers of this run, which has one name: the first that is asked for.

        Raises RunNameError for a name that is not safe, or another one than before.
        """
        pipeline = self.deployment.pipeline.name
        name = check_name("run", run_name or self.deployment.run_name, f"pipeline {pipeline!r}", RunNameError)
        with self._lock:
            if self._factory is None:
                self._run_name = name
                self._factory = LauncherFactory(
                    self.deployment, self.pipeline, self.stack, self._connection, name
                )
            if name != self._run_name:
                raise RunNameError(
                    f"The steps of pipeline {pipeline!r} have been run under the name {self._run_name!r}, "
                    f"and now {name!r} is asked for: give every `run_step` of a run the same run_name."
                )
            return self._factory

    def outputs_of(self, execution_id: int) -> dict[str, list[Any]]:
        """Return the output artifacts that the record links to an execution, by output key."""
        return dict(get_output_artifacts(KeptMetadata(self._connection), execution_id))

    def first_time(self, announcement: str) -> bool:
        """Whether ``announcement`` has not been asked for in this run before."""
        mine = object()
        return self._announced.setdefault(announcement, mine) is mine  # one step, whoever asks meanwhile
