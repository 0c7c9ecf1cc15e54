"""Workloads: what is refused, and what a DAG knows of itself."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pytest_orchestrators.suite.workload import OutputRef, Resources, Workload, WorkloadStep, every


def step(name: str, *reads: str, after: tuple[str, ...] = ()) -> WorkloadStep:
    return WorkloadStep(name=name, inputs={f"x_{r}": OutputRef(step=r) for r in reads}, after=after)


DIAMOND = Workload(
    name="p", steps=(step("d", "b", "c"), step("b", "a"), step("c", "a"), step("a"), step("e", after=("d",)))
)


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        ((step("a"), step("a")), "not unique"),
        ((step("a", "z"),), "which is not there"),
        ((step("a", after=("z",)),), "which is not there"),
        ((step("a", "b"), step("b", after=("a",))), "in a cycle"),
        ((WorkloadStep(name="a", outputs=()), step("b", "a")), "which is not there"),
    ],
)
def test_refuses(steps: tuple[WorkloadStep, ...], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Workload(name="p", steps=steps)


def test_order_respects_data_and_order_without_data() -> None:
    order = DIAMOND.order()
    assert all(order.index(before) < order.index(after) for before, after, _ in DIAMOND.edges())
    assert ("d", "e", False) in set(DIAMOND.edges())
    assert ("a", "b", True) in set(DIAMOND.edges())


def test_downstream_and_upstream_are_transitive() -> None:
    assert DIAMOND.downstream(frozenset("b")) == frozenset("de")
    assert DIAMOND.upstream(frozenset("d")) == frozenset("abc")
    assert DIAMOND.downstream(frozenset("e")) == frozenset()


def test_edit_changes_one_step_of_a_copy() -> None:
    edited = DIAMOND.edit("a", resources=Resources(cpu_count=2))
    assert not edited["a"].resources.empty
    assert DIAMOND["a"].resources.empty
    assert edited["b"] == DIAMOND["b"]


def test_edit_cannot_break_it() -> None:
    with pytest.raises(ValidationError, match="cycle"):
        DIAMOND.edit("a", after=("e",))


def test_unknown_step_is_named() -> None:
    with pytest.raises(KeyError, match="has no step z"):
        DIAMOND["z"]


def test_survives_json() -> None:
    assert Workload.model_validate_json(DIAMOND.model_dump_json()) == DIAMOND


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        (every(seconds=90), 90),
        ("0 3 * * *", None),
        ("every day", None),
        ("every 1" + "0" * 5000 + " s", None),
        (None, None),
    ],
)
def test_only_what_is_made_as_an_interval_is_one(schedule: str | None, seconds: int | None) -> None:
    assert Workload(name="p", steps=(step("a"),), schedule=schedule).interval == seconds
