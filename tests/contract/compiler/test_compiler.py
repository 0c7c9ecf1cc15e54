"""Compiling: what comes out for right pipelines."""

import gc
import re
from datetime import timedelta
from typing import Annotated, Any, Literal, Optional, TypedDict

import pytest
from definitions import double, load, nodes_of, probe, sink, split
from tfx.dsl.context_managers import dsl_context_registry
from tfx.proto.orchestration import pipeline_pb2

from pytest_orchestrators import (
    Client,
    Pipeline,
    PipelineDeployment,
    ResourceSettings,
    Schedule,
    StepDefinition,
)
from pytest_orchestrators.contract.compiler.payload import StepPayload
from pytest_orchestrators.contract.compiler.representation import decode_pipeline


def payload_of(node):
    return StepPayload.from_text(node.parameters.parameters["step"].field_value.string_value)


def test_a_pipeline_becomes_a_deployment(stack):
    loaded = load(n=21).with_options(resources=ResourceSettings(cpu_count=2), settings={"k": [1]})
    last = split(double(loaded)).with_options(step_operator="far")
    pipeline = Pipeline(
        "demo",
        last,
        schedule=Schedule(interval_second=timedelta(hours=1)),
        settings={"docker": {}},
        extra={"seen": 1},
    )
    deployment = pipeline.compile(stack, run_name="run 1")
    assert (deployment.run_name, deployment.stack_id) == ("run 1", stack.id)
    assert (deployment.pipeline.settings, deployment.pipeline.extra) == ({"docker": {}}, {"seen": 1})
    assert deployment.schedule == pipeline.schedule
    assert {name: s.spec.upstream_steps for name, s in deployment.steps.items()} == {
        "load": [],
        "double": ["load"],
        "split": ["double"],
    }
    config = deployment.steps["load"].config
    assert config.parameters == {"n": 21, "flag": False}
    assert (config.settings, config.resource_settings.cpu_count) == ({"k": [1]}, 2)
    assert deployment.steps["split"].config.step_operator == "far"
    assert deployment.steps["split"].spec.source == split.source
    outputs = deployment.steps["split"].config.outputs
    assert list(outputs) == ["self", "x"]
    assert deployment.steps["split"].config.inputs["x"].artifact_source == (
        deployment.steps["double"].config.outputs["output"].artifact_source
    )
    assert PipelineDeployment.from_json(deployment.to_json()) == deployment


def test_nodes_carry_all_that_makes_a_result_and_nothing_else(stack, tmp_path):
    deployment = Pipeline("demo", split(double(load(n=21)))).compile(stack)
    ir = decode_pipeline(deployment.proto_pipeline)
    node = nodes_of(deployment)["split"]
    assert ir.pipeline_info.id == "demo"
    root = ir.runtime_spec.pipeline_root.runtime_parameter
    assert root.default_value.string_value == str(tmp_path / "artifacts" / "demo")
    assert ir.runtime_spec.pipeline_run_id.runtime_parameter.name == "pipeline-run-id"
    assert node.node_info.type.name == "pytest_orchestrators.Step"
    assert (list(node.inputs.inputs), sorted(node.outputs.outputs)) == (["in_x"], ["out_self", "out_x"])
    assert list(node.upstream_nodes) == ["double"]
    config = pipeline_pb2.IntermediateDeploymentConfig()
    assert ir.deployment_config.Unpack(config)
    assert not config.HasField("metadata_connection_config")
    assert set(config.executor_specs) == {"load", "double", "split"}
    payload = payload_of(node)
    assert (payload.source, payload.parameters) == (split.source, {})
    assert [(output.name, output.type_source) for output in payload.outputs] == [
        ("self", "builtins.int"),
        ("x", "builtins.str"),
    ]


def test_settings_schedule_and_order_are_not_part_of_a_steps_identity(stack):
    bare = Pipeline("demo", double(load(n=1))).compile(stack)
    load_2 = load(n=1).with_options(
        settings={"a": 1}, resources=ResourceSettings(gpu_count=1), enable_cache=False
    )
    dressed = Pipeline("demo", double(load_2).after(sink()), schedule=Schedule(catchup=True)).compile(stack)
    for name, node in nodes_of(bare).items():
        assert payload_of(node) == payload_of(nodes_of(dressed)[name])


VALUES = [0, False, None, "", [], {}, 1, 1.0, True, "1", 10**40, "None", "é", "\0", [None], {"a": None}]


def test_every_value_is_a_parameter_of_its_own(stack):
    any_step = StepDefinition(f"{probe.__module__}.probe", outputs={"output": dict})
    pipeline = Pipeline("demo", *[any_step(value=value).named(f"s{i}") for i, value in enumerate(VALUES)])
    deployment = pipeline.compile(stack)
    nodes = nodes_of(deployment)
    texts = {
        nodes[f"s{i}"].parameters.parameters["step"].field_value.string_value for i in range(len(VALUES))
    }
    assert len(texts) == len(VALUES)
    for i, value in enumerate(VALUES):
        assert repr(payload_of(nodes[f"s{i}"]).parameters["value"]) == repr(value)
        assert repr(deployment.steps[f"s{i}"].config.parameters["value"]) == repr(value)


@pytest.mark.parametrize(
    ("pipeline_caches", "step_caches", "caches"),
    [(True, None, True), (False, None, False), (True, False, False), (False, True, True)],
)
def test_a_steps_own_caching_switch_comes_before_the_pipelines(stack, pipeline_caches, step_caches, caches):
    invocation = load(n=1).with_options(enable_cache=step_caches)
    deployment = Pipeline("demo", invocation, enable_cache=pipeline_caches).compile(stack)
    assert deployment.steps["load"].config.enable_cache is caches
    assert nodes_of(deployment)["load"].execution_options.caching_options.enable_cache is caches


class Record(TypedDict):
    n: int


@pytest.mark.parametrize(
    ("declared", "source"),
    [
        (int, "builtins.int"),
        (list[int], "builtins.list"),
        (Annotated[dict[str, int], "meta"], "builtins.dict"),
        (int | None, None),
        (Optional[int], None),  # noqa: UP045
        (Literal[1], None),
        (Record, None),
        (Any, None),
    ],
)
def test_a_payload_names_the_class_of_an_output_where_the_type_tells(stack, declared, source):
    definition = StepDefinition(f"{probe.__module__}.probe", outputs={"o": declared})
    node = nodes_of(Pipeline("demo", definition()).compile(stack))["probe"]
    assert [output.type_source for output in payload_of(node).outputs] == [source]


def test_run_names_are_new_every_time(stack):
    pipeline = Pipeline("demo", load(n=1))
    names = {pipeline.compile(stack).run_name for _ in range(3)}
    assert len(names) == 3
    assert all(re.fullmatch(r"demo-\d{4}(_\d\d){2}-(\d\d_){3}\d{6}-[0-9a-f]{4}", name) for name in names)


def test_without_a_stack_the_active_one_is_taken(stack):
    with Client().temporary_stack(stack):
        assert Pipeline("demo", load(n=1)).compile().stack_id == stack.id
        assert Pipeline("demo", load(n=1)).run("by hand") == "by hand"


def test_run_prepares_every_component_once_and_hands_back_the_answer(stack):
    prepared = []
    stack.orchestrator.prepare_pipeline_deployment = lambda deployment, stack: prepared.append(deployment)
    assert Pipeline("demo", load(n=1)).run("run 1", stack) == "run 1"
    assert [deployment.run_name for deployment in prepared] == ["run 1"]


def test_compiling_leaves_nothing_behind_in_tfx(stack):
    nodes_before = list(dsl_context_registry.get().all_nodes)
    Pipeline("demo", double(load(n=1))).compile(stack)
    assert dsl_context_registry.get().all_nodes == nodes_before
    from pytest_orchestrators.contract.compiler.nodes import StepNode

    gc.collect()
    assert not [thing for thing in gc.get_objects() if isinstance(thing, StepNode)]
