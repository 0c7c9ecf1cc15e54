"""The errand of a session that has histories generated: one campaign in a child process."""

from __future__ import annotations

import faulthandler
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from pytest_orchestrators.suite.case import GENERATED
from pytest_orchestrators.suite.evidence import GeneratedEvidence, ScenarioEvidence
from pytest_orchestrators.suite.fuzzing.profiles import Profile
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.subject import Subject


@dataclass(frozen=True)
class Fuzzing:
    """What is to be generated: how much, what it is drawn from, and what is to be replayed first."""

    profile: Profile
    seed: int
    replay: tuple[History, ...] = ()


@dataclass(frozen=True)
class Generation:
    """Histories to be generated and carried out.

    Attributes:
        fuzzing: which.
        subject: on whom.
        root: a folder for the stores of all scenarios.
        notes: a folder for what is left of them if the process is lost.
        first: seconds that the flavor took for its first scenario.
        ignored: requirements that are known to be broken.
    """

    fuzzing: Fuzzing
    subject: Subject
    root: Path
    notes: Path
    first: float
    ignored: frozenset[str]
    name: str = GENERATED

    @property
    def seconds(self) -> float:
        """Time for the search, for making less of what is found, and for the last history."""
        profile = self.fuzzing.profile
        return 2 * (profile.time_for(self.first) + profile.shrinking) + 60.0

    def do(self) -> str:
        """Carry out the campaign."""
        from pytest_orchestrators.suite.fuzzing.campaign import Campaign  # hypothesis takes a while to import

        with self._stacks.open("w") as stacks, self._examples.open("w", encoding="utf-8") as examples:
            faulthandler.enable(stacks)

            def note(seen: ScenarioEvidence) -> None:
                print(seen.model_dump_json(), file=examples, flush=True)

            campaign = Campaign(
                subject=self.subject,
                profile=self.fuzzing.profile,
                seed=self.fuzzing.seed,
                replay=self.fuzzing.replay,
                root=self.root / self.name,
                first=self.first,
                ignored=self.ignored,
                last_words=stacks.fileno(),
                note=note,
            )
            return campaign.carry_out().model_dump_json()

    def lost(self, reason: str, killed: bool) -> str:  # noqa: ARG002
        """The histories up to then, and why there are no more."""
        stacks = self._stacks.read_text(errors="replace") if self._stacks.exists() else ""
        return GeneratedEvidence(
            wanted=self.fuzzing.profile.examples,
            seed=self.fuzzing.seed,
            profile=self.fuzzing.profile.name,
            examples=(examples := tuple(self._noted())),
            replayed=min(len(self.fuzzing.replay), len(examples)),
            broken=f"{reason}; stacks of all threads:\n{stacks}" if stacks else reason,
        ).model_dump_json()

    @property
    def _stacks(self) -> Path:
        return self.notes / f"{self.name}.stacks"

    @property
    def _examples(self) -> Path:
        return self.notes / f"{self.name}.examples"

    def _noted(self) -> list[ScenarioEvidence]:
        """Those that came to an end; the last note may have been cut off."""
        found: list[ScenarioEvidence] = []
        text = self._examples.read_text(encoding="utf-8", errors="replace") if self._examples.exists() else ""
        for line in text.split("\n"):  # texts hold other line separators
            try:
                found.append(ScenarioEvidence.model_validate_json(line))
            except ValidationError:
                break
        return found
