"""What a session has done in child processes: asking the flavor questions, and carrying out a scenario."""

from __future__ import annotations

import faulthandler
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from pytest_orchestrators.suite.carrying import Limits, carry_out
from pytest_orchestrators.suite.data import Data
from pytest_orchestrators.suite.evidence import Outcome, Probe, RunEvidence, ScenarioEvidence
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.notes import noted_in, text_in
from pytest_orchestrators.suite.observers import budget as watchdog
from pytest_orchestrators.suite.observers.failures import failure
from pytest_orchestrators.suite.subject import Subject

#: How the stacks begin that a run leaves when no interrupt has stopped it.
_WATCHDOG = "Timeout ("
#: Steps that are made to take so many seconds wait more than they work.
_IDLE_S = 1.0


class Answers(Data):
    """What the flavor answered when it was asked, or why it could not be asked, which blocks everything."""

    probes: dict[str, Probe] = Field(default_factory=dict)
    blocked: str = ""


@dataclass(frozen=True)
class Questions:
    """Everything that is found out by calling rather than running."""

    subject: Subject
    seconds: float
    name: str = "probes"
    idle: bool = False

    def do(self) -> str:
        """Ask."""
        try:
            probes = dict(self.subject.family.inspect(self.subject.flavor, self.subject.config))
        except Exception as error:
            return self.failed(error)
        return Answers(probes=probes).model_dump_json()

    def failed(self, error: Exception) -> str:
        """That nothing can be asked: because something is missing, or for whatever the error says."""
        if missing := self.subject.family.missing(error):
            return Answers(blocked=missing).model_dump_json()
        seen = failure(error)
        return self.lost(f"{seen.type}: {seen.message}", killed=False)

    def lost(self, reason: str, killed: bool) -> str:  # noqa: ARG002
        """That nothing can be asked."""
        blocked = f"the {self.subject.family.name} family cannot start: {reason}"
        return Answers(blocked=blocked).model_dump_json()


@dataclass(frozen=True)
class Scenario:
    """A history to be carried out.

    Attributes:
        history: what to do.
        subject: with whom.
        root: a folder for the stores of all scenarios.
        notes: a folder for what is left of it if its process is lost: the runs that came to an end, and the
            stacks of its threads.
        budget: seconds that its runs may take.
    """

    history: History
    subject: Subject
    root: Path
    notes: Path
    budget: float

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.history.name

    @property
    def seconds(self) -> float:
        """The budget, and what a run that cannot be interrupted is left beyond it."""
        return self.budget + watchdog.GRACE

    @property
    def idle(self) -> bool:
        """Whether its steps are made to take their time."""
        seconds = (seconds for run in self.history.runs for seconds in run.seconds.values())
        return sum(seconds) > _IDLE_S

    def do(self) -> str:
        """Carry it out on fresh stores."""
        root = self.root / self.name
        root.mkdir(parents=True)
        with self._stacks.open("w") as stacks, self._runs.open("w", encoding="utf-8") as runs:
            faulthandler.enable(stacks)
            limits = Limits(self.budget, stacks.fileno())

            def note(run: RunEvidence) -> None:
                print(run.model_dump_json(), file=runs, flush=True)

            return carry_out(self.history, self.subject, root, limits, on_run=note).model_dump_json()

    def lost(self, reason: str, killed: bool) -> str:
        """The runs up to then; the one that did not end, if the process ended itself for that."""
        runs, stacks = noted_in(self._runs, RunEvidence), text_in(self._stacks)
        if stacks.startswith(_WATCHDOG) and len(runs) < len(self.history.runs):
            outcome = Outcome(kind="timed_out", seconds=self.seconds, stacks=stacks)
            runs.append(RunEvidence(action=self.history.runs[len(runs)], run_name="", outcome=outcome))
        elif stacks:
            reason = f"{reason}; stacks of all threads:\n{stacks}"
        return ScenarioEvidence(
            name=self.name,
            actions=self.history.actions,
            runs=tuple(runs),
            broken=reason,
            killed=killed,
        ).model_dump_json()

    @property
    def _stacks(self) -> Path:
        return self.notes / f"{self.name}.stacks"

    @property
    def _runs(self) -> Path:
        return self.notes / f"{self.name}.runs"
