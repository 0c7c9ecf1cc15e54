"""A session: one flavor, asked for requirements; every scenario is carried out once, when it is first
needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from pytest_orchestrators.suite.budgets import DEFAULT_BUDGET, calibrated
from pytest_orchestrators.suite.case import GENERATED, Walked
from pytest_orchestrators.suite.catalogue import CONTRACT_VERSION, catalogue, with_needs
from pytest_orchestrators.suite.crew import Crew
from pytest_orchestrators.suite.errands import Answers, Questions, Scenario
from pytest_orchestrators.suite.evidence import Evidence, GeneratedEvidence, ScenarioEvidence
from pytest_orchestrators.suite.fuzzing.generation import Fuzzing, Generation
from pytest_orchestrators.suite.fuzzing.judging import Broken, asked_of, broken_by_examples
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.judge import judge_one
from pytest_orchestrators.suite.ledger import Ledger
from pytest_orchestrators.suite.requirement import Requirement
from pytest_orchestrators.suite.scenarios import FIRST, scenario, scenario_names
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.verdict import Judgement
from pytest_orchestrators.suite.waivers import today

#: After so many scenarios with a run that did not end, no other is carried out.
HANGS = 2
#: Scenarios that are carried out at once, counted over all processes of a session.
AT_ONCE = 2
#: Seconds between two looks at what other processes have found.
_LOOK_S = 0.05


class Session:
    """Gathers the evidence of one flavor.

    The flavor is asked and run in child processes, forked from this one when the backend is warm. Where
    several processes have a session on one folder, as pytest-xdist's do, each scenario is still carried out
    once, by one of them; the evidence is the same for all.

    Args:
        subject: what is judged.
        root: a folder for the stores of all scenarios and for what they came to.
        seed: what names are drawn from; a new one each session.
        budget: seconds that one scenario may take; none is worked out from the first scenario.
        shared: whether other processes have a session on the same folder.
        on_scenario: called with the name of a scenario before its evidence is handed over.
        on_evidence: called with its evidence afterwards.
        on_generated: called with what was seen of generated histories.
        contract: the version of the contract that is judged by.
        on_wait: called again and again, about every second, while children are waited for.
        fuzzing: which histories are to be generated; none leaves the verdict incomplete.
    """

    def __init__(
        self,
        subject: Subject,
        root: Path,
        seed: str,
        budget: float | None = None,
        shared: bool = False,
        on_scenario: Callable[[str], None] = lambda _: None,
        on_evidence: Callable[[ScenarioEvidence], None] = lambda _: None,
        on_generated: Callable[[GeneratedEvidence], None] = lambda _: None,
        contract: str = CONTRACT_VERSION,
        on_wait: Callable[[], None] = lambda: None,
        fuzzing: Fuzzing | None = None,
    ) -> None:
        self.subject = subject
        self.contract = contract
        self._root = root
        self._seed = seed
        self._budget = budget
        self._shared = shared
        self._on_scenario = on_scenario
        self._on_evidence = on_evidence
        self._on_generated = on_generated
        self._on_wait = on_wait
        self._ledger = Ledger(root / "ledger", AT_ONCE)
        self._crew = Crew(self._ledger, subject.forks)
        self._questions = Questions(subject, budget or DEFAULT_BUDGET)
        self._prepared = False
        self._asked: set[str] = set()
        self._forgotten: set[str] = set()
        self._wanted: set[str] = set()
        self._answers: Answers | None = None
        self._scenarios: dict[str, ScenarioEvidence] = {}
        self._walked: Walked = {}
        self._fuzzing = _with_pins(fuzzing, subject)
        self._generated: GeneratedEvidence | None = None
        self._broken: Mapping[str, Broken] = {}
        self._date = today()

    def plan(self, requirements: Iterable[str]) -> None:
        """Say beforehand what will be asked for, so that scenarios can go on while others are waited for."""
        self._wanted |= {name for id in requirements for name in self._reads(id)}

    def ask(self, requirement: str) -> Judgement:
        """Gather what a requirement and those that it needs look at, and judge it.

        Raises:
            KeyError: the catalogue has no such requirement.
        """
        needed = self._reads(requirement)
        self._wanted |= needed
        self._prepare()
        self.look()
        while not self._blocked and not self._known(needed):
            self._start(needed)
            self._wait()
        # In a shared session nobody may come back to what is under way here, and others wait for it.
        while self._shared and self._crew.busy and not self._blocked:
            self._wait()
        self.note(requirement)
        return judge_one(self.evidence, requirement, self._broken, self._walked)

    def note(self, requirement: str) -> None:
        """Count a requirement among those that were asked for, here or by another process."""
        self._asked.add(requirement)

    def forget(self, requirement: str) -> None:
        """Count a requirement as not asked for, whoever says otherwise: something went wrong about it."""
        self._forgotten.add(requirement)

    def look(self) -> None:
        """Take in what was found since the last look, whoever found it."""
        if self._answers is None and (text := self._ledger.answer(self._questions.name)) is not None:
            self._answers = Answers.model_validate_json(text)
        for name in scenario_names():
            if name not in self._scenarios and (text := self._ledger.answer(name)) is not None:
                self._on_scenario(name)
                self._scenarios[name] = evidence = ScenarioEvidence.model_validate_json(text)
                self._on_evidence(evidence)
        if self._generated is None and (text := self._ledger.answer(GENERATED)) is not None:
            self._generated = GeneratedEvidence.model_validate_json(text)
            self._broken = broken_by_examples(self._generated, self.subject.environment())
            self._on_generated(self._generated)

    def close(self) -> None:
        """End what is still going on."""
        self._crew.close()
        self._ledger.close()

    def _reads(self, requirement: str) -> set[str]:
        """The scenarios that a requirement and those that it needs look at, if they apply to the flavor."""
        profile = self.subject.profile
        read = {name for r in with_needs(requirement) for name in r.reads_with(profile)}
        generated = {r.id for r in self._asked_of_generated}
        return read | {GENERATED} if generated & {r.id for r in with_needs(requirement)} else read

    @cached_property
    def _asked_of_generated(self) -> tuple[Requirement, ...]:
        """The requirements that look at generated histories, if there are any."""
        return asked_of(self.subject.environment()) if self._fuzzing else ()

    @cached_property
    def _looked_at_beside_generated(self) -> frozenset[str]:
        """The scenarios that they look at as well."""
        profile = self.subject.profile
        return frozenset(name for r in self._asked_of_generated for name in r.reads_with(profile))

    def _prepare(self) -> None:
        """Warm up what all children need; what fails here blocks everything."""
        if self._prepared:
            return
        self._prepared = True
        try:
            self.subject.family.prepare()
        except Exception as error:
            self._ledger.enter(self._questions.name, self._questions.failed(error))

    def _known(self, needed: set[str]) -> bool:
        """Whether all of it is there; an orchestrator that cannot be made is not run."""
        if self._answers is None:
            return False
        known = self._scenarios.keys() | ({GENERATED} if self._generated else set())
        return bool(self.evidence.unmade) or needed <= known

    def _start(self, needed: set[str]) -> None:
        """Begin as much as there is room for: what is needed now, then what will be asked for."""
        hung = self._hung()
        for errand in self._open(needed):
            if hung and not self._ledger.claimed(errand.name):
                names = " and ".join(hung)
                self._crew.answer(errand, f"not carried out after runs that did not end in {names}")
            elif not self._crew.begin(errand):
                return

    def _open(self, needed: set[str]) -> Iterator[Questions | Scenario | Generation]:
        """What may be begun now, each made when it is come to: the questions, then the first scenario alone,
        then all that is wanted. What is generated waits for the scenarios that its requirements look at, as
        what is known to be broken is not looked for, and goes on beside the others, as it takes longest.
        """
        if self._answers is None:
            yield self._questions
            return
        wanted = [name for name in scenario_names() if name in self._wanted - self._scenarios.keys()]
        if FIRST not in self._scenarios and (self._budget is None or FIRST in wanted):
            yield self._scenario(FIRST)
            return
        fuzzing = self._fuzzing if GENERATED in self._wanted and self._generated is None else None
        before = self._looked_at_beside_generated if fuzzing else frozenset[str]()
        at_once = before.isdisjoint(wanted)
        if fuzzing and at_once:
            yield self._generation(fuzzing)
        for name in sorted(wanted, key=lambda name: (name not in needed, name not in before)):
            yield self._scenario(name)
        if fuzzing and not at_once:
            yield self._generation(fuzzing)

    def _generation(self, fuzzing: Fuzzing) -> Generation:
        first = self._scenarios.get(FIRST)
        return Generation(
            fuzzing=fuzzing,
            subject=self.subject,
            root=self._root,
            notes=self._ledger.folder,
            first=0.0 if first is None else first.seconds,
            evidence=self.evidence,
        )

    def _scenario(self, name: str) -> Scenario:
        history = scenario(name, self._seed)
        return Scenario(history, self.subject, self._root, self._ledger.folder, self._budget_of(history))

    def _budget_of(self, history: History) -> float:
        if self._budget is not None:
            return self._budget
        first = self._scenarios.get(FIRST)
        return DEFAULT_BUDGET if first is None or first.broken else calibrated(history, first.seconds)

    def _wait(self) -> None:
        self._on_wait()
        self._crew.wait(_LOOK_S if self._shared else 1.0)
        self.look()

    def _hung(self) -> list[str]:
        """The scenarios with a run that did not end, if they are enough to stop."""
        hung = [name for name, evidence in self._scenarios.items() if evidence.hung]
        return hung if len(hung) >= HANGS else []

    @property
    def _blocked(self) -> str:
        """What blocks everything; empty when nothing does."""
        missing = (evidence.missing for evidence in self._scenarios.values() if evidence.missing)
        return (self._answers.blocked if self._answers else "") or next(missing, "")

    @property
    def evidence(self) -> Evidence:
        """Everything gathered so far."""
        return Evidence(
            contract=self.contract,
            environment=self.subject.environment(),
            asked=tuple(id for id in catalogue() if id in self._asked - self._forgotten),
            probes=self._answers.probes if self._answers else {},
            scenarios=self._scenarios,
            generated=self._generated,
            blocked=self._blocked,
            waivers=self.subject.waivers,
            date=self._date,
        )


def _with_pins(fuzzing: Fuzzing | None, subject: Subject) -> Fuzzing | None:
    """What is to be generated, and before it the counter-examples that waivers name."""
    if fuzzing is None:
        return None
    pins = tuple(waiver.pinned for waiver in subject.waivers if waiver.pinned is not None)
    fuzzing = replace(fuzzing, replay=(*pins, *fuzzing.replay))
    return fuzzing if fuzzing.replay or fuzzing.profile.examples else None
