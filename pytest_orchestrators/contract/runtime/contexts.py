"""The ML Metadata context of our own: one per step and run, with the configuration that it ran under."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ml_metadata.proto import metadata_store_pb2 as pb
from tfx.proto.orchestration import pipeline_pb2

from pytest_orchestrators.contract.deployment.pipeline_configuration import PipelineConfiguration
from pytest_orchestrators.contract.deployment.steps import StepConfiguration
from pytest_orchestrators.contract.runtime.identity import StepRunIdentity

if TYPE_CHECKING:
    from pytest_orchestrators.contract.stack.stack import Stack

STEP_RUN_CONTEXT = "pytest_orchestrators.step_run"
"""Name of the context type. One context belongs to all executions of one step in one run: its attempts."""

_PROPERTIES = ("run", "stack", "pipeline_configuration", "step_configuration")


def describe_stack(stack: Stack) -> str:
    """Return a stack as JSON for the record, with every secret masked."""
    return json.dumps(
        {
            "id": str(stack.id),
            "name": stack.name,
            "metadata": stack.metadata.model_dump(mode="json"),
            "components": [
                {
                    "type": component.TYPE.value,
                    "name": component.name,
                    "class": f"{type(component).__module__}.{type(component).__qualname__}",
                    "config": component.config.model_dump(mode="json"),
                }
                for component in stack.components
            ],
        }
    )


class StepRunContexts:
    """Makes the contexts of the steps of one run."""

    def __init__(self, store: Any, stack: Stack, pipeline: PipelineConfiguration) -> None:
        """Register the context type. ``store`` is the record."""
        properties = dict.fromkeys(_PROPERTIES, pb.STRING)
        context_type = pb.ContextType(name=STEP_RUN_CONTEXT, properties=properties)
        self._type_id = store.put_context_type(context_type, can_add_fields=True, can_omit_fields=True)
        self._stack = describe_stack(stack)
        self._pipeline = pipeline.model_dump_json()

    def make(self, identity: StepRunIdentity, step: StepConfiguration) -> Any:
        """Return the context of a step in this run, with the three configurations as properties (JSON).

        It is put on the record together with the first execution in it, which saves a transaction.
        """
        context = pb.Context(type_id=self._type_id, name=identity.digest)
        texts = (identity.run, self._stack, self._pipeline, step.model_dump_json())
        for key, text in zip(_PROPERTIES, texts, strict=True):
            context.properties[key].string_value = text
        return context


def query_by_step_run(channel: pipeline_pb2.InputSpec.Channel, producer: StepRunIdentity) -> None:
    """Let an input look for its artifact among the attempts of one step in one run only.

    What the compiler puts there (the executions of the pipeline, of the run and of the node, intersected)
    finds the same, and costs more with every step of the pipeline and with every run before.
    """
    del channel.context_queries[:]
    query = channel.context_queries.add()
    query.type.name = STEP_RUN_CONTEXT
    query.name.field_value.string_value = producer.digest


def attempts_of(store: Any, digest: str) -> list[Any]:
    """Return the executions of a step in a run, which the digest of its identity stands for; oldest first."""
    context = store.get_context_by_type_and_name(STEP_RUN_CONTEXT, digest)
    if context is None:
        return []
    return sorted(store.get_executions_by_context(context.id), key=lambda execution: int(execution.id))
