"""The model: what it expects of histories whose right course is plain to see."""

from __future__ import annotations

from typing import Any

from pytest_orchestrators.suite.history import Damage, Run
from pytest_orchestrators.suite.model import Model, RunExpectation
from pytest_orchestrators.suite.workload import OutputRef, Workload, WorkloadStep

NOBODY: frozenset[str] = frozenset()
CHAIN = Workload(
    name="p",
    steps=(
        WorkloadStep(name="a", parameters={"n": 1}),
        WorkloadStep(name="b", inputs={"x": OutputRef(step="a")}),
        WorkloadStep(name="c", after=("b",)),
        WorkloadStep(name="d"),
    ),
)


def run(label: str, workload: Workload = CHAIN, **what: Any) -> Run:
    return Run(label=label, workload=workload, **what)


def allowed(expected: RunExpectation) -> dict[str, set[str]]:
    return {name: set(step.allowed) for name, step in expected.steps.items()}


def after(*runs: Run) -> Model:
    """A model that has seen these runs do all that they could."""
    model = Model()
    for action in runs:
        expected = model.expect(action)
        able = frozenset(n for n, s in expected.steps.items() if "executed" in s.allowed)
        model.settle(expected, able, expected.certainly("cached"))
    return model


def test_first_run_executes_everything_and_the_second_nothing() -> None:
    assert allowed(Model().expect(run("1"))) == {n: {"executed"} for n in "abcd"}
    assert allowed(after(run("1")).expect(run("2"))) == {n: {"cached"} for n in "abcd"}


def test_a_change_spoils_the_cache_along_data_only() -> None:
    changed = after(run("1")).expect(run("2", CHAIN.edit("a", parameters={"n": 2})))
    assert changed.certainly("executed") == {"a", "b"}
    assert changed.certainly("cached") == {"c", "d"}


def test_look_alike_parameters_are_different() -> None:
    one, true = CHAIN, CHAIN.edit("a", parameters={"n": True})
    assert after(run("1", one)).expect(run("2", true)).certainly("executed") == {"a", "b"}


def test_caching_off_is_executed_and_so_is_its_reader() -> None:
    off = CHAIN.edit("a", cache=False)
    assert after(run("1", off)).expect(run("2", off)).certainly("executed") == {"a", "b"}


def test_same_name_again_skips_what_succeeded() -> None:
    assert allowed(after(run("1")).expect(run("1"))) == {n: {"skipped"} for n in "abcd"}


def test_failure_spoils_what_comes_after_it_and_leaves_the_rest_a_choice() -> None:
    expected = Model().expect(run("1", faults={"b": "raise"}))
    assert expected.raises
    assert allowed(expected) == {
        "a": {"executed"},
        "b": {"failed"},
        "c": {"not_run"},
        "d": {"executed", "not_run"},
    }


def test_what_failed_is_not_cached_and_what_was_chosen_is_remembered() -> None:
    model = Model()
    failed = model.expect(run("1", faults={"b": "raise"}))
    model.settle(failed, frozenset("a"), NOBODY)
    mended = model.expect(run("2"))
    assert mended.certainly("executed") == frozenset("bcd")
    assert mended.certainly("cached") == frozenset("a")


def test_hooks_that_fail() -> None:
    prepare = Model().expect(run("1", hook_faults={"a": "prepare_step_run"}))
    assert allowed(prepare)["a"] == {"not_run"}
    cleanup = Model().expect(run("1", hook_faults={"a": "cleanup_step_run"}))
    assert allowed(cleanup)["a"] == {"executed"}
    assert prepare.raises
    assert cleanup.raises
    assert allowed(cleanup)["b"] == {"not_run"}


def test_a_lost_artifact_fails_its_readers() -> None:
    workload = CHAIN.edit("b", after=("d",))
    expected = Model().expect(run("1", workload, loses={"d": OutputRef(step="a")}))
    assert allowed(expected)["b"] == {"failed"}
    assert allowed(expected)["c"] == {"not_run"}


def test_damage_is_a_miss_for_the_step_and_what_reads_it() -> None:
    model, first = Model(), run("1")
    expected = model.expect(first)
    model.settle(expected, frozenset("abcd"), NOBODY)
    model.damage(Damage(label="1", artifact=OutputRef(step="a"), what="file"), {"1": expected})
    assert model.expect(run("2")).certainly("executed") == {"a", "b"}


def test_a_fault_of_the_run_lets_nothing_run() -> None:
    expected = Model().expect(run("1", run_fault="preparation"))
    assert expected.raises
    assert expected.certainly("not_run") == set("abcd")
