"""What is told of a run: what became of each step, and when."""

from __future__ import annotations

import pytest

from pytest_orchestrators.suite.account import Edge, RunAccount, Span, StepAccount, account
from pytest_orchestrators.suite.evidence import (
    Artifact,
    Execution,
    Fact,
    Failure,
    Outcome,
    RunEvidence,
    ScenarioEvidence,
)
from pytest_orchestrators.suite.history import Beside, Damage, Halt, Run
from pytest_orchestrators.suite.report import FlavorAccount
from pytest_orchestrators.suite.workload import OutputRef, Workload, WorkloadStep

STEPS = ("load", "train", "check")
WORKLOAD = Workload(
    name="demo",
    steps=(
        WorkloadStep(name="load"),
        WorkloadStep(name="train", inputs={"x": OutputRef(step="load")}),
        WorkloadStep(name="check", after=("load", "train")),
    ),
)


def fact(kind: str, step: str, monotonic: float, thread: int = 1) -> Fact:
    return Fact(kind=kind, step=step, pid=1, thread=thread, monotonic=monotonic)


def told(*facts: Fact, states: dict[str, str] | None = None, action: Run | None = None) -> RunAccount:
    executions = tuple(Execution(step=s, run_name="r", state=state) for s, state in (states or {}).items())
    action = action or Run(label="first", workload=WORKLOAD)
    outcome = Outcome(kind="returned", seconds=2.0)
    run = RunEvidence(action=action, run_name="r", outcome=outcome, facts=facts, executions=executions)
    return account(ScenarioEvidence(name="s", actions=(action,), runs=(run,))).runs[0]


def step(run: RunAccount, name: str) -> StepAccount:
    return next(step for step in run.steps if step.name == name)


def test_times_are_from_the_first_thing_that_was_seen() -> None:
    run = told(
        fact("prepare_step_run", "load", 100.0),
        fact("started", "load", 100.5),
        fact("finished", "load", 101.5),
        fact("cleanup_step_run", "load", 104.0),
        states={"load": "complete"},
    )
    assert run.span == 4.0
    assert step(run, "load") == StepAccount(
        name="load",
        state="executed",
        spans=(Span(start=0.5, end=1.5, ended="finished"),),
        begin=0.0,
        end=4.0,
    )
    assert step(run, "train") == StepAccount(name="train", state="not run")


@pytest.mark.parametrize(
    ("facts", "recorded", "state"),
    [
        (("started", "finished"), "complete", "executed"),
        (("started", "faulted"), "failed", "failed"),
        (("started", "faulted"), "complete", "failed"),
        (("started", "finished"), "failed", "failed"),
        (("started", "faulted", "started", "finished"), "complete", "executed"),
        (("started",), "running", "unfinished"),
        ((), "running", "unfinished"),
        (("prepare_step_run",), "cached", "cached"),
        ((), "complete", "skipped"),
        ((), None, "not run"),
    ],
)
def test_what_became_of_a_step(facts: tuple[str, ...], recorded: str | None, state: str) -> None:
    events = [fact(kind, "load", float(number)) for number, kind in enumerate(facts)]
    run = told(*events, states={"load": recorded} if recorded else {})
    assert step(run, "load").state == state


def test_each_entry_ends_in_its_own_thread() -> None:
    run = told(
        fact("started", "load", 1.0, thread=1),
        fact("started", "load", 2.0, thread=2),
        fact("finished", "load", 3.0, thread=2),
        fact("faulted", "load", 4.0, thread=1),
    )
    assert step(run, "load").spans == (
        Span(start=0.0, end=3.0, ended="faulted"),
        Span(start=1.0, end=2.0, ended="finished"),
    )


def test_edges_are_of_data_or_of_order() -> None:
    assert set(told().edges) == {
        Edge(upstream="load", downstream="train", data=True),
        Edge(upstream="load", downstream="check", data=False),
        Edge(upstream="train", downstream="check", data=False),
    }


def test_what_was_made_to_go_wrong_is_told() -> None:
    action = Run(
        label="bad",
        workload=WORKLOAD,
        faults={"train": "exit_zero"},
        hook_faults={"load": "prepare_step_run"},
        run_fault="preparation",
        loses={"load": OutputRef(step="load")},
        lost_class="load",
        waits_in="check",
        interrupted=True,
        killed_at=Halt(moment="started", step="load"),
        meanwhile=WORKLOAD,
        beside=Beside(workload=WORKLOAD, same_stores=True),
    )
    assert told(action=action).troubles == (
        "step train was told: exit zero",
        "prepare_step_run of step load was told to fail",
        "the preparation was made to fail",
        "artifact load.output was taken off the record after step load",
        "the class of an artifact of step load could not be loaded",
        "the run was interrupted in step check",
        "the process was killed at `started` of step load",
        "run() was called a second time meanwhile",
        "another process ran a pipeline at the same time, on the same stores",
    )


def test_damage_is_told_before_the_run_that_it_is_for() -> None:
    runs = [Run(label=label, workload=WORKLOAD) for label in ("first", "second", "never")]
    damage = Damage(label="first", artifact=OutputRef(step="load"), what="folder")
    broke = Outcome(kind="raised", chain=(Failure(type="m.Oops", message="no"),))
    seen = [
        RunEvidence(action=runs[0], run_name="r", outcome=Outcome(kind="returned")),
        RunEvidence(action=runs[1], run_name="r", outcome=broke),
    ]
    scenario = account(
        ScenarioEvidence(
            name="s", actions=(runs[0], damage, *runs[1:]), runs=tuple(seen), broken="stopped", seconds=3.5
        )
    )
    assert (scenario.seconds, scenario.broken) == (3.5, "stopped")
    assert [run.before for run in scenario.runs] == [
        (),
        ("the folder of artifact load.output of run first was deleted",),
    ]
    assert [run.error for run in scenario.runs] == ["", "m.Oops: no"]


def test_a_right_toy_is_told_as_the_contract_has_it(right: FlavorAccount) -> None:
    rerun = next(scenario for scenario in right.scenarios if scenario.name == "rerun")
    first, again = ({step.state for step in run.steps} for run in rerun.runs)
    assert (first, again) == ({"executed"}, {"cached"})
    failed = next(scenario for scenario in right.scenarios if scenario.name == "failure").runs[0]
    assert [step.state for step in failed.steps].count("failed") == 1
    assert failed.outcome == "raised"
    assert failed.error


@pytest.mark.parametrize(
    ("upstream", "downstream"), [("b", "a"), ("a", "a"), ("a", "nobody"), ("nobody", "a")]
)
def test_edges_that_cannot_be_are_refused(upstream: str, downstream: str) -> None:
    steps = tuple(StepAccount(name=name, state="not run") for name in "ab")
    edge = Edge(upstream=upstream, downstream=downstream, data=True)
    with pytest.raises(ValueError, match=f"no edge can lead from {upstream} to {downstream}"):
        RunAccount(label="r", workload="w", outcome="returned", seconds=1, span=1, steps=steps, edges=(edge,))


def test_an_artifact_is_no_part_of_the_account() -> None:
    """Values of steps may be anything, and long; the evidence has them."""
    action = Run(label="first", workload=WORKLOAD)
    artifact = Artifact(id="1", exists=True, value="a very long value")
    execution = Execution(step="load", run_name="r", state="complete", outputs={"output": (artifact,)})
    run = RunEvidence(action=action, run_name="r", outcome=Outcome(kind="returned"), executions=(execution,))
    text = account(ScenarioEvidence(name="s", actions=(action,), runs=(run,))).model_dump_json()
    assert "a very long value" not in text
