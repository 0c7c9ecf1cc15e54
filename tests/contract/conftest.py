"""Fresh stores and a look at the record, for the tests of the contract."""

from dataclasses import dataclass

import pytest
import sample_steps

from pytest_orchestrators import (
    InMemoryMetadataConfig,
    LocalArtifactStore,
    SqliteMetadataConfig,
    Stack,
    SubprocessStepOperator,
)
from pytest_orchestrators.contract.runtime.connection import connected
from pytest_orchestrators.contract.runtime.executor import load_value
from pytest_orchestrators.contract.runtime.metadata import ConnectedStore, KeptMetadata
from reference_flavors.local import LocalOrchestratorFlavor


@pytest.fixture(autouse=True)
def _fresh_calls(monkeypatch, tmp_path):
    sample_steps.calls.clear()
    monkeypatch.setenv("PYTEST_ORCHESTRATORS_STORES", str(tmp_path / "stores"))


@pytest.fixture
def calls():
    """What the sample steps did in this process, in order."""
    return sample_steps.calls


@pytest.fixture
def make_stack(tmp_path, request):
    """Make a stack on stores that belong to this test; in memory unless ``on_disk``."""

    def make(orchestrator=None, *, on_disk=False, metadata=None):
        on_file = SqliteMetadataConfig(path=tmp_path / "metadata.db")
        return Stack(
            "test",
            orchestrator or LocalOrchestratorFlavor().create(),
            LocalArtifactStore.at(tmp_path / "artifacts"),
            metadata or (on_file if on_disk else InMemoryMetadataConfig(name=request.node.nodeid)),
            step_operators={"subprocess": SubprocessStepOperator()},
        )

    return make


@pytest.fixture
def stack(make_stack):
    return make_stack()


@dataclass
class Recorded:
    """One execution on the record."""

    id: int
    step: str
    state: str
    run: str
    contexts: dict[str, str]
    properties: dict[str, str]
    artifacts: dict[str, object]

    @property
    def outputs(self):
        return {name: load_value(artifact) for name, artifact in self.artifacts.items()}


def executions(stack):
    """All executions on the record of ``stack``, oldest first."""
    from ml_metadata.proto.metadata_store_pb2 import Execution
    from tfx.orchestration.portable.mlmd.execution_lib import get_output_artifacts

    with connected(stack.metadata) as connection:
        store = ConnectedStore(connection)
        types = {kind.id: kind.name for kind in store.get_context_types()}
        found = []
        for execution in sorted(store.get_executions(), key=lambda each: each.id):
            contexts = {types[c.type_id]: c for c in store.get_contexts_by_execution(execution.id)}
            artifacts = get_output_artifacts(KeptMetadata(connection), execution.id)
            own = contexts["pytest_orchestrators.step_run"] if len(contexts) > 3 else None
            found.append(
                Recorded(
                    id=execution.id,
                    step=contexts["node"].name.partition(".")[2],
                    state=Execution.State.Name(execution.last_known_state),
                    run=contexts["pipeline_run"].name,
                    contexts={kind: context.name for kind, context in contexts.items()},
                    properties={k: v.string_value for k, v in own.properties.items()} if own else {},
                    artifacts={key[4:]: artifact for key, [artifact] in artifacts.items()},
                )
            )
        return found


@pytest.fixture
def record():
    """``record(stack)`` lists all executions; ``record(stack, run_name)`` maps a run's steps to theirs."""

    def look(stack, run=None):
        found = executions(stack)
        return found if run is None else {each.step: each for each in found if each.run == run}

    return look
