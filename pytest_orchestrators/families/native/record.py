"""What ML Metadata says of a run: executions with their states, inputs and outputs, as plain data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ml_metadata.proto import metadata_store_pb2 as pb
from tfx.types import artifact_utils

from pytest_orchestrators.contract.compiler.naming import input_name, output_name
from pytest_orchestrators.contract.errors import MaterializationError
from pytest_orchestrators.contract.runtime.connection import connected
from pytest_orchestrators.contract.runtime.executor import load_value
from pytest_orchestrators.contract.runtime.metadata import ConnectedStore
from pytest_orchestrators.contract.stack.metadata import MetadataStoreConfig
from pytest_orchestrators.suite.evidence import Artifact, Execution, jsonable

_PIPELINE, _RUN, _NODE = "pipeline", "pipeline_run", "node"
#: What TFX calls the property in which an execution's result is.
_RESULT = "__execution_result__"
_INPUTS, _OUTPUTS = (pb.Event.INPUT,), (pb.Event.OUTPUT,)


@contextmanager
def opened(config: MetadataStoreConfig) -> Iterator[ConnectedStore]:
    """The store of a record, open until the block ends."""
    with connected(config) as connection:
        yield ConnectedStore(connection)


def read_executions(store: Any, pipeline: str, run_names: Iterable[str]) -> list[Execution]:
    """All executions of a pipeline under these run names, in the order in which they were registered."""
    context = store.get_context_by_type_and_name(_PIPELINE, pipeline)
    if context is None:
        return []
    of_pipeline = {execution.id for execution in store.get_executions_by_context(context.id)}
    found: list[Execution] = []
    for run_name in sorted(run_names):
        run = store.get_context_by_type_and_name(_RUN, run_name)
        executions = store.get_executions_by_context(run.id) if run else []
        mine = sorted((e for e in executions if e.id in of_pipeline), key=lambda e: int(e.id))
        found += [_execution(store, pipeline, run_name, execution) for execution in mine]
    return found


def _execution(store: Any, pipeline: str, run_name: str, execution: Any) -> Execution:
    events = store.get_events_by_execution_ids([execution.id])
    outputs: dict[str, tuple[Artifact, ...]] = {}
    for key, ids in _linked(events, _OUTPUTS).items():
        outputs[output_name(key)] = tuple(_artifact(store, id) for id in ids)
    return Execution(
        step=_step_name(store, pipeline, execution.id),
        run_name=run_name,
        state=pb.Execution.State.Name(execution.last_known_state).lower(),
        inputs={input_name(key): tuple(map(str, ids)) for key, ids in _linked(events, _INPUTS).items()},
        outputs=outputs,
        reason=_reason(execution),
    )


def _reason(execution: Any) -> str:
    """The last line of what the launcher published of a failure."""
    result = (
        execution.custom_properties[_RESULT].string_value if _RESULT in execution.custom_properties else ""
    )
    message = str(json.loads(result).get("resultMessage", "")) if result else ""
    return message.strip().rpartition("\n")[2]


def _step_name(store: Any, pipeline: str, execution_id: int) -> str:
    for context in store.get_contexts_by_execution(execution_id):
        if context.type == _NODE:
            return str(context.name).removeprefix(f"{pipeline}.")
    return f"execution {execution_id} of no step"


def _linked(events: Iterable[Any], kinds: tuple[int, ...]) -> dict[str, list[int]]:
    """Artifact ids by the key under which they are linked."""
    found: dict[str, list[int]] = {}
    for event in events:
        if event.type in kinds:
            found.setdefault(event.path.steps[0].key, []).append(event.artifact_id)
    return found


def _artifact(store: Any, id: int) -> Artifact:
    [artifact] = store.get_artifacts_by_id([id])
    folder = Path(artifact.uri)
    if not folder.exists():
        return Artifact(id=str(id), exists=False)
    files = tuple(sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()))
    try:
        value = load_output(store, id)
    except MaterializationError:
        return Artifact(id=str(id), exists=False, files=files)
    return Artifact(id=str(id), exists=True, value=jsonable(value), files=files)


def load_output(store: Any, id: int) -> Any:
    """The value of an artifact, by its id.

    Raises:
        MaterializationError: it cannot be loaded.
    """
    [artifact] = store.get_artifacts_by_id([id])
    [kind] = store.get_artifact_types_by_id([artifact.type_id])
    return load_value(artifact_utils.deserialize_artifact(kind, artifact))


def find_artifact(store: Any, pipeline: str, run_name: str, step: str, output: str) -> Any:
    """The artifact that a step of a run put out, as ML Metadata holds it.

    Raises:
        LookupError: there is none, or more than one.
    """
    for execution in read_executions(store, pipeline, [run_name]):
        if execution.step == step and len(execution.outputs.get(output, ())) == 1:
            [artifact] = store.get_artifacts_by_id([int(execution.outputs[output][0].id)])
            return artifact
    raise LookupError(f"run {run_name} of pipeline {pipeline} has no single artifact {step}.{output}")


def take_off(store: Any, artifact: Any) -> None:
    """Mark an artifact as deleted: no input is resolved to it any more."""
    artifact.state = pb.Artifact.DELETED
    store.put_artifacts([artifact])
