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
from pytest_orchestrators.suite.scenarios import scenario, scenario_names
from pytest_orchestrators.suite.verdict import Judgement

#: Seconds that one run may take when nothing else is said.
DEFAULT_BUDGET = 120.0


class Session:
    """Gathers the evidence of one flavor.

    Args:
        subject: what is judged.
        root: a folder for the stores of all scenarios.
        seed: what names are drawn from; a new one each session.
        budget: seconds that one run may take.
        on_scenario: called with the name of a scenario before it is carried out.
        on_evidence: called with its evidence afterwards.
    """

    def __init__(
        self,
        subject: Subject,
        root: Path,
        seed: str,
        budget: float = DEFAULT_BUDGET,
        on_scenario: Callable[[str], None] = lambda _: None,
        on_evidence: Callable[[ScenarioEvidence], None] = lambda _: None,
    ) -> None:
        self.subject = subject
        self._root = root
        self._seed = seed
        self._budget = budget
        self._on_scenario = on_scenario
        self._on_evidence = on_evidence
        self._asked: list[str] = []
        self._probes: dict[str, Probe] | None = None
        self._scenarios: dict[str, ScenarioEvidence] = {}

    def ask(self, requirement: str) -> Judgement:
        """Gather what a requirement and those that it needs look at, and judge it.

        Raises:
            KeyError: the catalogue has no such requirement.
        """
        wanted = _with_needs(requirement)
        if self._probes is None:
            self.subject.family.prepare()
            self._probes = dict(self.subject.family.inspect(self.subject.flavor, self.subject.config))
        reads = {name for id in wanted for name in catalogue()[id].reads}
        for name in scenario_names():
            if name in reads and name not in self._scenarios:
                self._carry_out(name)
        self._asked.append(requirement)
        return judge_one(self.evidence, requirement)

    def _carry_out(self, name: str) -> None:
        self._on_scenario(name)
        root = self._root / name
        root.mkdir(parents=True)
        evidence = carry_out(scenario(name, self._seed), self.subject, root, self._budget)
        self._scenarios[name] = evidence
        self._on_evidence(evidence)

    @property
    def evidence(self) -> Evidence:
        """Everything gathered so far."""
        return Evidence(
            contract=CONTRACT_VERSION,
            environment=self.environment(),
            asked=tuple(self._asked),
            probes=self._probes or {},
            scenarios=self._scenarios,
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
