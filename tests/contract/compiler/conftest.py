"""The stack that pipelines are compiled for."""

import pytest
from definitions import Operator, Orchestrator

from pytest_orchestrators import InMemoryMetadataConfig, LocalArtifactStore, Stack


@pytest.fixture
def stack(tmp_path):
    return Stack(
        "stack",
        Orchestrator(),
        LocalArtifactStore.at(tmp_path / "artifacts"),
        InMemoryMetadataConfig(),
        step_operators={"far": Operator()},
    )
