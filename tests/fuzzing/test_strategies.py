"""What strategies draw: all that there is, nothing that is not valid, and what their arguments say."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_orchestrators.strategies import (
    deployments,
    faults,
    histories,
    resource_settings,
    schedules,
    step_configurations,
    workloads,
)
from pytest_orchestrators.suite.fuzzing.faults import ANYWHERE, ELSEWHERE, HANG
from pytest_orchestrators.suite.history import Damage, History, HookFault, Run
from pytest_orchestrators.suite.workload import OutputRef, Workload, WorkloadStep
from tests.fuzzing.drawing import drawn

TWO = Workload(
    name="two",
    steps=(
        WorkloadStep(name="a", outputs=("output", "more")),
        WorkloadStep(name="b", inputs={"x": OutputRef(step="a")}),
    ),
)


def sizes(found: list[Workload]) -> set[int]:
    return {len(workload.steps) for workload in found}


def steps_of(found: list[Workload]) -> list[WorkloadStep]:
    return [step for workload in found for step in workload.steps]


def kinds_of(fault: dict[str, Any]) -> list[str]:
    return [*fault.get("faults", {}).values(), *fault.get("hook_faults", {}).values()] or [HANG]


def test_workloads_are_of_every_kind() -> None:
    found = drawn(workloads(operator="op"), 300)
    assert sizes(found) == set(range(1, 9))
    steps = steps_of(found)
    assert {len(step.outputs) for step in steps} == {0, 1, 2, 3}
    assert {len(step.parameters) for step in steps} == {0, 1, 2, 3}
    assert {step.cache for step in steps} == {True, False}
    assert {step.operator for step in steps} == {None, "op"}
    assert {step.resources.empty for step in steps} == {True, False}
    assert {bool(step.after) for step in steps} == {True, False}
    assert {bool(step.data_upstream) for step in steps} == {True, False}
    assert {workload.schedule is None for workload in found} == {True, False}


def test_what_is_drawn_is_what_its_own_data_says() -> None:
    """Names, references and the absence of cycles are checked when a workload is built from data."""
    for workload in drawn(workloads(names="hostile"), 100):
        assert Workload.model_validate_json(workload.model_dump_json()) == workload
    for history in drawn(histories(workloads(names="hostile"), hostile=True), 100):
        assert History.model_validate_json(history.model_dump_json()) == history


def test_the_order_in_which_steps_are_written_is_not_that_of_their_names() -> None:
    names = [workload.names for workload in drawn(workloads(min_steps=3), 100)]
    assert {list(one) == sorted(one, key=lambda name: int(name.split("_")[1])) for one in names} == {
        True,
        False,
    }


@pytest.mark.parametrize(
    ("shape", "holds"),
    [
        ("chain", lambda w: all(len(s.upstream) == 1 for s in w.steps[1:])),
        ("fan-out", lambda w: all(s.upstream == {w.steps[0].name} for s in w.steps[1:])),
        ("fan-in", lambda w: w.steps[-1].upstream == set(w.names[:-1])),
        ("layers", lambda w: len(w.steps[3].upstream) == 3),
        ("islands", lambda w: not w.steps[2].upstream and w.steps[3].upstream),
    ],
)
def test_each_shape_is_what_it_is_called(shape: str, holds: Any) -> None:
    found = drawn(workloads(min_steps=4, shapes=[shape]), 20)
    assert all(map(holds, found))


def test_any_shape_is_none_of_the_others() -> None:
    degrees = {
        tuple(len(step.upstream) for step in workload.steps)
        for workload in drawn(workloads(min_steps=4, max_steps=4, shapes=["any"]), 100)
    }
    assert len(degrees) > 8


@pytest.mark.parametrize(
    ("knobs", "holds"),
    [
        ({"min_steps": 3, "max_steps": 5}, lambda w: 3 <= len(w.steps) <= 5),
        ({"max_steps": 16}, lambda w: len(w.steps) <= 16),
        ({"names": "tame"}, lambda w: all(name.replace("_", "").isalnum() for name in w.names)),
        ({"stems": ["mine"]}, lambda w: all(name.startswith("mine_") for name in (w.name, *w.names))),
        ({"max_outputs": 1}, lambda w: all(len(s.outputs) <= 1 for s in w.steps)),
        ({"max_parameters": 0}, lambda w: not any(s.parameters for s in w.steps)),
        ({"order_edges": False}, lambda w: not any(s.after for s in w.steps if _readable(w))),
        ({"caching": False}, lambda w: all(s.cache for s in w.steps)),
        ({"resources": False}, lambda w: all(s.resources.empty for s in w.steps)),
        ({"schedules": False}, lambda w: w.schedule is None),
        ({"operator": None}, lambda w: all(s.operator is None for s in w.steps)),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_each_knob_of_workloads_is_heeded(knobs: dict[str, Any], holds: Any) -> None:
    assert all(map(holds, drawn(workloads(**knobs), 80)))


def _readable(workload: Workload) -> bool:
    """Whether every step has an output: one that has none can only be come after."""
    return all(step.outputs for step in workload.steps)


def test_many_steps_are_drawn_where_they_may_be() -> None:
    assert max(sizes(drawn(workloads(max_steps=16), 160))) > 12


def test_names_are_as_hostile_as_is_asked_for() -> None:
    odd, hostile = (steps_of(drawn(workloads(max_steps=4, names=tier), 160)) for tier in ("odd", "hostile"))
    assert any(" " in step.name for step in odd)
    assert not any("/" in step.name or "\0" in step.name for step in odd)
    assert any(step.name.startswith("../") for step in hostile)
    assert any("\0" in step.name or "\n" in step.name for step in hostile)


def test_every_fault_is_drawn() -> None:
    assert {kind for fault in drawn(faults(TWO)) for kind in kinds_of(fault)} == set(ANYWHERE)
    elsewhere = drawn(faults(TWO, out_of_process=True), 300)
    assert {kind for fault in elsewhere for kind in kinds_of(fault)} == {*ANYWHERE, *ELSEWHERE}
    only = drawn(faults(TWO, kinds=["exit", "raise"]), 50)
    assert {kind for fault in only for kind in kinds_of(fault)} == {"exit", "raise"}


def test_a_fault_is_one_that_its_step_can_have() -> None:
    for fault in drawn(faults(TWO)):
        Run(label="run", workload=TWO, **fault)
        assert "missing_output" not in fault.get("faults", {}).values() or "a" in fault["faults"]


def test_every_move_and_edit_is_drawn() -> None:
    found = drawn(histories(workloads(max_steps=4)), 320)
    labels = {run.label.split()[1] for history in found for run in history.runs}
    moves = {"again", "edited", "failing", "mended", "anew", "back", "renamed", "other"}
    assert labels == {"first", *moves}
    assert any(isinstance(action, Damage) for history in found for action in history.actions)
    repeated = [len({run.label for run in h.runs}) < len(h.runs) for h in found]
    assert set(repeated) == {True, False}
    pairs = [
        (a.workload, b.workload)
        for h in found
        for a, b in zip(h.runs, h.runs[1:], strict=False)
        if "edited" in b.label
    ]
    assert {len(b.steps) - len(a.steps) for a, b in pairs} >= {-1, 0, 1}
    changed = {
        field
        for a, b in pairs
        if a.names == b.names
        for before, after in zip(a.steps, b.steps, strict=True)
        for field in WorkloadStep.model_fields
        if getattr(before, field) != getattr(after, field)
    }
    assert changed == {"parameters", "edition", "cache", "resources", "outputs", "after"}


def test_every_fault_happens_in_a_history() -> None:
    found = [run for history in drawn(histories(st.just(TWO), moves=["fail"]), 200) for run in history.runs]
    hooks = {kind for run in found for kind in run.hook_faults.values()}
    assert hooks == set(get_args(HookFault))
    assert hooks | {kind for run in found for kind in run.faults.values()} == set(ANYWHERE)


@pytest.mark.parametrize(
    ("knobs", "holds"),
    [
        ({"min_runs": 2, "max_runs": 2, "moves": ["again"]}, lambda h: len(h.actions) == 2),
        ({"max_runs": 1}, lambda h: len(h.actions) == 1),
        ({"moves": ["edit", "other"]}, lambda h: {r.label.split()[1] for r in h.runs} <= _NO_FAULTS),
        ({"long_run_names": False}, lambda h: not any(run.run_name for run in h.runs)),
        ({"hostile": True}, lambda h: all(run.hostile for run in h.runs)),
        ({"workload": st.just(TWO), "moves": ["again", "anew"]}, lambda h: h.runs[-1].workload == TWO),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_each_knob_of_histories_is_heeded(knobs: dict[str, Any], holds: Any) -> None:
    assert all(map(holds, drawn(histories(**knobs), 100)))


_NO_FAULTS = {"first", "edited", "other"}


def test_steps_elsewhere_can_be_killed_and_can_hang() -> None:
    found = [
        run
        for h in drawn(histories(st.just(TWO), moves=["fail"], out_of_process=True), 200)
        for run in h.runs
    ]
    assert {"kill", "os_exit"} <= {kind for run in found for kind in run.faults.values()}
    assert any(run.interrupted and run.waits_in for run in found)


def test_long_run_names_differ_in_the_end_only() -> None:
    long = [h for h in drawn(histories(min_runs=2), 100) if h.runs[0].run_name]
    assert long
    for history in long:
        assert len({str(run.run_name)[:63] for run in history.runs}) == 1


@pytest.mark.parametrize(
    ("strategy", "knobs", "argument"),
    [
        (workloads, {"min_steps": 0}, "min_steps=0"),
        (workloads, {"min_steps": 3, "max_steps": 2}, "max_steps=2"),
        (workloads, {"max_steps": "many"}, "max_steps='many'"),
        (workloads, {"shapes": ["ring"]}, "shapes='ring'"),
        (workloads, {"shapes": []}, "shapes=[]"),
        (workloads, {"names": "nasty"}, "names='nasty'"),
        (workloads, {"stems": []}, "stems=[]"),
        (workloads, {"stems": "word"}, "stems='word'"),
        (workloads, {"max_outputs": 0}, "max_outputs=0"),
        (workloads, {"max_outputs": 5}, "max_outputs=5"),
        (workloads, {"max_parameters": -1}, "max_parameters=-1"),
        (workloads, {"max_parameters": 100}, "max_parameters=100"),
        (workloads, {"order_edges": 1}, "order_edges=1"),
        (workloads, {"caching": None}, "caching=None"),
        (workloads, {"resources": "yes"}, "resources='yes'"),
        (workloads, {"schedules": 0}, "schedules=0"),
        (workloads, {"operator": ""}, "operator=['']"),
        (faults, {"workload": TWO, "kinds": ["kill"]}, "kinds='kill'"),
        (faults, {"workload": TWO, "kinds": "raise"}, "kinds='raise'"),
        (faults, {"workload": TWO, "out_of_process": 1}, "out_of_process=1"),
        (faults, {"workload": workloads()}, "workload="),
        (histories, {"workload": TWO}, "workload="),
        (histories, {"min_runs": 0}, "min_runs=0"),
        (histories, {"max_runs": 0}, "max_runs=0"),
        (histories, {"moves": ["dance"]}, "moves='dance'"),
        (histories, {"out_of_process": None}, "out_of_process=None"),
        (histories, {"long_run_names": 63}, "long_run_names=63"),
        (histories, {"hostile": "odd"}, "hostile='odd'"),
        (deployments, {"workload": TWO}, "workload="),
        (deployments, {"stack": "local"}, "stack='local'"),
        (deployments, {"run_names": "mine"}, "run_names='mine'"),
        (deployments, {"schedule": "@daily"}, "schedule='@daily'"),
        (step_configurations, {"workload": TWO}, "workload="),
        (step_configurations, {"stack": 1}, "stack=1"),
        (resource_settings, {"kinds": ["disk"]}, "kinds='disk'"),
        (resource_settings, {"empty": 0}, "empty=0"),
        (schedules, {"kinds": []}, "kinds=[]"),
        (schedules, {"bounds": 0}, "bounds=0"),
        (schedules, {"catchup": "no"}, "catchup='no'"),
    ],
    ids=lambda value: getattr(value, "__name__", None) if callable(value) else None,
)
def test_a_wrong_argument_is_named(strategy: Any, knobs: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidArgument) as raised:
        strategy(**knobs)
    assert argument in str(raised.value)


def test_workloads_names_its_own_operator_argument() -> None:
    with pytest.raises(InvalidArgument, match=r"workloads\(operator="):
        workloads(operator="")
