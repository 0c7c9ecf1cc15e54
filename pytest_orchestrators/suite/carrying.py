"""Carrying out a history: one workspace, one orchestrator, action after action, everything seen made
evidence.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_orchestrators.probes import control, journal
from pytest_orchestrators.suite.evidence import (
    Fact,
    LogLine,
    Outcome,
    RunEvidence,
    ScenarioEvidence,
    jsonable,
)
from pytest_orchestrators.suite.family import Family, Watch, Workspace
from pytest_orchestrators.suite.history import Damage, History, Run
from pytest_orchestrators.suite.observers.budget import BudgetUsedUp, budget
from pytest_orchestrators.suite.observers.exits import ProcessExit, no_way_out
from pytest_orchestrators.suite.observers.failures import chain, failure
from pytest_orchestrators.suite.observers.logs import heard

_FACT_FIELDS = {"kind", "step", "pid", "thread", "monotonic"}


@dataclass(frozen=True)
class Subject:
    """What is judged: a flavor with its configuration, and the family that bridges to it.

    Attributes:
        name: the name by which the flavor was asked for.
        source: where it was found, for example `my_flavor:MyFlavor`.
        flavor: the flavor itself, as its family knows it.
        family: the bridge.
        config: the configuration that orchestrators are created with.
        capabilities: what the flavor declares that it can do.
    """

    name: str
    source: str
    flavor: Any
    family: Family
    config: Mapping[str, Any] = field(default_factory=dict)
    capabilities: frozenset[str] = frozenset()


def carry_out(
    history: History, subject: Subject, root: Path, seconds: float, last_words: int = 2
) -> ScenarioEvidence:
    """Carry out a history on fresh stores.

    Args:
        history: what to do.
        subject: with whom.
        root: an empty folder for the stores.
        seconds: the budget of all its runs together.
        last_words: descriptor for the stacks of a run that cannot be stopped.

    Returns:
        The evidence; `broken` says why the history was not carried out to its end.

    Raises:
        KeyboardInterrupt: the person at the keyboard wants to stop.
    """
    begin = time.perf_counter()
    runs: list[RunEvidence] = []
    broken = ""
    try:
        with subject.family.open(subject.flavor, subject.config, root) as workspace:
            broken = _Performance(workspace, seconds, last_words).perform(history, runs.append)
    except Exception as error:
        seen = failure(error)
        broken = f"{seen.type}: {seen.message}\n{seen.where}"
    return ScenarioEvidence(
        name=history.name,
        actions=history.actions,
        runs=tuple(runs),
        broken=broken,
        seconds=time.perf_counter() - begin,
    )


class _Performance:
    """One history on one workspace."""

    def __init__(self, workspace: Workspace, seconds: float, last_words: int) -> None:
        self._workspace = workspace
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._last_words = last_words
        self._orchestrator = workspace.create()
        # Names that differ in their last characters only: whoever cuts them makes them equal.
        self._stem = f"run-{uuid.uuid4().hex}"
        self._run_names: dict[str, str] = {}
        self._recorded_as: dict[str, str] = {}
        self._workloads: dict[str, Run] = {}
        self._offset = 0

    def perform(self, history: History, keep: Callable[[RunEvidence], None]) -> str:
        """Do one action after the other; say why not all were done, if so."""
        for action in history.actions:
            if isinstance(action, Damage):
                workload = self._workloads[action.label].workload
                self._workspace.damage(action, workload, self._recorded_as[action.label])
                continue
            evidence = self._run(action)
            keep(evidence)
            if evidence.outcome.kind == "timed_out":
                return f"run {action.label!r} did not end within the scenario's budget of {self._seconds:g} s"
        return ""

    def _run(self, action: Run) -> RunEvidence:
        run_name = self._run_names.setdefault(action.label, f"{self._stem}-{len(self._run_names) + 1}")
        self._workloads[action.label] = action
        workspace = self._workspace
        control.write(workspace.root, _orders(action, run_name))
        deployment = workspace.build(action, run_name)
        before = workspace.snapshot(deployment)
        with heard() as log, workspace.watch(self._orchestrator, action) as watch:
            outcome = self._attempt(action, deployment, watch)
        facts = self._facts()
        executions = tuple(workspace.observe(action.workload, _names_used(run_name, facts, watch)))
        # A flavor may give the run a name of its own.
        self._recorded_as[action.label] = executions[-1].run_name if executions else run_name
        return RunEvidence(
            action=action,
            run_name=run_name,
            outcome=outcome,
            facts=facts,
            executions=executions,
            log=(*log, *_log_from_elsewhere(facts)),
            calls=tuple(watch.calls),
            leftover=dict(workspace.leftover(self._orchestrator)),
            changed=_changed(before, workspace.snapshot(deployment)),
            patched=tuple(dict.fromkeys(watch.patched)),
            target={k: jsonable(v) for k, v in workspace.target(self._orchestrator, run_name).items()},
            lost_source=workspace.lost_source if action.lost_class else "",
        )

    def _attempt(self, action: Run, deployment: Any, watch: Watch) -> Outcome:
        begin = time.perf_counter()
        try:
            with budget(max(self._deadline - time.monotonic(), 0.1), self._last_words), no_way_out():
                returned = self._workspace.run(self._orchestrator, deployment)
        except BudgetUsedUp as used_up:
            return Outcome(kind="timed_out", seconds=time.perf_counter() - begin, stacks=used_up.stacks)
        except ProcessExit as error:
            return Outcome(kind="left", chain=chain(error), seconds=time.perf_counter() - begin)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) and "interrupt" not in action.faults.values():
                raise
            return Outcome(kind="raised", chain=chain(error), seconds=time.perf_counter() - begin)
        seconds = time.perf_counter() - begin
        unchanged = watch.handed_back[-1] is returned if watch.handed_back else None
        return Outcome(kind="returned", unchanged=unchanged, seconds=seconds)

    def _facts(self) -> tuple[Fact, ...]:
        """The journal's events since the last call."""
        events, self._offset = journal.read(self._workspace.root, self._offset)
        return tuple(
            Fact(
                **{name: event.get(name) for name in _FACT_FIELDS},
                facts={name: jsonable(value) for name, value in event.items() if name not in _FACT_FIELDS},
            )
            for event in events
        )


def _orders(action: Run, run_name: str) -> dict[str, Any]:
    """What the control file says to the steps and hooks of this run."""
    return {
        "run": run_name,
        "faults": action.faults,
        "hooks": action.hook_faults,
        "loses": {step: ref.model_dump() for step, ref in action.loses.items()},
        "seconds": action.seconds,
    }


def _names_used(run_name: str, facts: tuple[Fact, ...], watch: Watch) -> frozenset[str]:
    """The run's own name and every other under which its steps were seen to be launched."""
    launched = {str(fact.facts["run_name"]) for fact in facts if "run_name" in fact.facts}
    return frozenset({run_name, *launched, *(call.run_name for call in watch.calls if call.run_name)})


def _log_from_elsewhere(facts: tuple[Fact, ...]) -> tuple[LogLine, ...]:
    """Log lines that steps in other processes left in the journal."""
    return tuple(
        LogLine(
            level=int(str(f.facts["level"])), logger=str(f.facts["logger"]), message=str(f.facts["message"])
        )
        for f in facts
        if f.kind == "logged"
    )


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))
