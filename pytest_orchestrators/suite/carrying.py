"""Carrying out a history: one workspace, one orchestrator, action after action, everything seen made
evidence.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from pytest_orchestrators.probes import control, place
from pytest_orchestrators.suite.apart import Child
from pytest_orchestrators.suite.attempting import Limits, Missing
from pytest_orchestrators.suite.attendant import Attendant
from pytest_orchestrators.suite.evidence import (
    Execution,
    Outcome,
    Probe,
    RunEvidence,
    ScenarioEvidence,
    jsonable,
)
from pytest_orchestrators.suite.gathering import Seen, changed, log_from_elsewhere, orders_of
from pytest_orchestrators.suite.history import Beside, Damage, History, Run
from pytest_orchestrators.suite.interpreter import NotFound, carried_out_by_another
from pytest_orchestrators.suite.killing import run_and_kill
from pytest_orchestrators.suite.neighbour import Side, neighbour
from pytest_orchestrators.suite.observers.failures import chain, failure
from pytest_orchestrators.suite.sandbox import Sandbox
from pytest_orchestrators.suite.scene import Scene, set_scene
from pytest_orchestrators.suite.second_call import SecondCall
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.surroundings import listening
from pytest_orchestrators.suite.troubles import TROUBLE_S, troubled
from pytest_orchestrators.suite.witness import Witness

__all__ = ["Limits", "Performance", "carry_out", "performing"]

#: Seconds of silence after which a second call of `run()` is given up, beside those that the first took.
_SILENCE_S = 10.0
#: A step stands still for the sake of a run beside it for this part of the scenario's time, and for so many
#: seconds at least: who has runs on the same stores take turns must get through it all.
_STANDS_STILL, _STANDS_STILL_S = 0.05, 12.0


def carry_out(
    history: History,
    subject: Subject,
    root: Path,
    limits: Limits,
    on_run: Callable[[RunEvidence], None] = lambda _: None,
) -> ScenarioEvidence:
    """Carry out a history on fresh stores.

    Args:
        history: what to do.
        subject: with whom.
        root: a folder for the stores: an empty one, or one in which another process has carried out
            something, and waits.
        limits: how long it may take.
        on_run: called with the evidence of each run when it has ended.

    Returns:
        The evidence; `broken` says why the history was not carried out to its end.

    Raises:
        KeyboardInterrupt: the person at the keyboard wants to stop.
    """
    return _carry_out(history, subject, root, limits, on_run=on_run)


def _carry_out(
    history: History,
    subject: Subject,
    root: Path,
    limits: Limits,
    side: Side | None = None,
    beside: str = "",
    on_run: Callable[[RunEvidence], None] = lambda _: None,
) -> ScenarioEvidence:
    """Carry out a history, as the side of a process of two, where there is another one."""
    begin = time.perf_counter()
    runs: list[RunEvidence] = []
    broken = missing = ""

    def keep(run: RunEvidence) -> None:
        runs.append(run)
        on_run(run)

    sandbox = Sandbox(root) if history.hostile else None
    if sandbox:
        history, root = sandbox.settled(history), sandbox.stores
    try:
        with set_scene(subject, root, limits, side, beside, sandbox) as scene:
            broken = Performance(scene).perform(history, keep)
    except Missing as error:
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
def performing(subject: Subject, root: Path, limits: Limits) -> Iterator[Performance]:
    """A history of which nobody knows beforehand what is done in it, on fresh stores, until the block ends.

    Args:
        subject: with whom.
        root: an empty folder for the stores.
        limits: how long it may take.
    """
    with set_scene(subject, root, limits, side=None, beside="", sandbox=None) as scene:
        yield Performance(scene)


class Performance:
    """One history on one scene."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._workspace = scene.workspace
        self._orchestrator = scene.workspace.create()
        # Names that differ in their last characters only: whoever cuts them makes them equal.
        self._stem = f"run-{uuid.uuid4().hex}"
        self._run_names: dict[str, str] = {}
        self._witness = Witness(scene.workspace)

    def perform(self, history: History, keep: Callable[[RunEvidence], None]) -> str:
        """Do one action after the other; say why not all were done, if so.

        Raises:
            Missing: the flavor did not find what it stands on.
        """
        for action in history.actions:
            evidence = self.do(action)
            if evidence is None:
                continue
            keep(evidence)
            if evidence.outcome.kind == "timed_out":
                budget_text = f"the scenario's budget of {self._scene.attempts.limits.seconds:g} s"
                if trouble := evidence.action.trouble:
                    budget_text = f"{TROUBLE_S:g} s, the record store being {trouble}"
                return f"run {evidence.label!r} did not end within {budget_text}"
        return ""

    def do(self, action: Run | Damage) -> RunEvidence | None:
        """Do one action; what was seen of it, if it is a run.

        Raises:
            Missing: the flavor did not find what it stands on.
        """
        if isinstance(action, Run):
            return self._run(action)
        self._workspace.damage(action, *self._witness.recorded_as(action.label))
        return None

    def _run(self, action: Run) -> RunEvidence:
        if action.afresh:
            self._orchestrator = self._workspace.create()
        made_up = f"{self._stem}-{len(self._run_names) + 1}" if action.run_name is None else action.run_name
        run_name = self._run_names.setdefault(action.label, made_up)
        if action.interpreter:
            with suppress(NotFound):
                return self._run_by_another_interpreter(action, run_name)
            # A class without a name, or one that needs what was done here: a fork is as near as one comes.
            run_name = self._run_names[action.label] = f"{run_name}-forked"
        control.write(self._workspace.root, orders_of(action, run_name, self._scene.secrets))
        self._scene.containers.begin(run_name)
        apart = action.anew or action.interpreter
        if (action.killed_at or action.beside or apart) and not self._scene.subject.forks:
            raise RuntimeError(
                "the flavor keeps threads since it was imported, so that no process of it can be forked: "
                "start them when they are needed"
            )
        if apart:
            return self._run_anew(action, run_name)
        if action.killed_at is not None:
            return self._run_and_kill(action, run_name)
        if action.beside is not None:
            return self._run_beside(action, action.beside, run_name)
        return self._run_watched(action, run_name)

    def _run_watched(self, action: Run, run_name: str) -> RunEvidence:
        evidence = self._run_alone(action, run_name, self._scene.side)
        return evidence.model_copy(update={"containers": self._scene.containers.evidence(tuple)})

    def _run_anew(self, action: Run, run_name: str) -> RunEvidence:
        """Run in a process of its own; what this one's orchestrator remembers is not there afterwards."""

        def run() -> str:
            self._orchestrator = self._workspace.create()
            return self._run_watched(action, run_name).model_dump_json()

        evidence = RunEvidence.model_validate_json(Child(run).answer(self._scene.attempts.seconds_left))
        self._witness.facts()  # these are in the evidence
        return self._run_by_another(evidence)

    def _run_by_another_interpreter(self, action: Run, run_name: str) -> RunEvidence:
        """Run in a process that has seen nothing of this one.

        Raises:
            NotFound: the flavor cannot be imported there, or does not run there.
            Missing: the flavor did not find what it stands on.
        """
        alone = action.model_copy(update={"interpreter": False, "run_name": run_name})
        scene = self._scene
        seen = carried_out_by_another(
            History(name=action.label, actions=(alone,)),
            scene.subject,
            scene.root,
            scene.attempts.seconds_left,
        )
        self._witness.facts()  # these are in the evidence, or of no interest
        if seen.missing:
            raise Missing(seen.missing)
        if [run.outcome.kind for run in seen.runs] != ["returned"]:
            raise NotFound(f"there, the flavor does not run: {seen.broken}")
        return self._run_by_another(seen.runs[0].model_copy(update={"action": action}))

    def _run_by_another(self, evidence: RunEvidence) -> RunEvidence:
        """What another process has seen of a run, after which this one begins anew as well."""
        self._witness.remember(evidence)
        self._orchestrator = self._workspace.create()
        return evidence

    def _run_beside(self, action: Run, beside: Beside, run_name: str) -> RunEvidence:
        """Run while another process runs something else."""
        with (
            neighbour(beside, action.label, self._carry_out_beside, self._patience) as (side, seen),
            self._scene.containers.bystanders(wanted=not beside.same_stores) as harmed,
        ):
            evidence = self._run_alone(action, run_name, side)
            there = None if beside.same_stores else self._scene.containers.evidence(harmed)
            return evidence.model_copy(update={"containers": there, "beside": seen()})

    @property
    def _patience(self) -> float:
        """Seconds that a step stands still for the sake of a run beside it."""
        return max(_STANDS_STILL * self._scene.attempts.limits.seconds, _STANDS_STILL_S)

    def _carry_out_beside(self, history: History, side: Side) -> ScenarioEvidence:
        """Carry out what another process does beside this one, in that process."""
        # Stores of its own are not within this scenario's, by which its containers are known.
        root = self._scene.root
        root = root if side.same_stores else root.with_name(f"beside-{root.name}")
        root.mkdir(parents=True, exist_ok=True)
        limits = self._scene.attempts.limits
        return _carry_out(history, self._scene.subject, root, limits, side, beside=history.name)

    def _run_alone(self, action: Run, run_name: str, side: Side | None) -> RunEvidence:
        workspace = self._workspace
        try:
            deployment = workspace.build(action, run_name)
        except Exception as error:
            if not action.hostile:
                raise
            return self._refused(action, run_name, error)
        before = workspace.snapshot(deployment)
        second = self._second_call(action)
        midway: list[tuple[Execution, ...]] = []
        look = partial(self._witness.look, action, run_name, midway)
        attendant = Attendant(action, run_name, workspace.root, self._scene.containers, side, look, second)
        if side is not None:
            side.begin()
        with (
            troubled(workspace, action) as trouble,
            listening(action, workspace.root) as log,
            workspace.watch(self._orchestrator, action) as watch,
            self._scene.audit.of_run() as left_behind,
        ):
            run = partial(workspace.run, self._orchestrator, deployment)
            outcome = self._scene.attempts.attempt(action, run, watch, attendant, self._witness.offset)
            # Now, and not when what was left behind has had its time: what comes later comes too late.
            facts = self._witness.facts()
            ended = second.outcome(_SILENCE_S + 5 * outcome.seconds) if second else None
        if side is not None:
            side.end()
        seen = Seen(facts if second is None else (*facts, *self._witness.facts()), tuple(watch.calls))
        meanwhile = None
        if ended is not None:
            seen, meanwhile = self._second_seen(action, seen, ended)
        executions = self._witness.executions(action, run_name, seen)
        evidence = RunEvidence(
            action=action,
            run_name=run_name,
            outcome=outcome,
            facts=seen.facts,
            executions=executions,
            log=(*log, *log_from_elsewhere(seen.facts)),
            calls=seen.calls,
            leftover=dict(workspace.leftover(self._orchestrator)),
            changed=changed(before, workspace.snapshot(deployment)),
            patched=tuple(dict.fromkeys(watch.patched)),
            target={k: jsonable(v) for k, v in workspace.target(self._orchestrator, run_name).items()},
            lost_source=workspace.lost_source if action.lost_class else "",
            meanwhile=meanwhile,
            midway=midway[0] if midway else None,
            of_killed=self._witness.of_killed(),
            left_behind=tuple(left_behind),
            escaped=self._scene.escaped(),
            trouble=trouble,
            recalled=self._witness.recalled(action),
            overstepped=self._overstepped(action, deployment, outcome),
        )
        self._witness.remember(evidence)
        return evidence

    def _overstepped(self, action: Run, deployment: Any, outcome: Outcome) -> Probe | None:
        """The answer to `run_step` outside the run that has ended."""
        if not action.oversteps or outcome.kind not in ("returned", "raised"):
            return None
        error = None
        try:
            self._workspace.overstep(self._orchestrator, deployment)
        except Exception as raised:
            error = failure(raised)
        return Probe(
            value=[fact.step for fact in self._witness.facts() if fact.kind == "started"], error=error
        )

    def _refused(self, action: Run, run_name: str, error: Exception) -> RunEvidence:
        """The evidence of a run for which no deployment could be built."""
        return RunEvidence(
            action=action,
            run_name=run_name,
            outcome=Outcome(kind="refused", chain=chain(error)),
            facts=self._witness.facts(),
            escaped=self._scene.escaped(),
        )

    def _second_call(self, action: Run) -> SecondCall | None:
        """What calls `run()` once more meanwhile, if there is to be such a call."""
        if action.meanwhile is None:
            return None
        workspace = self._workspace
        deployment = workspace.build(_second(action), self._name_of_second(action))
        call = partial(workspace.run, self._orchestrator, deployment)
        return SecondCall(call, workspace.root, self._run_names[action.label], action.second_halt)

    def _second_seen(self, action: Run, seen: Seen, ended: Outcome) -> tuple[Seen, RunEvidence]:
        """What was seen of the first call alone, and the evidence of the second."""
        second, run_name = _second(action), self._name_of_second(action)
        of_first, its = seen.apart(action.workload, second.workload, run_name)
        return of_first, RunEvidence(
            action=second,
            run_name=run_name,
            outcome=ended,
            facts=its.facts,
            executions=self._witness.executions(second, run_name, its),
            calls=its.calls,
        )

    def _name_of_second(self, action: Run) -> str:
        return f"{self._run_names[action.label]}-meanwhile"

    def _run_and_kill(self, action: Run, run_name: str) -> RunEvidence:
        workspace = self._workspace
        deployment = workspace.build(action, run_name)
        run = partial(workspace.run, self._orchestrator, deployment)
        to_its_end = partial(self._scene.attempts.to_its_end, run)
        seconds = self._scene.attempts.seconds_left
        outcome = run_and_kill(to_its_end, run_name, workspace.root, self._scene.containers, seconds)
        # What this instance remembers would not be there after a kill.
        self._orchestrator = workspace.create()
        seen = Seen(self._witness.facts())
        self._witness.remember_killed(action, seen.run_names(run_name))
        executions = self._witness.executions(action, run_name, seen)
        return RunEvidence(
            action=action, run_name=run_name, outcome=outcome, facts=seen.facts, executions=executions
        )


def _second(action: Run) -> Run:
    """What the second call is to run."""
    assert action.meanwhile is not None
    return Run(label=f"{action.label}, meanwhile", workload=action.meanwhile)
