"""The errand of a session that has histories generated: one campaign in a child process."""

from __future__ import annotations

import faulthandler
from dataclasses import dataclass
from pathlib import Path

from pytest_orchestrators.suite.budgets import QUICKEST
from pytest_orchestrators.suite.case import GENERATED, Walked
from pytest_orchestrators.suite.evidence import Evidence, GeneratedEvidence, ScenarioEvidence
from pytest_orchestrators.suite.fuzzing.judging import asked_of
from pytest_orchestrators.suite.fuzzing.profiles import LEAST, Profile
from pytest_orchestrators.suite.fuzzing.scope import Scope
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.judge import judge_one
from pytest_orchestrators.suite.notes import text_in
from pytest_orchestrators.suite.packing import Packed
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.verdict import Status

#: What a requirement is that is known to be broken.
_KNOWN = (Status.FAILED, Status.WAIVED)


@dataclass(frozen=True)
class Fuzzing:
    """What is to be generated.

    Attributes:
        profile: how much.
        seed: what it is drawn from.
        replay: what is to be replayed first.
        scope: what may be asked of the flavor; by default all that it declares.
    """

    profile: Profile
    seed: int
    replay: tuple[History, ...] = ()
    scope: Scope | None = None


@dataclass(frozen=True)
class Generation:
    """Histories to be generated and carried out.

    Attributes:
        fuzzing: which.
        subject: on whom.
        root: a folder for the stores of all scenarios.
        notes: a folder for what is left of them if the process is lost.
        first: seconds that the flavor took for its first scenario.
        evidence: what is known by now, also of what is broken already.
    """

    fuzzing: Fuzzing
    subject: Subject
    root: Path
    notes: Path
    first: float
    evidence: Evidence
    name: str = GENERATED
    idle: bool = False

    @property
    def seconds(self) -> float:
        """Time for the search, for making less of what is found, and for the histories that are carried out
        however long they take.
        """
        profile = self.fuzzing.profile
        longest = profile.max_runs * (1 + profile.max_steps) * max(self.first, QUICKEST)
        return 2 * (profile.time_for(self.first) + profile.shrinking + LEAST * longest)

    def do(self) -> str:
        """Carry out the campaign."""
        from pytest_orchestrators.suite.fuzzing.campaign import Campaign  # hypothesis takes a while to import

        with self._stacks.open("w") as stacks:
            faulthandler.enable(stacks)
            campaign = Campaign(
                subject=self.subject,
                profile=self.fuzzing.profile,
                seed=self.fuzzing.seed,
                scope=self.fuzzing.scope,
                replay=self.fuzzing.replay,
                root=self.root / self.name,
                notes=self._examples,
                first=self.first,
                ignored=self._known_broken(),
                last_words=stacks.fileno(),
            )
            return campaign.carry_out().model_dump_json()

    def lost(self, reason: str, killed: bool) -> str:  # noqa: ARG002
        """The histories up to then, and why there are no more."""
        stacks = text_in(self._stacks)
        examples = Packed.of_lines(ScenarioEvidence, text_in(self._examples))
        return GeneratedEvidence(
            wanted=self.fuzzing.profile.examples,
            seed=self.fuzzing.seed,
            profile=self.fuzzing.profile.name,
            examples=examples,
            replayed=min(len(self.fuzzing.replay), len(examples)),
            broken=f"{reason}; stacks of all threads:\n{stacks}" if stacks else reason,
        ).model_dump_json()

    def _known_broken(self) -> frozenset[str]:
        """Requirements that need not be looked for any more."""
        walked: Walked = {}
        asked = [requirement.id for requirement in asked_of(self.evidence.environment)]
        judged = (judge_one(self.evidence, id, walked=walked) for id in asked)
        return frozenset(judgement.id for judgement in judged if judgement.status in _KNOWN)

    @property
    def _stacks(self) -> Path:
        return self.notes / f"{self.name}.stacks"

    @property
    def _examples(self) -> Path:
        return self.notes / f"{self.name}.examples"
