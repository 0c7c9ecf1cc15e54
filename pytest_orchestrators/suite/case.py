"""A case: one run's expectation and evidence side by side, and the evidence read through the model's eyes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from pytest_orchestrators.suite.evidence import (
    Evidence,
    Execution,
    Fact,
    LogLine,
    Probe,
    RunEvidence,
    ScenarioEvidence,
)
from pytest_orchestrators.suite.history import Damage, Run
from pytest_orchestrators.suite.model import Model, RunExpectation

#: How the name of a generated scenario begins.
GENERATED = "generated"


class Unobserved(Exception):
    """What a check wants to look at is not in the evidence; the message says why.

    Args:
        reason: why.
        cause: the part of it that several scenarios may have in common; all of it if nothing is said.
    """

    def __init__(self, reason: str, cause: str = "") -> None:
        super().__init__(reason)
        self.cause = cause or reason


@dataclass(frozen=True)
class Case:
    """What one run should have come to, and what it came to, called by the process with this id."""

    scenario: str
    expected: RunExpectation
    seen: RunEvidence
    pid: int = 0

    @property
    def where(self) -> str:
        """The place to look: scenario and run."""
        scenario = self.scenario if self.scenario.startswith(GENERATED) else f"scenario {self.scenario}"
        return f"{scenario}, run {self.seen.label}"

    @property
    def refused(self) -> bool:
        """Whether it was refused, as it might be for its names or parameters, before anything happened."""
        refusal = self.seen.action.hostile and self.seen.outcome.kind in ("raised", "refused")
        return refusal and not self.seen.events("started") and not self.seen.executions

    @property
    def label(self) -> str:
        """The run's name within its scenario."""
        return self.seen.label

    @property
    def run_names(self) -> frozenset[str]:
        """The names under which the run's steps were launched and are on the record."""
        hooks = {str(f.facts["run_name"]) for f in self.seen.facts if "run_name" in f.facts}
        calls = {call.run_name for call in self.seen.calls if call.run_name}
        return frozenset(hooks | calls | {e.run_name for e in self.seen.executions})

    def of(self, seen: RunEvidence) -> Case:
        """The case of another run that went on beside this one, on which nothing came before."""
        return Case(f"{self.scenario}, beside {self.label}", Model().expect(seen.action), seen, self.pid)

    def went_on(self, step: str | None) -> bool:
        """Whether a step that had halted did anything after that."""
        events = [fact.kind for fact in self.seen.facts if fact.step == step]
        return "halted" in events and events[-1] != "halted"

    def started(self, step: str) -> tuple[Fact, ...]:
        """Each time the step's function was entered."""
        return self.seen.events("started", step)

    def finished(self, step: str) -> tuple[Fact, ...]:
        """Each time the step's function came to its end."""
        return self.seen.events("finished", step)

    def executions(self, step: str) -> tuple[Execution, ...]:
        """What the record holds of the step under this run's names."""
        return tuple(e for e in self.seen.executions if e.step == step)

    def states(self, step: str) -> tuple[str, ...]:
        """The states of the step's executions on the record."""
        return tuple(e.state for e in self.executions(step))

    def executed(self) -> frozenset[str]:
        """Steps whose function came to its end."""
        return frozenset(f.step for f in self.seen.events("finished") if f.step)

    def completed(self) -> frozenset[str]:
        """Steps whose function came to its end and that the record calls complete."""
        return frozenset(step for step in self.executed() if "complete" in self.states(step))

    def cached(self) -> frozenset[str]:
        """Steps that are on the record as cached and whose function was not entered."""
        entered = {f.step for f in self.seen.events("started")}
        return frozenset(
            e.step for e in self.seen.executions if e.state == "cached" and e.step not in entered
        )

    @property
    def warnings(self) -> list[LogLine]:
        """What was logged or warned at WARNING and above. A text with another one at its end is that one,
        brought from another process with something put before it.
        """
        lines = [line for line in self.seen.log if line.level >= logging.WARNING]
        told = {line.message for line in lines if " " in line.message.strip()}
        return [line for line in lines if not any(_brings(line.message, text) for text in told)]

    def warnings_about(self, step: str) -> list[LogLine]:
        """Those of its warnings that name the step."""
        return [line for line in self.warnings if names_step(line.message, step)]

    def mentions(self, step: str, *words: str, level: int = 0) -> list[str]:
        """What was logged or warned at this level or above that names the step and holds one of the words."""
        named = [
            text
            for line in self.seen.log
            if line.level >= level and step in line.message
            for text in _told(line)
            if names_step(text, step)
        ]
        return saying(named, *words) if words else named


def _brings(text: str, other: str) -> bool:
    return text != other and text.endswith(other)


def saying(texts: Iterable[str], *words: str) -> list[str]:
    """The texts that hold one of the words."""
    return [text for text in texts if any(word in text.lower() for word in words)]


def _told(line: LogLine) -> list[str]:
    """The texts of a record that tell something: a warning as a whole, of anything else each line of text.

    Backends log whole data structures, in which every name and every word stands somewhere.
    """
    return [line.message] if line.level >= logging.WARNING else line.message.splitlines()


def names_step(text: str, step: str) -> bool:
    """Whether a text names a step as a word of its own (`load` is not named by `preload` or `load-2`)."""
    start = text.find(step)
    while start >= 0:
        end = start + len(step)
        around = text[start - 1 : start] + text[end : end + 1]
        if not any(c.isalnum() or c in "_-" for c in around):
            return True
        start = text.find(step, start + 1)
    return False


#: The cases of scenarios that the model walked through, by name.
Walked: TypeAlias = "dict[str, tuple[Case, ...]]"


class Reader:
    """The evidence as checks read it: by scenario, each run with the model's expectation.

    Args:
        evidence: what to read.
        walked: the cases of scenarios that were read before, by name; it is added to. Walking through them is
            most of the time that judging takes, and one session asks for sixty judgements.
    """

    def __init__(self, evidence: Evidence, walked: Walked | None = None) -> None:
        self.evidence = evidence
        self._walked: Walked = {} if walked is None else walked

    def probe(self, name: str) -> Probe:
        """The answer to a question that was asked by calling.

        Raises:
            Unobserved: it was not asked.
        """
        if name not in self.evidence.probes:
            raise Unobserved(self.evidence.unmade or f"the flavor was not asked for {name!r}")
        return self.evidence.probes[name]

    def scenario(self, name: str) -> ScenarioEvidence:
        """The evidence of one scenario.

        Raises:
            Unobserved: it was not carried out, or with no orchestrator.
        """
        if self.evidence.unmade:
            raise Unobserved(self.evidence.unmade)
        if name not in self.evidence.scenarios:
            raise Unobserved(f"scenario {name} was not carried out")
        return self.evidence.scenarios[name]

    def cases(self, *names: str) -> Iterator[Case]:
        """All runs of these scenarios that were carried out, in order.

        Raises:
            Unobserved: after the last one there is, if a scenario was not carried out, or not to its end.
        """
        gaps: list[Unobserved] = []
        for name in names:
            try:
                scenario = self.scenario(name)
            except Unobserved as gap:
                gaps.append(gap)
                continue
            if name not in self._walked:
                self._walked[name] = tuple(walk(scenario))
            yield from self._walked[name]
            if scenario.broken:
                reason = f"scenario {name} did not come to its end: {scenario.broken}"
                gaps.append(Unobserved(reason, cause=scenario.broken))
        if gaps:
            raise gaps[0]

    def case(self, name: str, label: str, occurrence: int = 0) -> Case:
        """One run of a scenario, by its label.

        Raises:
            Unobserved: it was not carried out.
        """
        found = [case for case in self.cases(name) if case.label == label]
        if len(found) <= occurrence:
            raise Unobserved(f"scenario {name} has no run {label}")
        return found[occurrence]


def walk(scenario: ScenarioEvidence) -> Iterator[Case]:
    """Let the model walk beside the evidence, action by action."""
    model = Model()
    seen = iter(scenario.runs)
    expectations: dict[str, RunExpectation] = {}
    for action in scenario.actions:
        if isinstance(action, Damage):
            model.damage(action, expectations)
            continue
        run = next(seen, None)
        if run is None:
            return
        expected = model.expect(_as_it_went(action, run))
        case = Case(scenario.name, expected, run, scenario.pid)
        if not case.refused:
            model.settle(expected, case.completed(), case.cached())
        expectations[action.label] = expected
        yield case


def _as_it_went(action: Run, seen: RunEvidence) -> Run:
    """The action without the faults of steps that were tried again, and came to a good end."""
    again = {step for step, fault in action.faults.items() if fault == "raise_at_first"}
    done = {fact.step for fact in seen.events("finished")}
    faults = {step: fault for step, fault in action.faults.items() if step not in again & done}
    return action.model_copy(update={"faults": faults})
