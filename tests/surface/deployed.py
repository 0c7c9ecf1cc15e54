"""A deployment to be mutated, and how it is run."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

from pytest_orchestrators import InMemoryMetadataConfig, LocalArtifactStore, Pipeline, Stack, step
from pytest_orchestrators.contract.compiler.naming import PAYLOAD_KEY
from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
from reference_flavors.local import LocalOrchestratorFlavor


@step
def one(n: int) -> int:
    return n


@step
def two(x: int, by: float) -> float:
    return x * by


def stack_in_memory() -> Stack:
    return Stack(
        "test",
        LocalOrchestratorFlavor().create(),
        LocalArtifactStore.at("/nowhere"),
        InMemoryMetadataConfig(name="surface"),
    )


@cache
def deployment() -> PipelineDeployment:
    pipeline = Pipeline("demo", two(one(n=2), by=1.5))
    return pipeline.compile(stack=stack_in_memory(), run_name="run")


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(deployment().to_json())
    return found


@cache
def representation() -> dict[str, Any]:
    """The intermediate representation, as JSON has it."""
    found: dict[str, Any] = json.loads(base64.b64decode(document()["proto_pipeline"]))
    return found


@cache
def payload() -> dict[str, Any]:
    """What the node of the first step carries."""
    node = representation()["nodes"][0]["pipelineNode"]
    found: dict[str, Any] = json.loads(
        node["parameters"]["parameters"][PAYLOAD_KEY]["fieldValue"]["stringValue"]
    )
    return found
