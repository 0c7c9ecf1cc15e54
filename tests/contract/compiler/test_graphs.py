"""Graphs of any shape and size, and names of any kind."""

import random
import time
from pathlib import Path
from typing import Any

from definitions import Orchestrator, double, load, nodes_of, probe, sink, split
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_orchestrators import (
    BaseOrchestrator,
    InMemoryMetadataConfig,
    LocalArtifactStore,
    Pipeline,
    SqliteMetadataConfig,
    Stack,
    StepDefinition,
    get_cache_status,
    step,
)


class Runner(BaseOrchestrator):
    def prepare_or_run_pipeline(self, deployment, stack):
        return {name: get_cache_status(self.run_step(step)) for name, step in deployment.steps.items()}


@step(outputs={"x": dict, "self": int})
def swap(x: int, self: str) -> Any:
    return {self: x}, x + 1


@step
def write(file: str, values: dict, more: int) -> None:
    Path(file).write_text(repr((values, more)))


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


def graph_of(count, seed):
    random_edges = random.Random(seed)
    any_step = StepDefinition(f"{probe.__module__}.probe", outputs={"output": dict})
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
