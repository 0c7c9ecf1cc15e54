"""Planned steps as nodes of TFX's pipeline language."""

from __future__ import annotations

from typing import Any

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types import Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from pytest_orchestrators.contract.compiler.naming import NODE_TYPE, PAYLOAD_KEY, input_key, output_key
from pytest_orchestrators.contract.compiler.planned_step import PlannedStep
from pytest_orchestrators.contract.runtime.executor import StepExecutor


class _NodeSpec(ComponentSpec):  # type: ignore[misc]
    """Base of the interfaces of all nodes, each of which gets a subclass of its own."""

    PARAMETERS = {PAYLOAD_KEY: ExecutionParameter(type=str)}
    INPUTS: dict[str, ChannelParameter] = {}
    OUTPUTS: dict[str, ChannelParameter] = {}


class StepNode(BaseComponent):  # type: ignore[misc]
    """The node of a step: one class, and so one type on the record, for all steps of all pipelines."""

    SPEC_CLASS = _NodeSpec
    EXECUTOR_SPEC = ExecutorClassSpec(StepExecutor)

    @classmethod
    def get_class_type(cls) -> str:
        """The type's name, which must not depend on where this class lives."""
        return NODE_TYPE


def make_nodes(steps: dict[str, PlannedStep]) -> list[StepNode]:
    """Make the nodes of a pipeline, connected; ``steps`` have to be in an order of execution."""
    nodes: dict[str, StepNode] = {}
    for name, planned in steps.items():
        node = StepNode(spec=_spec_of(planned, nodes)).with_id(name)
        for upstream in planned.upstream:
            node.add_upstream_node(nodes[upstream])
        nodes[name] = node
    return list(nodes.values())


def _spec_of(planned: PlannedStep, nodes: dict[str, StepNode]) -> _NodeSpec:
    channels: dict[str, Any] = {
        input_key(name): nodes[producer].outputs[output_key(output)]
        for name, (producer, output) in planned.data.items()
    }
    inputs = {key: ChannelParameter(type=channel.type) for key, channel in channels.items()}
    types = {output_key(name): artifact_type for name, artifact_type in planned.artifact_types.items()}
    outputs = {key: ChannelParameter(type=artifact_type) for key, artifact_type in types.items()}
    spec_class = type("StepNodeSpec", (_NodeSpec,), {"INPUTS": inputs, "OUTPUTS": outputs})
    channels |= {key: Channel(type=artifact_type) for key, artifact_type in types.items()}
    spec: _NodeSpec = spec_class(**{PAYLOAD_KEY: planned.payload.to_text()}, **channels)
    return spec
