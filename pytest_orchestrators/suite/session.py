"""A session: one flavor, asked for requirements; every scenario is carried out once, when it is first
needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from pytest_orchestrators.suite.apart import Child, ChildLost
from pytest_orchestrators.suite.carrying import Limits, carry_out
from pytest_orchestrators.suite.catalogue import CONTRACT_VERSION, with_needs
from pytest_orchestrators.suite.evidence import (
    Environment,
    Evidence,
    Probe,
    ScenarioEvidence,
    jsonable,
)
from pytest_orchestrators.suite.judge import judge_one
from pytest_orchestrators.suite.observers.budget import GRACE
from pytest_orchestrators.suite.observers.failures import failure
from pytest_orchestrators.suite.scenarios import scenario, scenario_names
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.verdict import Judgement
from pytest_orchestrators.suite.waivers import today

#: Seconds that one scenario may take when nothing else is said.
DEFAULT_BUDGET = 300.0
#: After so many scenarios with a run that did not end, no other is carried out.
HANGS = 2
#: Scenarios that are carried out at once where steps run in processes of their own anyway.
AT_ONCE = 2


class Session:
    """Gathers the evidence of one flavor.

    Of a flavor that runs its steps in this process, one scenario is carried out after the other, here. Of
    one that says `out_of_process`, each is carried out in a child process, and some of them at once.

    Args:
        subject: what is judged.
        root: a folder for the stores of all scenarios.
        seed: what names are drawn from; a new one each session.
        budget: seconds that one scenario may take.
        last_words: descriptor for the stacks of a run that cannot be stopped.
        on_scenario: called with the name of a scenario before it is carried out, or before its evidence is
            handed over where several are carried out at once.
        on_evidence: called with its evidence afterwards.
        contract: the version of the contract that is judged by.
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
        contract: str = CONTRACT_VERSION,
    ) -> None:
        self.subject = subject
        self.contract = contract
        self._root = root
        self._seed = seed
        self._limits = Limits(budget, last_words)
        self._on_scenario = on_scenario
        self._on_evidence = on_evidence
        self._asked: list[str] = []
        self._probes: dict[str, Probe] | None = None
        self._scenarios: dict[str, ScenarioEvidence] = {}
        self._waiting: list[str] = []
        self._going: dict[str, Child] = {}
        self._blocked = ""
        self._date = today()

    def plan(self, requirements: Iterable[str]) -> None:
        """Say beforehand what will be asked for, so that scenarios can go on while others are waited for."""
        self._want({name for id in requirements for name in self._reads(id)})

    def ask(self, requirement: str) -> Judgement:
        """Gather what a requirement and those that it needs look at, and judge it.

        Raises:
            KeyError: the catalogue has no such requirement.
        """
        self._asked.append(requirement)
        if self._probes is None and not self._blocked:
            self._begin()
        reads = set() if self.evidence.unmade else self._reads(requirement)
        self._want(reads)
        while not self._blocked and not reads <= self._scenarios.keys():
            self._go_on(reads)
        return judge_one(self.evidence, requirement)

    def close(self) -> None:
        """End what is still going on."""
        while self._going:
            self._going.popitem()[1].end()

    def _reads(self, requirement: str) -> set[str]:
        """The scenarios that a requirement and those that it needs look at, if they apply to the flavor."""
        profile = self.subject.profile
        return {name for r in with_needs(requirement) for name in r.reads_with(profile)}

    def _want(self, scenarios: set[str]) -> None:
        known = {*self._scenarios, *self._going, *self._waiting}
        self._waiting += [name for name in scenario_names() if name in scenarios - known]

    def _begin(self) -> None:
        """Warm up and ask what can be asked without running.

        What fails here blocks everything: the flavor's own errors are answers, unless it misses something.
        """
        subject = self.subject
        try:
            subject.family.prepare()
            self._probes = dict(subject.family.inspect(subject.flavor, subject.config))
        except Exception as error:
            seen = failure(error)
            self._blocked = subject.family.missing(error) or (
                f"the {subject.family.name} family cannot start: {seen.type}: {seen.message}"
            )

    def _go_on(self, needed: set[str]) -> None:
        """Carry out a scenario that is needed, or wait for the next evidence of those that are under way."""
        if "out_of_process" not in self.subject.profile:
            name = next(name for name in self._waiting if name in needed)
            self._waiting.remove(name)
            self._on_scenario(name)
            self._keep(name, self._carried_out(name))
            return
        while self._waiting and len(self._going) < AT_ONCE:
            name = self._waiting.pop(0)
            self._going[name] = Child(partial(self._carried_out_as_text, name))
        done = Child.ready(self._going.values(), seconds=1.0)
        done += [child for child in self._going.values() if child.age > self._limits.seconds + GRACE]
        for name in [name for name, child in self._going.items() if child in done]:
            self._on_scenario(name)
            self._keep(name, self._brought_by(self._going.pop(name), name))

    def _carried_out(self, name: str) -> ScenarioEvidence:
        root = self._root / name
        root.mkdir(parents=True)
        history = scenario(name, self._seed)
        if hung := self._hung():
            reason = f"not carried out after runs that did not end in {' and '.join(hung)}"
            return ScenarioEvidence(name=name, actions=history.actions, broken=reason)
        return carry_out(history, self.subject, root, self._limits)

    def _carried_out_as_text(self, name: str) -> str:
        return self._carried_out(name).model_dump_json()

    def _brought_by(self, child: Child, name: str) -> ScenarioEvidence:
        """The evidence of a child; without any, that there is none."""
        try:
            return ScenarioEvidence.model_validate_json(child.answer(seconds=0))
        except ChildLost as lost:
            actions = scenario(name, self._seed).actions
            return ScenarioEvidence(
                name=name, actions=actions, broken=f"carried out in a child process: {lost}"
            )

    def _keep(self, name: str, evidence: ScenarioEvidence) -> None:
        self._scenarios[name] = evidence
        self._blocked = self._blocked or evidence.missing
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
            contract=self.contract,
            environment=self.environment(),
            asked=tuple(self._asked),
            probes=self._probes or {},
            scenarios=self._scenarios,
            blocked=self._blocked,
            waivers=self.subject.waivers,
            date=self._date,
        )

    def environment(self) -> Environment:
        """What is judged, and on what it runs."""
        subject = self.subject
        return Environment(
            flavor=subject.name,
            source=subject.source,
            family=subject.family.name,
            config={name: jsonable(value) for name, value in subject.config.items()},
            capabilities=tuple(sorted(subject.profile)),
            versions=dict(subject.family.versions()),
        )
