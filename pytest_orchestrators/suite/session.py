"""A session: one flavor, asked for requirements; every scenario is carried out once, when it is first
needed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytest_orchestrators.suite.carrying import Subject, carry_out
from pytest_orchestrators.suite.catalogue import CONTRACT_VERSION, catalogue
from pytest_orchestrators.suite.evidence import (
    Environment,
    Evidence,
    Probe,
    ScenarioEvidence,
    jsonable,
)
from pytest_orchestrators.suite.judge import judge_one
from pytest_orchestrators.suite.observers.failures import failure
from pytest_orchestrators.suite.scenarios import scenario, scenario_names
from pytest_orchestrators.suite.verdict import Judgement

#: Seconds that one scenario may take when nothing else is said.
DEFAULT_BUDGET = 300.0
#: After so many scenarios with a run that did not end, no other is carried out.
HANGS = 2


class Session:
    """Gathers the evidence of one flavor.

    Args:
        subject: what is judged.
        root: a folder for the stores of all scenarios.
        seed: what names are drawn from; a new one each session.
        budget: seconds that one scenario may take.
        last_words: descriptor for the stacks of a run that cannot be stopped.
        on_scenario: called with the name of a scenario before it is carried out.
        on_evidence: called with its evidence afterwards.
    """

    def __init__(
        self,
        subject: Subject,
        root: Path,
        seed: str,
        budget: float = DEFAULT_BUDGET,
        last_words: int = 2,
        on_scenario: Callable[[str], None] = lambda _: None,
        on_evidence: Callable[[ScenarioEvidence], None] = lambda _: None,
    ) -> None:
        self.subject = subject
        self._root = root
        self._seed = seed
        self._budget = budget
        self._last_words = last_words
        self._on_scenario = on_scenario
        self._on_evidence = on_evidence
        self._asked: list[str] = []
        self._probes: dict[str, Probe] | None = None
        self._scenarios: dict[str, ScenarioEvidence] = {}
        self._blocked = ""

    def ask(self, requirement: str) -> Judgement:
        """Gather what a requirement and those that it needs look at, and judge it.

        Raises:
            KeyError: the catalogue has no such requirement.
        """
        wanted = _with_needs(requirement)
        self._asked.append(requirement)
        if self._probes is None and not self._blocked:
            self._begin()
        if self._blocked:
            return judge_one(self.evidence, requirement)
        reads = {name for id in wanted for name in catalogue()[id].reads}
        for name in scenario_names():
            if name in reads and name not in self._scenarios:
                self._carry_out(name)
        return judge_one(self.evidence, requirement)

    def _begin(self) -> None:
        """Warm up and ask what can be asked without running; what fails here blocks everything."""
        subject = self.subject
        try:
            subject.family.prepare()
            self._probes = dict(subject.family.inspect(subject.flavor, subject.config))
        except Exception as error:
            seen = failure(error)
            self._blocked = f"the {subject.family.name} family cannot start: {seen.type}: {seen.message}"

    def _carry_out(self, name: str) -> None:
        self._on_scenario(name)
        root = self._root / name
        root.mkdir(parents=True)
        history = scenario(name, self._seed)
        if hung := self._hung():
            reason = f"not carried out after runs that did not end in {' and '.join(hung)}"
            evidence = ScenarioEvidence(name=name, actions=history.actions, broken=reason)
        else:
            evidence = carry_out(history, self.subject, root, self._budget, self._last_words)
        self._scenarios[name] = evidence
        self._on_evidence(evidence)

    def _hung(self) -> list[str]:
        """The scenarios with a run that did not end, if they are enough to stop."""
        hung = [
            name
            for name, evidence in self._scenarios.items()
            if any(run.outcome.kind == "timed_out" for run in evidence.runs)
        ]
        return hung if len(hung) >= HANGS else []

    @property
    def evidence(self) -> Evidence:
        """Everything gathered so far."""
        return Evidence(
            contract=CONTRACT_VERSION,
            environment=self.environment(),
            asked=tuple(self._asked),
            probes=self._probes or {},
            scenarios=self._scenarios,
            blocked=self._blocked,
        )

    def environment(self) -> Environment:
        """What is judged, and on what it runs."""
        subject = self.subject
        return Environment(
            flavor=subject.name,
            source=subject.source,
            family=subject.family.name,
            config={name: jsonable(value) for name, value in subject.config.items()},
            capabilities=tuple(sorted(subject.capabilities)),
            versions=dict(subject.family.versions()),
        )


def _with_needs(requirement: str) -> set[str]:
    found = {requirement}
    for need in catalogue()[requirement].needs:
        found |= _with_needs(need)
    return found
