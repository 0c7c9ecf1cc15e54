"""The model: what must happen when a history is carried out by a correct orchestrator.

It knows no orchestrator and no backend. Everything a check expects is asked here, so that an expectation
is stated once. Where the contract leaves a choice (steps that do not depend on a failed one may have run
or not), several statuses are allowed, and `settle` tells the model which one was seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pytest_orchestrators.probes.values import canonical, produce, swollen
from pytest_orchestrators.suite.history import Damage, Run
from pytest_orchestrators.suite.workload import OutputRef, Workload, WorkloadStep

#: What can become of a step in a run.
Status = Literal["executed", "cached", "failed", "not_run", "skipped"]

#: Why a step is to be executed: nothing like it was there (`new`), its caching is `off`, it or what it reads
#: `changed`, it `failed` before, files are `gone`. Why it is not: nothing about the pipeline has changed
#: (`identical`) or about the step (`unchanged`), or it was `done` under this run name.
Reason = Literal["new", "off", "changed", "failed", "gone", "identical", "unchanged", "done"]

#: Identity of an artifact: the number of the run that made it, the step, the output.
ArtifactId = tuple[int, str, str]


@dataclass(frozen=True)
class StepExpectation:
    """What a step may become and why, what it is given, what it hands on, and whose artifacts these are."""

    step: WorkloadStep
    allowed: frozenset[Status]
    inputs: dict[str, Any]
    values: dict[str, Any]
    artifacts: dict[str, ArtifactId]
    key: str
    because: Reason

    @property
    def certain(self) -> Status | None:
        """The status, if only one is allowed."""
        return next(iter(self.allowed)) if len(self.allowed) == 1 else None


@dataclass(frozen=True)
class RunExpectation:
    """What one run must come to; `faults` are those of steps that are to be executed."""

    action: Run
    number: int
    steps: dict[str, StepExpectation]
    raises: bool
    faults: Mapping[str, str]

    @property
    def needy(self) -> frozenset[str]:
        """Steps with resource settings and no step operator: those that draw a warning."""
        return frozenset(
            s.name for s in self.action.workload.steps if not s.resources.empty and s.operator is None
        )

    @property
    def repeats(self) -> bool:
        """Whether some of it was done before, under the same run name."""
        return any(step.because == "done" for step in self.steps.values())

    def certainly(self, *statuses: Status) -> frozenset[str]:
        """Steps that must get one of these statuses."""
        return frozenset(n for n, e in self.steps.items() if e.allowed <= set(statuses))


@dataclass
class Model:
    """Walks through a history: `expect` a run, then `settle` it with what was seen to have been executed."""

    _cache: dict[str, dict[str, ArtifactId]] = field(default_factory=dict)
    _succeeded: dict[tuple[str, str], dict[str, dict[str, ArtifactId]]] = field(default_factory=dict)
    _values: dict[ArtifactId, Any] = field(default_factory=dict)
    _failed: set[str] = field(default_factory=set)
    _tried: set[tuple[str, str]] = field(default_factory=set)
    _gone: set[ArtifactId] = field(default_factory=set)
    _doubtful: set[ArtifactId] = field(default_factory=set)
    _number: int = 0

    def expect(self, action: Run) -> RunExpectation:
        """What the next run must come to."""
        steps: dict[str, StepExpectation] = {}
        before = self._succeeded.get((action.workload.name, action.label), {})
        for name in action.workload.order():
            steps[name] = self._expect_step(action, name, steps, before)
        if all(step.because == "unchanged" for step in steps.values()):
            steps = {name: replace(step, because="identical") for name, step in steps.items()}
        # Whose function is not entered cannot fail.
        faults = {name: fault for name, fault in action.faults.items() if "executed" in steps[name].allowed}
        troubles = troubled_steps(action.model_copy(update={"faults": faults}))
        touched = steps_touched_by_kill(action)
        prevented = bool(action.run_fault or action.trouble)
        spoilt = frozenset(steps) if prevented else action.workload.downstream(frozenset(troubles))
        bound = action.workload.upstream(frozenset(troubles))
        for name, step in steps.items():
            # What goes wrong in one place may keep from running whatever it does not come after.
            left_out: tuple[Status, ...] = ("not_run",) if troubles.keys() - {name} else ()
            if name in spoilt:
                steps[name] = _with(step, "not_run")
            elif name in troubles:
                steps[name] = _with(step, *(troubles[name] or step.allowed), *left_out)
            elif name not in bound:
                steps[name] = _with(step, *(touched.get(name) or step.allowed), *left_out)
        raises = bool(prevented or troubles or action.killed_at)
        return RunExpectation(action, self._number, steps, raises, faults)

    def _expect_step(
        self, action: Run, name: str, done: dict[str, StepExpectation], before: dict[str, Any]
    ) -> StepExpectation:
        step = action.workload[name]
        inputs = {k: done[ref.step].values[ref.output] for k, ref in step.inputs.items()}
        sources = {k: done[ref.step].artifacts[ref.output] for k, ref in step.inputs.items()}
        values = {o: produce(name, o, step.edition, inputs, step.parameters) for o in step.outputs}
        if action.faults.get(name) == "huge_output":
            values = {output: swollen(value) for output, value in values.items()}
        code = [step.edition, step.rewritten]
        key = canonical([action.workload.name, name, code, step.parameters, step.outputs, sources])
        allowed: frozenset[Status] = frozenset({"executed"})
        artifacts: dict[str, ArtifactId] = {o: (self._number, name, o) for o in step.outputs}
        because = self._because(action.workload, step, key, done, before)
        if because == "done":
            allowed, artifacts = frozenset({"skipped"}), before[name]
        elif because == "unchanged":
            allowed, artifacts = frozenset({"cached"}), self._cache[key]
        values |= {output: self._values[id] for output, id in artifacts.items() if id in self._values}
        if self._doubtful.intersection([*artifacts.values(), *sources.values()]):
            # A killed run did it: it may be used, and need not be.
            allowed |= {"executed", *(("cached",) if "skipped" in allowed and step.cache else ())}
        return StepExpectation(step, allowed, inputs, values, artifacts, key, because)

    def _because(
        self,
        workload: Workload,
        step: WorkloadStep,
        key: str,
        done: dict[str, StepExpectation],
        before: dict[str, Any],
    ) -> Reason:
        """Why the step is to be executed, or is not."""
        if step.name in before:
            return "done"
        if key in self._cache:
            if not step.cache:
                return "off"
            return "gone" if self._gone.intersection(self._cache[key].values()) else "unchanged"
        if key in self._failed:
            return "failed"
        for read in sorted(step.data_upstream):
            if done[read].because in ("off", "gone", "failed"):
                return done[read].because
        return "changed" if (workload.name, step.name) in self._tried else "new"

    def settle(self, expected: RunExpectation, executed: frozenset[str], cached: frozenset[str]) -> None:
        """Take note of what became of the steps that had a choice, and of what is in the cache now.

        `executed` are those that were executed and are on the record as complete.
        """
        action = expected.action
        succeeded = self._succeeded.setdefault((action.workload.name, action.label), {})
        for name, step in expected.steps.items():
            ran = step.certain == "executed" or ("executed" in step.allowed and name in executed)
            hit = step.certain == "cached" or ("cached" in step.allowed and name in cached)
            if ran:
                self._cache[step.key] = step.artifacts
                self._values |= {id: step.values[output] for output, id in step.artifacts.items()}
            elif "failed" in step.allowed:
                self._failed.add(step.key)
            if ran or "failed" in step.allowed:
                self._tried.add((action.workload.name, name))
            if ran and action.killed_at:
                self._doubtful.update(step.artifacts.values())
            if ran or hit:
                succeeded[name] = step.artifacts
        self._number += 1

    def damage(self, action: Damage, runs: dict[str, RunExpectation]) -> None:
        """Files of an artifact are gone: what it would have served is no longer in the cache."""
        expected = runs[action.label].steps[action.artifact.step]
        self._gone.add(expected.artifacts[action.artifact.output])


def troubled_steps(action: Run) -> dict[str, frozenset[Status]]:
    """The steps at which the run fails, and what becomes of them; an empty set where they run as usual.

    A step whose own work or input fails is a failed one. One whose preparation fails, or the class of whose
    artifacts is missing, is never executed. One whose cleanup fails has been executed all the same.
    """
    troubles: dict[str, frozenset[Status]] = {
        name: frozenset({"failed"}) for name, fault in action.faults.items() if fault != "huge_output"
    }
    for name, hook in action.hook_faults.items():
        if hook == "prepare_step_run":
            troubles[name] = frozenset({"not_run"})
        else:
            troubles.setdefault(name, frozenset())
    if action.lost_class:
        troubles[action.lost_class] = frozenset({"not_run"})
    if action.interrupted:
        # Where steps run in threads, those that run may come to their end.
        troubles.update(dict.fromkeys(action.waiting, frozenset({"failed", "executed"})))
    for after, lost in action.loses.items():
        troubles.update(dict.fromkeys(_readers_after(action.workload, after, lost), frozenset({"failed"})))
    spoilt = action.workload.downstream(frozenset(troubles))
    return {name: status for name, status in troubles.items() if name not in spoilt}


def steps_touched_by_kill(action: Run) -> dict[str, frozenset[Status]]:
    """The steps that a kill leaves undone or half done, and what may become of them; an empty set where
    they ran as usual.

    What runs a step in another place may go on without the process that called `run()`, and even with the
    steps behind it. The hook before a deployment comes before all that.
    """
    halt = action.killed_at
    if halt is None:
        return {}
    if halt.step is None:
        return dict.fromkeys(action.workload.names, frozenset({"not_run"}))
    before = action.workload.upstream(frozenset({halt.step}))
    any_end: frozenset[Status] = frozenset({"not_run", "failed", "executed", "cached"})
    touched = {name: any_end for name in action.workload.names if name not in before}
    if halt.moment == "cleanup_step_run":
        touched[halt.step] = frozenset()
    return touched


def _readers_after(workload: Workload, after: str, lost: OutputRef) -> frozenset[str]:
    behind = workload.downstream(frozenset({after}))
    return frozenset(s.name for s in workload.steps if s.name in behind and lost in s.inputs.values())


def _with(expectation: StepExpectation, *statuses: Status) -> StepExpectation:
    """The same step with other statuses allowed."""
    return replace(expectation, allowed=frozenset(statuses))
