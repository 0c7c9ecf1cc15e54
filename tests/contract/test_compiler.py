"""Compiling: what comes out for right pipelines, and what is said about wrong ones."""

import gc
import random
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tfx.dsl.context_managers import dsl_context_registry
from tfx.proto.orchestration import pipeline_pb2

from pytest_orchestrators import (
    BaseOrchestrator,
    BaseStepOperator,
    Client,
    DeploymentError,
    InMemoryMetadataConfig,
    LocalArtifactStore,
    Pipeline,
    PipelineDeployment,
    PipelineError,
    ResourceSettings,
    Schedule,
    SqliteMetadataConfig,
    Stack,
    StepDefinition,
    get_cache_status,
    step,
)
from pytest_orchestrators.contract.compiler.payload import StepPayload
from pytest_orchestrators.contract.compiler.representation import decode_pipeline, encode_pipeline


class Orchestrator(BaseOrchestrator):
    def prepare_or_run_pipeline(self, deployment, stack):
        return deployment.run_name


class Runner(BaseOrchestrator):
    def prepare_or_run_pipeline(self, deployment, stack):
        return {name: get_cache_status(self.run_step(step)) for name, step in deployment.steps.items()}


class Operator(BaseStepOperator):
    def launch(self, info, entrypoint_command, environment):
        raise NotImplementedError


@step
def load(n: int, flag: bool = False) -> int:
    return n


@step
def double(x: int) -> int:
    return 2 * x


@step(outputs=("self", "x"))
def split(x: int) -> tuple[int, str]:
    return x, str(x)


@step(outputs={"x": dict, "self": int})
def swap(x: int, self: str) -> Any:
    return {self: x}, x + 1


@step
def write(file: str, values: dict, more: int) -> None:
    Path(file).write_text(repr((values, more)))


@step
def sink(x: Any = None) -> None:
    pass


def probe(**received: Any) -> Any:
    return received


@pytest.fixture
def stack(tmp_path):
    return Stack(
        "stack",
        Orchestrator(),
        LocalArtifactStore.at(tmp_path / "artifacts"),
        InMemoryMetadataConfig(),
        step_operators={"far": Operator()},
    )


def nodes_of(deployment):
    pipeline = decode_pipeline(deployment.proto_pipeline)
    return {node.pipeline_node.node_info.id: node.pipeline_node for node in pipeline.nodes}


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
    any_step = StepDefinition(f"{__name__}.probe", outputs={"output": dict})
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
    definition = StepDefinition(f"{__name__}.probe", outputs={"o": declared})
    node = nodes_of(Pipeline("demo", definition()).compile(stack))["probe"]
    assert [output.type_source for output in payload_of(node).outputs] == [source]


def test_order_is_topological_with_ties_by_name(stack):
    names = "dcba"
    first = load(n=0).named("z")
    middle = [double(first).named(name) for name in names]
    free = load(n=1).named("y")
    pipeline = Pipeline("demo", sink().named("e").after(*middle), free)
    assert list(pipeline.compile(stack).steps) == ["y", "z", "a", "b", "c", "d", "e"]


def test_order_only_dependencies_carry_no_data(stack):
    first = load(n=1)
    deployment = Pipeline("demo", sink().after(first), double(2).after("load", "sink")).compile(stack)
    assert deployment.steps["double"].spec.upstream_steps == ["load", "sink"]
    assert deployment.steps["double"].config.inputs == {}
    assert list(nodes_of(deployment)["double"].upstream_nodes) == ["load", "sink"]


def in_a_cycle():
    first, second = load(n=1), double(2)
    first.after(second)
    return double(first).named("third"), second.after(first)


WRONG = {
    "cycle": (in_a_cycle, "'double' -> 'load' -> 'double'|'load' -> 'double' -> 'load'"),
    "own upstream": (lambda: (load(n=1).after("load"),), "cycle: 'load' -> 'load'"),
    "duplicate": (lambda: (double(load(n=1)), load(n=2)), "two steps .* 'load'.*named"),
    "unknown upstream": (lambda: (load(n=1).after("gone"),), "step 'load' .* after 'gone'"),
    "upstream that is no step": (lambda: (load(n=1).after(double),), "call the step|no step"),
    "uncalled": (lambda: (load,), "call the step"),
    "empty": (lambda: (), "no step"),
    "missing parameter": (lambda: (double(load()),), "step 'load' .*'n'"),
    "wrong type": (lambda: (double("2"),), "step 'double' .*'x' as int"),
    "wrong type upstream": (lambda: (double(split(1)["x"]),), "step 'double' .*'split' is str"),
    "step name": (lambda: (load(n=1).named("../x"),), r"step name '\.\./x'"),
    "name of the pipeline": (lambda: (load(n=1).named("demo"),), "'demo' has the name of its pipeline"),
    "output name": (
        lambda: (StepDefinition(f"{__name__}.probe", outputs={"../../o": int})(),),
        r"output name '\.\./\.\./o' in step 'probe'",
    ),
    "operator": (
        lambda: (load(n=1).with_options(step_operator="near"),),
        r"step 'load' .*'near'.*has 'far'",
    ),
    "unstorable": (
        lambda: (StepDefinition(f"{__name__}.probe", outputs={"o": object.__init__})(),),
        "step 'probe' .*'o'",
    ),
    "source": (lambda: (StepDefinition("gone.function")(),), "step 'function' .*'gone.function'"),
    "builtin": (lambda: (StepDefinition("builtins.len")(),), "step 'len' .*not written in Python"),
    "settings": (lambda: (load(n=1).with_options(settings={"k": object()}),), "step 'load' .*settings"),
}


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in WRONG.items()])
def test_wrong_pipelines_are_refused(stack, make):
    steps, reason = make[0](), make[1]
    with pytest.raises(PipelineError) as caught:
        Pipeline("demo", *steps).compile(stack)
    assert re.search(reason, str(caught.value), re.IGNORECASE)
    assert not list((stack.artifact_store.config.path).parent.rglob("*"))


@pytest.mark.parametrize("name", ["", "..", "a/b", "/abs", "x" * 64, 3])
def test_unsafe_pipeline_and_run_names_are_refused(stack, name):
    with pytest.raises(PipelineError, match="pipeline name"):
        Pipeline(name, load(n=1)).compile(stack)
    if name != "x" * 64:
        with pytest.raises(PipelineError, match="run name"):
            Pipeline("demo", load(n=1)).compile(stack, run_name=name)


def test_names_may_be_as_long_as_their_limits(stack):
    step_name, output, run_name = "s" * 190, "o" * 200, "r" * 200
    definition = StepDefinition(f"{__name__}.probe", name=step_name, outputs={output: int})
    deployment = Pipeline("p" * 63, definition()).compile(stack, run_name)
    assert list(nodes_of(deployment)[step_name].outputs.outputs) == [f"out_{output}"]
    assert PipelineDeployment.from_json(deployment.to_json()).run_name == run_name


@pytest.mark.parametrize("field", ["settings", "extra"])
def test_a_pipelines_settings_and_extra_are_plain_data(stack, field):
    with pytest.raises(PipelineError, match=f"pipeline 'demo' has .*{field}"):
        Pipeline("demo", load(n=1), **{field: {"k": (1,)}}).compile(stack)


def test_names_that_were_smuggled_into_a_representation_are_refused(stack):
    deployment = Pipeline("demo", load(n=1)).compile(stack)

    def smuggle(change):
        ir = decode_pipeline(deployment.proto_pipeline)
        change(ir)
        return encode_pipeline(ir)

    def rename_step(ir):
        ir.nodes[0].pipeline_node.node_info.id = "../../x"

    def rename_output(ir):
        outputs = ir.nodes[0].pipeline_node.outputs.outputs
        outputs["out_/../../x"].CopyFrom(outputs["out_output"])

    def rename_output_without_prefix(ir):
        outputs = ir.nodes[0].pipeline_node.outputs.outputs
        outputs["../"].CopyFrom(outputs["out_output"])

    def rename_pipeline(ir):
        ir.pipeline_info.id = ".."

    for change, kind in [
        (rename_step, "step"),
        (rename_output, "output"),
        (rename_output_without_prefix, "output"),
        (rename_pipeline, "pipeline"),
    ]:
        with pytest.raises(DeploymentError, match=f"{kind} name"):
            decode_pipeline(smuggle(change))
    for text in ("", "not base64!", "e30"):
        with pytest.raises(DeploymentError):
            decode_pipeline(text)


def test_a_payload_that_is_none_is_refused():
    for text in ("", "[]", '{"source": 1}'):
        with pytest.raises(DeploymentError, match="cannot be read"):
            StepPayload.from_text(text)


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


def graph_of(count, seed):
    random_edges = random.Random(seed)
    any_step = StepDefinition(f"{__name__}.probe", outputs={"output": dict})
    nodes = []
    for index in range(count):
        feeds = random_edges.sample(nodes, min(len(nodes), 3))
        inputs = {f"i{number}": feed for number, feed in enumerate(feeds[:2])}
        nodes.append(any_step(n=index, **inputs).named(f"s{index}").after(*feeds[2:]))
    random_edges.shuffle(nodes)
    return Pipeline("graph", *nodes)


@settings(max_examples=20, deadline=None)
@given(count=st.integers(1, 12), seed=st.integers())
def test_any_graph_compiles_to_an_order_of_execution(tmp_path_factory, count, seed):
    stack = Stack(
        "s", Orchestrator(), LocalArtifactStore.at(tmp_path_factory.getbasetemp()), InMemoryMetadataConfig()
    )
    deployment = graph_of(count, seed).compile(stack)
    done = set()
    for name, compiled in deployment.steps.items():
        assert done.issuperset(compiled.spec.upstream_steps)
        done.add(name)
    assert len(done) == count
    assert {name: list(node.upstream_nodes) for name, node in nodes_of(deployment).items()} == {
        name: compiled.spec.upstream_steps for name, compiled in deployment.steps.items()
    }


def test_three_hundred_steps_compile_in_seconds(stack):
    pipeline = graph_of(300, seed=1)
    started = time.perf_counter()
    deployment = pipeline.compile(stack)
    assert time.perf_counter() - started < 10
    assert len(deployment.steps) == 300


def test_a_deep_chain_does_not_run_out_of_stack(stack):
    invocation = load(n=0)
    for index in range(1100):
        invocation = double(invocation).named(f"s{index}")
    assert len(Pipeline("deep", invocation).compile(stack).steps) == 1101


def test_awkward_names_run_and_are_cached(tmp_path):
    stack = Stack(
        "stack",
        Runner(),
        LocalArtifactStore.at(tmp_path / "artifacts"),
        SqliteMetadataConfig(path=tmp_path / "metadata.db"),
    )

    def run(n):
        parts = split(n).named("tëil it's")
        swapped = swap(x=parts["self"], self=parts["x"]).named('"self" \N{SNOWMAN}')
        last = write(str(tmp_path / "out"), swapped["x"], swapped.outputs.self).named("w" * 190)
        return Pipeline("a b: c", last).run(run_name=f"rün '{n}' {tmp_path.name}", stack=stack)

    assert set(run(3).values()) == {False}
    assert (tmp_path / "out").read_text() == "({'3': 3}, 4)"
    again = Pipeline("other", sink(load(n=1)).after(load(n=2).named("first")))
    assert list(again.run(stack=stack).items()) == [("first", False), ("load", False), ("sink", False)]
    assert list(again.run(stack=stack).items()) == [("first", True), ("load", True), ("sink", True)]
    changed = Pipeline("other", sink(load(n=1)).after(load(n=3).named("first")))
    assert list(changed.run(stack=stack).items()) == [("first", False), ("load", True), ("sink", True)]
