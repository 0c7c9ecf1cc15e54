"""Fresh stores for one scenario, and everything that is done with them."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
from pytest_orchestrators.contract.session import ENV_LOCAL_STORES_PATH, Client
from pytest_orchestrators.contract.stack.metadata import SqliteMetadataConfig
from pytest_orchestrators.contract.stack.stack import Stack
from pytest_orchestrators.families.native.building import LOST_SOURCE, deployment_of
from pytest_orchestrators.families.native.observed import (
    ObservedArtifactStore,
    ObservedConfig,
    ProbeOperatorConfig,
    ProbeStepOperator,
)
from pytest_orchestrators.families.native.record import find_artifact, opened, read_executions
from pytest_orchestrators.families.native.troubles import in_trouble
from pytest_orchestrators.families.native.watching import NativeWatch, watched
from pytest_orchestrators.probes.steps import INPUT, OPERATORS, ROOT_VARIABLE
from pytest_orchestrators.suite.evidence import Execution, TroubleEvidence
from pytest_orchestrators.suite.history import Damage, Run, Trouble
from pytest_orchestrators.suite.workload import Workload

_STATE = ("_active_deployment", "_active_pb2_pipeline")
#: Seconds after which a record in trouble is to be given up.
_PATIENCE_S = 1.0


class NativeWorkspace:
    """One stack on stores of its own."""

    lost_source = LOST_SOURCE
    #: The artifact store, and the file of the record with what sqlite puts beside it.
    kept = ("artifacts", "metadata.db")

    def __init__(self, flavor: Any, config: Mapping[str, Any], stores: Path, beside: str = "") -> None:
        self.root = stores / "artifacts" / f"journal {beside}".strip()
        self._flavor = flavor
        self._config = config
        self._stores = stores
        self._metadata = SqliteMetadataConfig(path=stores / "metadata.db")
        self._active = _Active()
        #: Deployments, and what was under `extra` when they had been prepared, by their identity.
        self._prepared_extra: dict[int, tuple[PipelineDeployment, Any]] = {}

    def create(self) -> Any:
        """A new orchestrator of the flavor, in a stack on these stores."""
        orchestrator = self._flavor.create(dict(self._config))
        observed = ObservedConfig(
            path=self._stores / "artifacts",
            root=self.root,
            metadata=self._metadata,
            host=socket.gethostname(),
            pid=os.getpid(),
        )
        self.stack = Stack(
            name="conformance",
            orchestrator=orchestrator,
            artifact_store=ObservedArtifactStore(name="observed", config=observed),
            metadata=self._metadata,
            step_operators={
                name: ProbeStepOperator(name, ProbeOperatorConfig(root=self.root)) for name in OPERATORS
            },
        )
        return orchestrator

    def build(self, action: Run, run_name: str) -> PipelineDeployment:
        """The deployment of an action."""
        return deployment_of(action, run_name, self.stack, self.root)

    def snapshot(self, deployment: PipelineDeployment) -> Mapping[str, Any]:
        """The deployment as plain data; of `extra`, what it has become since it was prepared."""
        data = deployment.model_dump(mode="json")
        extra = data["pipeline"].pop("extra", None)
        of, prepared = self._prepared_extra.get(id(deployment), (None, None))
        if of is deployment and extra != prepared:
            data["extra after it was prepared"] = extra
        data["order of steps"] = list(deployment.steps)
        return data

    def run(self, orchestrator: Any, deployment: PipelineDeployment) -> Any:
        """Prepare the deployment and deploy it, as `Pipeline.run` does on the active stack."""
        del orchestrator
        with self._active.stack(self.stack) as stack:
            stack.prepare_pipeline_deployment(deployment)
            extra = deployment.model_dump(mode="json")["pipeline"].get("extra")
            self._prepared_extra[id(deployment)] = deployment, extra
            return stack.deploy_pipeline(deployment)

    def overstep(self, orchestrator: Any, deployment: PipelineDeployment) -> None:
        """Call `run_step` for the first step of a deployment of which no run is active."""
        orchestrator.run_step(next(iter(deployment.steps.values())))

    @property
    def waitable(self) -> bool:
        """Whether the flavor has a method `wait_for_run`."""
        return hasattr(self._flavor, "wait_for_run")

    def wait(self, returned: Any) -> None:
        """Wait by the flavor's `wait_for_run(returned)`, else by what was returned: its `wait()`, its
        `result()`, or one after the other, as the first of them may raise nothing.

        Raises:
            LookupError: there is none of these.
        """
        if self.waitable:
            self._flavor.wait_for_run(returned)
            return
        waits = [wait for name in ("wait", "result") if callable(wait := getattr(returned, name, None))]
        if not waits:
            raise LookupError(
                f"the flavor declares async_submission, and its run cannot be waited for: {returned!r}, "
                "which run() returned, has no wait() or result(), and the flavor no wait_for_run(returned)"
            )
        for wait in waits:
            wait()

    def watch(self, orchestrator: Any, action: Run) -> AbstractContextManager[NativeWatch]:
        """Look on while a run goes on."""
        return watched(orchestrator, action, self.root)

    def observe(self, workload: Workload, run_names: frozenset[str]) -> list[Execution]:
        """What ML Metadata holds of this pipeline under these run names."""
        with opened(self._metadata) as store:
            found = read_executions(store, workload.name, run_names)
        return [
            e.model_copy(update={"inputs": {k.removeprefix(INPUT): ids for k, ids in e.inputs.items()}})
            for e in found
        ]

    def leftover(self, orchestrator: Any) -> Mapping[str, str]:
        """The active deployment and pipeline, if there still are any."""
        state = {name: getattr(orchestrator, name, None) for name in _STATE}
        return {name: type(value).__name__ for name, value in state.items() if value is not None}

    def target(self, orchestrator: Any, run_name: str) -> Mapping[str, Any]:
        """What the flavor's `applied_resources` and `applied_schedule` show, where it has them."""
        shown = {}
        for key in ("resources", "schedule"):
            show = getattr(self._flavor, f"applied_{key}", None)
            if show is not None:
                shown[key] = show(orchestrator, run_name)
        return shown

    def engine(self) -> AbstractContextManager[Any]:
        """The engine that the environment names; loaded when it is asked for, docker-py being an extra."""
        from pytest_orchestrators.contract.containers.engine import connect_to_engine

        return connect_to_engine()

    def damage(self, action: Damage, workload: Workload, run_name: str) -> None:
        """Delete the last file in the folder of an artifact, or the folder."""
        with opened(self._metadata) as store:
            wanted = action.artifact
            uri = Path(find_artifact(store, workload.name, run_name, wanted.step, wanted.output).uri)
        if action.what == "folder":
            shutil.rmtree(uri)
        else:
            [path for path in sorted(uri.rglob("*")) if path.is_file()][-1].unlink()

    @contextmanager
    def trouble(self, kind: Trouble) -> Iterator[TroubleEvidence]:
        """Something is wrong with the sqlite file, and the stack gives it up after a second."""
        whole = self.stack.metadata
        self.stack.metadata = self._metadata.model_copy(update={"timeout_s": _PATIENCE_S})
        try:
            with in_trouble(kind, self._metadata.path) as unobserved:
                yield TroubleEvidence(store=self._metadata.local_path, unobserved=unobserved)
        finally:
            self.stack.metadata = whole


class _Active:
    """The active stack of the process, for as long as any of several threads runs something on it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._activation = ExitStack()

    @contextmanager
    def stack(self, stack: Stack) -> Iterator[Stack]:
        """Have it active until the block ends, and those of all other threads."""
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._activation.enter_context(Client().temporary_stack(stack))
        try:
            yield stack
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._activation.close()


@contextmanager
def opened_workspace(
    flavor: Any, config: Mapping[str, Any], root: Path, beside: str = ""
) -> Iterator[NativeWorkspace]:
    """A workspace under a folder; the environment names its stores until the block ends."""
    workspace = NativeWorkspace(flavor, config, root, beside)
    told = {ENV_LOCAL_STORES_PATH: str(root), ROOT_VARIABLE: str(workspace.root)}
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield workspace
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
