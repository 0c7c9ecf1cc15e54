"""What a step function gets, what it may return, and what happens to that."""

import logging

import pytest
from sample_steps import (
    Point,
    claims_int,
    constant,
    double,
    missing,
    nothing,
    pair,
    point,
    show,
    surplus,
    unstorable,
    x_of,
)

from pytest_orchestrators import (
    BaseMaterializer,
    MaterializationError,
    Pipeline,
    StepDefinition,
    StepOutputError,
    register_materializer,
)
from pytest_orchestrators.contract.artifacts import registry


def run(stack, *steps, **options):
    pipeline = Pipeline("demo", *steps)
    deployment = pipeline.compile(stack=stack, **options)
    stack.deploy_pipeline(deployment)
    return deployment.run_name


def test_values_go_from_step_to_step(stack, record, calls):
    run_name = run(stack, double(double(constant(n=21)).named("first")).named("second"))
    steps = record(stack, run_name)
    assert {name: step.outputs for name, step in steps.items()} == {
        "constant": {"output": 21},
        "first": {"output": 42},
        "second": {"output": 84},
    }
    assert calls == ["constant 21", "double 21", "double 42"]


def test_several_outputs_keep_their_names(stack, record):
    both = pair(n=4)
    run_name = run(stack, show(left=both["left"], right=both["right"]))
    assert record(stack, run_name)["show"].outputs == {"output": "4 and right of 4"}


def test_models_arrive_as_models(stack, record):
    run_name = run(stack, x_of(point(x=9)))
    assert record(stack, run_name)["point"].outputs == {"output": Point(x=9)}
    assert record(stack, run_name)["x_of"].outputs == {"output": 9}


def test_a_step_may_have_no_output(stack, record):
    run_name = run(stack, nothing())
    assert record(stack, run_name)["nothing"].state == "COMPLETE"
    assert record(stack, run_name)["nothing"].outputs == {}


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (
            claims_int,
            StepOutputError,
            "output 'output' of step 'claims_int' is declared as builtins.int, but",
        ),
        (surplus, StepOutputError, "Step 'surplus' returned 3 values, more than its outputs"),
        (missing, StepOutputError, "Step 'missing' returned 1 of its outputs; missing: 'right'"),
        (unstorable, MaterializationError, r"output 'output' of step 'unstorable' .*value\['here'\]\[1\]"),
    ],
)
def test_bad_outputs_fail_the_step_and_say_which(stack, record, step, error, message):
    deployment = Pipeline("demo", step()).compile(stack=stack)
    with pytest.raises(error, match=message):
        stack.deploy_pipeline(deployment)
    [execution] = record(stack)
    assert (execution.state, execution.outputs) == ("FAILED", {})
    assert not list((stack.artifact_store.config.path / "demo").rglob("value*"))


def one(**received):
    return received


def none(**received):
    return None


def two_without_tuple(**received):
    return [1, 2]


def one_too_many(**received):
    return 1


def test_a_definition_made_from_data_runs(stack, record):
    definition = StepDefinition(source="test_executor.one", inputs={"self": object}, outputs={"class": dict})
    run_name = run(stack, definition(self=constant(n=3), a=None, b=10**30, c=True, d=1.0))
    assert record(stack, run_name)["one"].outputs == {
        "class": {"self": 3, "a": None, "b": 10**30, "c": True, "d": 1.0}
    }


@pytest.mark.parametrize(
    ("function", "outputs", "message"),
    [
        ("two_without_tuple", {"a": int, "b": int}, "has to return a tuple of its outputs .'a', 'b'."),
        ("one_too_many", {}, "declares no output, but returned a int"),
        ("none", {"a": int}, "'a' of step 'none' is declared as builtins.int, but is a builtins.NoneType"),
    ],
)
def test_a_definition_made_from_data_is_held_to_its_outputs(stack, function, outputs, message):
    definition = StepDefinition(source=f"test_executor.{function}", outputs=outputs)
    with pytest.raises(StepOutputError, match=message):
        run(stack, definition())


class Grid:
    def __init__(self, cells):
        self.cells = cells


class GridMaterializer(BaseMaterializer):
    def save(self, value, path):
        (path / "cells").write_text(",".join(value.cells))

    def load(self, data_type, path):
        return data_type((path / "cells").read_text().split(","))


def make_grid(cells):
    return Grid(cells)


def size_of(grid):
    assert type(grid) is Grid
    return len(grid.cells)


@pytest.fixture
def grids(monkeypatch):
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    register_materializer(GridMaterializer, Grid)
    make = StepDefinition(source="test_executor.make_grid", inputs={"cells": list}, outputs={"grid": Grid})
    return make, StepDefinition(source="test_executor.size_of", inputs={"grid": Grid}, outputs={"n": int})


def test_values_of_other_types_go_through_their_own_materializer(stack, record, grids):
    make, size = grids
    run_name = run(stack, size(grid=make(cells=["a", "b"])))
    assert record(stack, run_name)["size_of"].outputs == {"n": 2}


def test_a_materializer_that_breaks_is_named(stack, grids):
    make, _ = grids
    source = r"test_executor\.GridMaterializer"
    with pytest.raises(
        MaterializationError, match=f"'grid' of step 'make_grid'.*{source} failed with TypeError"
    ):
        run(stack, make(cells=[1]))


def test_an_input_that_cannot_be_read_is_named(stack, record, caplog):
    deployment = Pipeline("demo", double(constant(n=1))).compile(stack=stack)
    with stack.orchestrator.active_run(deployment, stack):
        stack.orchestrator.run_step(deployment.steps["constant"])
        [file] = (stack.artifact_store.config.path / "demo" / "constant").rglob("value.json")
        file.write_text("?")
        caplog.set_level(logging.WARNING)
        with pytest.raises(MaterializationError, match="input 'x' of step 'double' cannot be loaded from"):
            stack.orchestrator.run_step(deployment.steps["double"])
    assert record(stack, deployment.run_name)["double"].state == "FAILED"
