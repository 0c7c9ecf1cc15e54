"""What is drawn shrinks to the least that still will do: few steps first, then a chain, then tame names."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_orchestrators.strategies import histories, workloads
from pytest_orchestrators.suite.history import Damage
from pytest_orchestrators.suite.workload import OutputRef, Workload, WorkloadStep
from tests.fuzzing.drawing import least


def chain(count: int) -> Workload:
    """The tamest pipeline of so many steps."""
    names = [f"amber_{number}" for number in range(1, count + 1)]
    first, *others = names
    steps = [WorkloadStep(name=first)]
    steps += [
        WorkloadStep(name=name, inputs={"from_0": OutputRef(step=before)})
        for before, name in zip(names, others, strict=False)
    ]
    return Workload(name="amber_pipeline", steps=tuple(steps))


def but(**changes: Any) -> Workload:
    """The tamest pipeline of one step, with something about the step changed."""
    return chain(1).edit("amber_1", **changes)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (lambda w: True, chain(1)),
        (lambda w: len(w.steps) >= 5, chain(5)),
        (lambda w: any(not step.cache for step in w.steps), but(cache=False)),
        (lambda w: any(not step.outputs for step in w.steps), but(outputs=())),
        (lambda w: any(len(step.outputs) > 1 for step in w.steps), but(outputs=("output", "second"))),
        (lambda w: any(len(step.parameters) > 1 for step in w.steps), but(parameters={"n": 0, "m": 0})),
    ],
    ids=["any", "five steps", "uncached", "no output", "outputs", "parameters"],
)
def test_what_is_not_asked_for_is_gone(condition: Any, expected: Workload, seed: int) -> None:
    assert least(workloads(), condition, seed) == expected


@pytest.mark.parametrize("seed", [1, 2])
def test_resources_and_schedules_leave_one_step(seed: int) -> None:
    needy = least(workloads(), lambda w: any(not step.resources.empty for step in w.steps), seed)
    assert needy.edit("amber_1", resources=chain(1)["amber_1"].resources) == chain(1)
    scheduled = least(workloads(), lambda w: w.schedule, seed)
    assert scheduled == chain(1).model_copy(update={"schedule": "0 3 * * *"})


@pytest.mark.parametrize("seed", [1, 2])
def test_a_step_with_two_upstream_leaves_three(seed: int) -> None:
    found = least(workloads(), lambda w: any(len(step.upstream) >= 2 for step in w.steps), seed)
    reads = {"from_0": OutputRef(step="amber_1"), "from_1": OutputRef(step="amber_2")}
    steps = (
        WorkloadStep(name="amber_1"),
        WorkloadStep(name="amber_2"),
        WorkloadStep(name="amber_3", inputs=reads),
    )
    assert found == Workload(name="amber_pipeline", steps=steps)


@pytest.mark.parametrize("seed", [1, 2])
def test_one_odd_name_leaves_the_others_tame(seed: int) -> None:
    found = least(workloads(names="hostile"), lambda w: any(" " in name for name in w.names), seed)
    assert (found.name, found.names) == ("amber_pipeline", ("amber_1 with spaces",))
    found = least(workloads(names="hostile"), lambda w: " " in w.name and len(w.steps) > 1, seed)
    assert (found.name, found.names) == ("amber_pipeline with spaces", ("amber_1", "amber_2"))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("condition", "kinds"),
    [
        (lambda h: True, ["1 first"]),
        (lambda h: any(run.faults for run in h.runs), ["1 first", "2 failing", "3 mended"]),
        (lambda h: any(run.hook_faults for run in h.runs), ["1 first", "2 failing", "3 mended"]),
        (lambda h: any(run.anew for run in h.runs), ["1 first", "2 anew"]),
        (
            lambda h: any(isinstance(action, Damage) for action in h.actions),
            ["1 first", "1 first", "2 again"],
        ),
        (lambda h: any(run.run_name for run in h.runs), ["1 first"]),
    ],
    ids=["any", "fault", "hook", "anew", "damage", "long names"],
)
def test_histories_are_left_with_what_matters(condition: Any, kinds: list[str], seed: int) -> None:
    found = least(histories(), condition, seed)
    assert [action.label for action in found.actions] == kinds
    first = found.runs[0].workload
    assert (first.name, first.names) == ("amber_pipeline", ("amber_1",))
    assert not first.steps[0].parameters
