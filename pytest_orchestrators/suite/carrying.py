"""Carrying out a history: one workspace, one orchestrator, action after action, everything seen made
evidence.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_orchestrators.probes import control, journal, place
from pytest_orchestrators.suite.evidence import (
    Fact,
    LogLine,
    Outcome,
    RunEvidence,
    ScenarioEvidence,
    jsonable,
)
from pytest_orchestrators.suite.family import Watch, Workspace
from pytest_orchestrators.suite.history import Damage, History, Run
from pytest_orchestrators.suite.neighbour import Gate, neighbour
from pytest_orchestrators.suite.observers.attending import attended
from pytest_orchestrators.suite.observers.budget import BudgetUsedUp, budget
from pytest_orchestrators.suite.observers.exits import ProcessExit, no_way_out
from pytest_orchestrators.suite.observers.failures import chain, failure
from pytest_orchestrators.suite.observers.secrets import planted
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.surroundings import (
    Attendant,
    Containers,
    interruptible,
    listening,
    watched_containers,
)

_FACT_FIELDS = {"kind", "step", "pid", "thread", "monotonic"}


@dataclass(frozen=True)
class Limits:
    """How long a scenario may take.

    Attributes:
        seconds: the budget of all its runs together.
        last_words: descriptor for the stacks of a run that cannot be stopped.
    """

    seconds: float
    last_words: int = 2


class _Missing(Exception):
    """The flavor did not find what it stands on."""


def carry_out(
    history: History,
    subject: Subject,
    root: Path,
    limits: Limits,
    gate: Gate | None = None,
    on_run: Callable[[RunEvidence], None] = lambda _: None,
) -> ScenarioEvidence:
    """Carry out a history on fresh stores.

    Args:
        history: what to do.
        subject: with whom.
        root: an empty folder for the stores.
        limits: how long it may take.
        gate: passed by the step that waits, where another process decides how long.
        on_run: called with the evidence of each run when it has ended.

    Returns:
        The evidence; `broken` says why the history was not carried out to its end.

    Raises:
        KeyboardInterrupt: the person at the keyboard wants to stop.
    """
    begin = time.perf_counter()
    runs: list[RunEvidence] = []
    broken = missing = ""

    def keep(run: RunEvidence) -> None:
        runs.append(run)
        on_run(run)

    try:
        with _performance(subject, root, limits, gate) as performance:
            broken = performance.perform(history, keep)
    except _Missing as error:
        broken = missing = str(error)
    except Exception as error:
        seen = failure(error)
        broken = f"{seen.type}: {seen.message}\n{seen.where}"
    return ScenarioEvidence(
        name=history.name,
        actions=history.actions,
        runs=tuple(runs),
        broken=broken,
        missing=missing,
        pid=os.getpid(),
        place=place.here(),
        seconds=time.perf_counter() - begin,
    )


@contextmanager
def _performance(subject: Subject, root: Path, limits: Limits, gate: Gate | None) -> Iterator[_Performance]:
    """Everything that a history needs, put up and taken away again."""
    with ExitStack() as stage:
        secrets = stage.enter_context(planted())
        workspace = stage.enter_context(subject.family.open(subject.flavor, subject.config, root))
        wanted = "containers" in subject.profile
        containers = stage.enter_context(watched_containers(wanted, workspace, root))
        yield _Performance(subject, workspace, root, limits, secrets, containers, gate)


class _Performance:
    """One history on one workspace."""

    def __init__(
        self,
        subject: Subject,
        workspace: Workspace,
        root: Path,
        limits: Limits,
        secrets: Mapping[str, str],
        containers: Containers,
        gate: Gate | None,
    ) -> None:
        self._subject = subject
        self._workspace = workspace
        self._root = root
        self._limits = limits
        self._deadline = time.monotonic() + limits.seconds
        self._secrets = secrets
        self._containers = containers
        self._gate = gate
        self._orchestrator = workspace.create()
        # Names that differ in their last characters only: whoever cuts them makes them equal.
        self._stem = f"run-{uuid.uuid4().hex}"
        self._run_names: dict[str, str] = {}
        self._recorded_as: dict[str, str] = {}
        self._workloads: dict[str, Run] = {}
        self._offset = 0

    def perform(self, history: History, keep: Callable[[RunEvidence], None]) -> str:
        """Do one action after the other; say why not all were done, if so.

        Raises:
            _Missing: the flavor did not find what it stands on.
        """
        for action in history.actions:
            if isinstance(action, Damage):
                workload = self._workloads[action.label].workload
                self._workspace.damage(action, workload, self._recorded_as[action.label])
                continue
            evidence = self._run(action)
            keep(evidence)
            if evidence.outcome.kind == "timed_out":
                budget_text = f"the scenario's budget of {self._limits.seconds:g} s"
                return f"run {action.label!r} did not end within {budget_text}"
        return ""

    def _run(self, action: Run) -> RunEvidence:
        with (
            neighbour(action, self._beside) as beside,
            self._containers.bystanders(wanted=action.beside is not None) as harmed,
        ):
            evidence = self._run_alone(action)
            containers = self._containers.evidence(harmed)
            return evidence.model_copy(update={"containers": containers, "beside": beside()})

    def _beside(self, history: History, gate: Gate) -> ScenarioEvidence:
        """Carry out what another process does beside this one, in that process."""
        # Not within this scenario's stores, by which its containers are known.
        root = self._root.with_name(f"beside-{self._root.name}")
        root.mkdir(parents=True)
        return carry_out(history, self._subject, root, self._limits, gate)

    def _run_alone(self, action: Run) -> RunEvidence:
        run_name = self._run_names.setdefault(action.label, f"{self._stem}-{len(self._run_names) + 1}")
        self._workloads[action.label] = action
        workspace = self._workspace
        control.write(workspace.root, _orders(action, run_name, self._secrets))
        deployment = workspace.build(action, run_name)
        before = workspace.snapshot(deployment)
        self._containers.begin(run_name)
        with listening(action, workspace.root) as log, workspace.watch(self._orchestrator, action) as watch:
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
            with self._supervised(action):
                returned = self._workspace.run(self._orchestrator, deployment)
        except BudgetUsedUp as used_up:
            return Outcome(kind="timed_out", seconds=time.perf_counter() - begin, stacks=used_up.stacks)
        except ProcessExit as error:
            return Outcome(kind="left", chain=chain(error), seconds=time.perf_counter() - begin)
        except BaseException as error:
            expected = action.interrupted or "interrupt" in action.faults.values()
            if isinstance(error, KeyboardInterrupt) and not expected:
                raise
            if missing := self._subject.family.missing(error):
                raise _Missing(missing) from error
            return Outcome(kind="raised", chain=chain(error), seconds=time.perf_counter() - begin)
        seconds = time.perf_counter() - begin
        unchanged = watch.handed_back[-1] is returned if watch.handed_back else None
        return Outcome(kind="returned", unchanged=unchanged, seconds=seconds)

    @contextmanager
    def _supervised(self, action: Run) -> Iterator[None]:
        """Within its time, with somebody who answers its steps, and no way to end this process."""
        root, seconds = self._workspace.root, max(self._deadline - time.monotonic(), 0.1)
        attendant = Attendant(action, root, self._containers, self._gate)
        with ExitStack() as around:
            around.enter_context(budget(seconds, self._limits.last_words))
            around.enter_context(no_way_out())
            if action.interrupted:
                around.enter_context(interruptible())
            if attendant.needed:
                around.enter_context(attended(root, self._offset, attendant.react))
            yield

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


def _orders(action: Run, run_name: str, secrets: Mapping[str, str]) -> dict[str, Any]:
    """What the control file says to the steps and hooks of this run."""
    return {
        "run": run_name,
        "faults": action.faults,
        "hooks": action.hook_faults,
        "loses": {step: ref.model_dump() for step, ref in action.loses.items()},
        "seconds": action.seconds,
        "prints": action.prints,
        "waits": [action.waits_in] if action.waits_in else [],
        "secrets": dict(secrets),
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
