"""An engine, stacks on it, and the record, for the tests of containers."""

import os

import pytest

from pytest_orchestrators import (
    ContainerRegistry,
    ContainerRegistryConfig,
    LocalArtifactStore,
    NoContainerEngineError,
    SqliteMetadataConfig,
    Stack,
    SubprocessStepOperator,
    connect_to_engine,
)
from pytest_orchestrators.contract.runtime.connection import connected
from pytest_orchestrators.contract.runtime.metadata import ConnectedStore
from reference_flavors.local_docker import LocalDockerOrchestratorFlavor
from reference_flavors.local_docker.ownership import OWNER_LABEL


@pytest.fixture(scope="session")
def engine():
    """A client of the engine; only where this is not CI may it be missing."""
    try:
        with connect_to_engine() as client:
            yield client
    except NoContainerEngineError as error:
        pytest.fail(str(error)) if os.environ.get("CI") else pytest.skip(str(error))


@pytest.fixture
def containers(engine):
    """All containers of ours, running or not."""
    return lambda: engine.containers.list(all=True, filters={"label": OWNER_LABEL}, ignore_removed=True)


@pytest.fixture(autouse=True)
def stores(tmp_path, monkeypatch):
    """The local stores folder of this test."""
    path = tmp_path / "stores"
    monkeypatch.setenv("PYTEST_ORCHESTRATORS_STORES", str(path))
    return path


@pytest.fixture
def bare_stack(stores):
    """Make a stack with a local_docker orchestrator of this configuration, on whatever engine there is."""

    def make(registry=None, **config):
        return Stack(
            "docker",
            LocalDockerOrchestratorFlavor().create(config),
            LocalArtifactStore.at(stores / "artifacts"),
            SqliteMetadataConfig(path=stores / "metadata.db"),
            container_registry=registry and ContainerRegistry(config=ContainerRegistryConfig(uri=registry)),
            step_operators={"subprocess": SubprocessStepOperator()},
        )

    return make


@pytest.fixture
def make_stack(engine, bare_stack, stores, containers):
    """Make a stack on the engine; nothing of what is run on it may stay behind."""
    yield bare_stack
    assert containers() == []
    assert list(stores.glob("*handover-*")) == []


@pytest.fixture
def states():
    """``states(stack)``: the states of all executions on the record, oldest first."""
    from ml_metadata.proto.metadata_store_pb2 import Execution

    def look(stack):
        with connected(stack.metadata) as connection:
            found = sorted(ConnectedStore(connection).get_executions(), key=lambda each: each.id)
        return [Execution.State.Name(execution.last_known_state) for execution in found]

    return look


@pytest.fixture
def outputs():
    """``outputs(stack)``: the values of all artifacts on the record, oldest first."""
    import json
    from pathlib import Path

    def look(stack):
        with connected(stack.metadata) as connection:
            artifacts = sorted(ConnectedStore(connection).get_artifacts(), key=lambda each: each.id)
        return [json.loads((Path(artifact.uri) / "value.json").read_text()) for artifact in artifacts]

    return look
