"""The model: what it expects of histories whose right course is plain to see."""

from __future__ import annotations

from typing import Any

from pytest_orchestrators.suite.history import Damage, Halt, Run
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


def test_an_interrupted_step_fails_or_comes_to_its_end_and_nothing_follows() -> None:
    expected = Model().expect(run("1", waits_in="b", interrupted=True))
    assert expected.raises
    assert allowed(expected) == {
        "a": {"executed"},
        "b": {"failed", "executed"},
        "c": {"not_run"},
        "d": {"executed", "not_run"},
    }


def killed(moment: str, step: str | None) -> RunExpectation:
    return Model().expect(run("1", killed_at=Halt(moment=moment, step=step)))  # type: ignore[arg-type]


def test_a_kill_before_the_deployment_lets_nothing_run() -> None:
    assert killed("prepare_pipeline_deployment", None).certainly("not_run") == set("abcd")


def test_a_kill_leaves_done_what_came_before_and_the_rest_open() -> None:
    expected = killed("started", "b")
    assert expected.certainly("executed") == {"a"}
    assert all(len(expected.steps[name].allowed) > 1 for name in "bcd")
    assert killed("cleanup_step_run", "b").certainly("executed") == {"a", "b"}


def after_a_kill(moment: str, *done: str) -> Model:
    model = Model()
    expected = model.expect(run("1", killed_at=Halt(moment=moment, step="b")))  # type: ignore[arg-type]
    model.settle(expected, frozenset(done), NOBODY)
    return model


def test_after_a_kill_what_was_done_may_be_used_and_the_rest_must_be_done() -> None:
    anew = allowed(after_a_kill("storing", "a").expect(run("2")))
    assert anew == {"a": {"cached", "executed"}, "b": {"executed"}, "c": {"executed"}, "d": {"executed"}}
    again = allowed(after_a_kill("storing", "a").expect(run("1")))
    assert again["a"] == {"skipped", "cached", "executed"}
    assert again["b"] == {"executed"}


def test_what_went_on_after_a_kill_may_be_used() -> None:
    anew = allowed(after_a_kill("storing", "a", "b").expect(run("2")))
    assert anew["b"] == {"cached", "executed"}


def test_after_a_kill_what_a_later_run_has_done_is_cached() -> None:
    model = after_a_kill("prepare_step_run", "a")
    anew = model.expect(run("2"))
    model.settle(anew, frozenset("bcd"), frozenset("a"))
    assert model.expect(run("3")).certainly("cached") == {"c", "d"}
    assert model.expect(run("1")).certainly("cached") == {"c", "d"}
