"""What happened in a scenario, told briefly: each run with its steps, when they ran, and what became of
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import model_validator

from pytest_orchestrators.suite.data import Data
from pytest_orchestrators.suite.evidence import Ending, Fact, RunEvidence, ScenarioEvidence
from pytest_orchestrators.suite.history import Damage, Run

#: What became of a step in a run. `skipped`: it was complete already, and its function was not entered;
#: `unfinished`: it was entered, and nobody said how it ended.
StepState = Literal["executed", "cached", "failed", "skipped", "unfinished", "not run"]


class Span(Data):
    """One time that a step's function was entered: when, when it ended, in seconds since the run's begin,
    and how.
    """

    start: float
    end: float | None = None
    ended: Literal["finished", "faulted", "never"] = "never"


class StepAccount(Data):
    """One step in one run.

    Attributes:
        name: the step's name.
        state: what became of it.
        spans: each time that its function was entered.
        begin: when the first thing of it was seen, in seconds since the run's begin; none if nothing was.
        end: when the last thing of it was seen.
    """

    name: str
    state: StepState
    spans: tuple[Span, ...] = ()
    begin: float | None = None
    end: float | None = None


class Edge(Data):
    """One step comes before another; `data` says whether data flows from one to the other."""

    upstream: str
    downstream: str
    data: bool


class RunAccount(Data):
    """One run.

    Attributes:
        label: the run's name within its scenario.
        workload: the name of the pipeline.
        before: what was done before it, in words.
        troubles: what was made to go wrong in it, in words.
        outcome: how it ended.
        error: what was raised, where something was.
        seconds: how long it took.
        span: from the first to the last thing that was seen of it, in seconds.
        steps: its steps, in one order in which they may run.
        edges: what comes before what.

    Raises:
        ValueError: a step is there twice, or an edge does not lead from one to a later one.
    """

    label: str
    workload: str
    before: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    outcome: Ending
    error: str = ""
    seconds: float
    span: float
    steps: tuple[StepAccount, ...]
    edges: tuple[Edge, ...]

    @model_validator(mode="after")
    def _drawable(self) -> RunAccount:
        position = {step.name: number for number, step in enumerate(self.steps)}
        if len(position) < len(self.steps):
            raise ValueError(f"run {self.label}: a step is there twice")
        for edge in self.edges:
            if not position.get(edge.upstream, len(position)) < position.get(edge.downstream, -1):
                raise ValueError(
                    f"run {self.label}: no edge can lead from {edge.upstream} to {edge.downstream}"
                )
        return self


class ScenarioAccount(Data):
    """One scenario: what it cost in seconds, why it was broken off if it was, and its runs."""

    name: str
    seconds: float
    broken: str = ""
    runs: tuple[RunAccount, ...] = ()


def account(scenario: ScenarioEvidence) -> ScenarioAccount:
    """Tell briefly what was seen of a scenario."""
    return ScenarioAccount(
        name=scenario.name,
        seconds=scenario.seconds,
        broken=scenario.broken,
        runs=tuple(_runs(scenario)),
    )


def _runs(scenario: ScenarioEvidence) -> Iterator[RunAccount]:
    seen = iter(scenario.runs)
    before: list[str] = []
    for action in scenario.actions:
        if isinstance(action, Damage):
            before.append(_damage(action))
            continue
        run = next(seen, None)
        if run is None:
            return
        yield _run(run, tuple(before))
        before.clear()


def _run(run: RunEvidence, before: tuple[str, ...]) -> RunAccount:
    workload, outcome = run.action.workload, run.outcome
    times = [fact.monotonic for fact in run.facts]
    begin = min(times, default=0.0)
    raised = outcome.chain[0] if outcome.chain else None
    return RunAccount(
        label=run.label,
        workload=workload.name,
        before=before,
        troubles=tuple(_troubles(run.action)),
        outcome=outcome.kind,
        error=f"{raised.type}: {raised.message}" if raised else "",
        seconds=outcome.seconds,
        span=max(times, default=0.0) - begin,
        steps=tuple(_step(run, name, begin) for name in workload.order()),
        edges=tuple(Edge(upstream=u, downstream=d, data=data) for u, d, data in workload.edges()),
    )


def what_was_done(actions: Iterable[Run | Damage]) -> Iterator[str]:
    """What was done in a history, an action a line."""
    for action in actions:
        if isinstance(action, Damage):
            yield _damage(action)
        else:
            named = f" under the name {action.run_name}" if action.run_name is not None else ""
            by = ", by a process of its own" if action.anew else ""
            told = "".join(f"; {trouble}" for trouble in _troubles(action))
            yield f"run {action.label!r}: pipeline {action.workload.name}{named}{by}{told}"


def _damage(action: Damage) -> str:
    lost = "one file" if action.what == "file" else "the folder"
    artifact = f"{action.artifact.step}.{action.artifact.output}"
    return f"{lost} of artifact {artifact} of run {action.label} was deleted"


def _troubles(action: Run) -> Iterator[str]:
    """What was made to go wrong in a run."""
    for step, fault in action.faults.items():
        yield f"step {step} was told: {fault.replace('_', ' ')}"
    for step, hook in action.hook_faults.items():
        yield f"{hook} of step {step} was told to fail"
    if action.run_fault:
        yield f"the {action.run_fault.replace('_', ' ')} was made to fail"
    for step, lost in action.loses.items():
        yield f"artifact {lost.step}.{lost.output} was taken off the record after step {step}"
    if action.lost_class:
        yield f"the class of an artifact of step {action.lost_class} could not be loaded"
    if action.interrupted:
        yield f"the run was interrupted in step {action.waits_in}"
    if action.killed_at is not None:
        step = f" of step {action.killed_at.step}" if action.killed_at.step else ""
        yield f"the process was killed at `{action.killed_at.moment}`{step}"
    if action.meanwhile is not None:
        waits = ", and stood still in its first step" if action.meanwhile_waits else ""
        yield f"run() was called a second time meanwhile{waits}"
    if action.beside is not None:
        where = "the same stores" if action.beside.same_stores else "stores of its own"
        yield f"another process ran a pipeline at the same time, on {where}"


def _step(run: RunEvidence, name: str, begin: float) -> StepAccount:
    facts = [fact for fact in run.facts if fact.step == name]
    spans = tuple(_spans(facts, begin))
    times = [fact.monotonic - begin for fact in facts]
    return StepAccount(
        name=name,
        state=_state(run, name, spans),
        spans=spans,
        begin=min(times, default=None),
        end=max(times, default=None),
    )


def _spans(facts: list[Fact], begin: float) -> Iterator[Span]:
    """Pair each entry with the next end that the same thread told of."""
    ends = [fact for fact in facts if fact.kind in ("finished", "faulted")]
    for entry in facts:
        if entry.kind != "started":
            continue
        start = entry.monotonic - begin
        end = next((e for e in ends if _worker(e) == _worker(entry) and e.monotonic >= entry.monotonic), None)
        if end is None:
            yield Span(start=start)
            continue
        ends.remove(end)
        ended: Literal["finished", "faulted"] = "finished" if end.kind == "finished" else "faulted"
        yield Span(start=start, end=end.monotonic - begin, ended=ended)


def _worker(fact: Fact) -> tuple[int, int]:
    return fact.pid, fact.thread


def _state(run: RunEvidence, name: str, spans: tuple[Span, ...]) -> StepState:
    """What the record says last, unless what was seen from inside the step says more."""
    recorded = [execution.state for execution in run.executions if execution.step == name]
    last = recorded[-1] if recorded else ""
    if last == "failed" or (spans and spans[-1].ended == "faulted"):
        return "failed"
    if spans:
        return "executed" if spans[-1].ended == "finished" else "unfinished"
    if last == "cached":
        return "cached"
    if last == "complete":
        return "skipped"
    return "unfinished" if last == "running" else "not run"
