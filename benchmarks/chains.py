"""The same chain of steps twice: as a pipeline of ours on `local`, and as TFX components.

Its first step makes a number, every later one reads the number before it and writes it plus one: JSON on
disk, a sqlite file as record, nothing else. Another first number makes every step execute again.
"""

# Annotations stay what they are here: TFX reads those of its components as objects.

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfx import types
from tfx.dsl.compiler.compiler import Compiler
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.orchestration import metadata
from tfx.orchestration import pipeline as tfx_pipeline
from tfx.orchestration.local.local_dag_runner import LocalDagRunner

from pytest_orchestrators import (
    LocalArtifactStore,
    LocalArtifactStoreConfig,
    Pipeline,
    SqliteMetadataConfig,
    Stack,
    step,
)
from reference_flavors.local import LocalOrchestratorFlavor


@step
def begin(number: int) -> int:
    return number


@step
def increment(before: int) -> int:
    return before + 1


class OurChain:
    """The chain on the `local` flavor, with stores under one folder."""

    def __init__(self, folder: Path, length: int) -> None:
        self._length = length
        store = LocalArtifactStore(config=LocalArtifactStoreConfig(path=str(folder / "artifacts")))
        record = SqliteMetadataConfig(path=folder / "metadata.db")
        self._stack = Stack("benchmark", LocalOrchestratorFlavor().create(), store, record)

    def prepared(self, number: int) -> Callable[[], object]:
        """Compile the chain under a new run name; what is returned runs it, as `Pipeline.run` does."""
        last = begin(number=number).named("step_000")
        for position in range(1, self._length):
            last = increment(before=last).named(f"step_{position:03}")
        deployment = Pipeline("chain", last).compile(self._stack)

        def run() -> None:
            self._stack.prepare_pipeline_deployment(deployment)
            self._stack.deploy_pipeline(deployment)

        return run


class Number(types.Artifact):  # type: ignore[misc]
    """A number in a JSON file."""

    TYPE_NAME = "benchmarks.Number"


def _write(artifact: types.Artifact, number: int) -> None:
    Path(artifact.uri, "value.json").write_text(json.dumps(number), encoding="utf-8")


def _read(artifact: types.Artifact) -> int:
    number: int = json.loads(Path(artifact.uri, "value.json").read_text(encoding="utf-8"))
    return number


@component  # type: ignore[untyped-decorator]
def TfxBegin(output: OutputArtifact[Number], number: Parameter[int]) -> None:
    _write(output, number)


@component  # type: ignore[untyped-decorator]
def TfxIncrement(before: InputArtifact[Number], output: OutputArtifact[Number]) -> None:
    _write(output, _read(before) + 1)


class TfxChain:
    """The chain on TFX's own `LocalDagRunner`, with stores under one folder."""

    def __init__(self, folder: Path, length: int) -> None:
        self._length = length
        self._root = str(folder / "artifacts")
        self._record = metadata.sqlite_metadata_connection_config(str(folder / "metadata.db"))

    def prepared(self, number: int) -> Callable[[], object]:
        """Compile the chain; what is returned runs it, as `LocalDagRunner.run` does once it has compiled."""
        components: list[Any] = [TfxBegin(number=number).with_id("step_000")]
        for position in range(1, self._length):
            before = components[-1].outputs["output"]
            components.append(TfxIncrement(before=before).with_id(f"step_{position:03}"))
        representation = Compiler().compile(
            tfx_pipeline.Pipeline(
                pipeline_name="chain",
                pipeline_root=self._root,
                components=components,
                enable_cache=True,
                metadata_connection_config=self._record,
            )
        )
        return lambda: LocalDagRunner().run_with_ir(representation)
