"""A campaign: histories are drawn, carried out and judged, and what breaks a requirement is made less."""

from __future__ import annotations

import hashlib
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pytest_orchestrators.suite.attempting import Limits
from pytest_orchestrators.suite.budgets import calibrated
from pytest_orchestrators.suite.carrying import carry_out
from pytest_orchestrators.suite.case import GENERATED
from pytest_orchestrators.suite.evidence import GeneratedEvidence, LogLine, RunEvidence, ScenarioEvidence
from pytest_orchestrators.suite.fuzzing.histories import MOVES, histories
from pytest_orchestrators.suite.fuzzing.judging import breaking_part
from pytest_orchestrators.suite.fuzzing.profiles import LEAST, Profile
from pytest_orchestrators.suite.fuzzing.scope import Scope
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.notes import text_in
from pytest_orchestrators.suite.packing import Packed, packed_line
from pytest_orchestrators.suite.subject import Subject

#: As often as this times the number of examples is one drawn: some are drawn again.
_TRIES = 4
#: Of so many histories one has odd names, for which all that it does may be refused.
_ODD = 8
#: Lines of one record at most: whole data structures are logged, in which every name stands somewhere.
_TOLD = 5


class _Ended(BaseException):
    """Ends a campaign from within: hypothesis lets through what is neither an error nor an exit."""


class _Broken(Exception):
    """A history breaks a requirement; each has a class of its own, by which hypothesis tells them apart."""


@dataclass
class Campaign:
    """Draws, carries out and judges histories on one flavor.

    Args:
        subject: the flavor.
        profile: how many, how large, for how long.
        seed: what they are drawn from.
        root: an empty folder for their stores.
        notes: the file that takes what is seen of them, a line each (`packed_line`).
        first: seconds that the flavor took for its first scenario.
        ignored: requirements that are known to be broken: they are not looked for.
        scope: what may be asked of the flavor; by default all that it declares.
        replay: histories that are carried out before any is drawn.
        last_words: descriptor for the stacks of a run that cannot be stopped.
        note: called with the evidence of each history when it is there.
    """

    subject: Subject
    profile: Profile
    seed: int
    root: Path
    notes: Path
    first: float
    ignored: frozenset[str] = frozenset()
    scope: Scope | None = None
    replay: tuple[History, ...] = ()
    last_words: int = 2
    note: Callable[[ScenarioEvidence], None] = lambda _: None
    _count: int = 0
    _least: dict[str, ScenarioEvidence] = field(default_factory=dict)
    _known: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    _found: set[str] = field(default_factory=set)
    _shrinking: bool = False
    _deadline: float = 0.0
    _patience: float = 0.0
    _began: float = 0.0

    def carry_out(self) -> GeneratedEvidence:
        """Do it all; what was seen of the histories, and the least of those that break a requirement.

        Raises:
            Exception: what went wrong in the harness; what goes wrong in the flavor is evidence.
        """
        self._deadline = time.monotonic() + self.profile.time_for(self.first)
        self._patience = self.profile.shrinking
        self.notes.write_bytes(b"")
        try:
            for history in self.replay:
                self._look_at(history)
            self._search()
        except _Ended as end:
            if end.__cause__ is not None:
                raise end.__cause__ from None
        return GeneratedEvidence(
            wanted=self.profile.examples,
            seed=self.seed,
            profile=self.profile.name,
            examples=Packed.of_lines(ScenarioEvidence, text_in(self.notes)),
            replayed=len(self.replay),
            least=self._least,
        )

    def _search(self) -> None:
        """Draw as many as are wanted; what one breaks is looked for no more in those that come after it."""
        strategy = histories_for(self.scope or Scope.of(self.subject), self.profile)
        for number in range(_TRIES * self.profile.examples):
            if self._count >= self.profile.examples + len(self.replay):
                return
            try:
                draw(strategy, f"{self.seed}, {number}", self._look_closely)
            except Exception:  # what hypothesis says of what it has made less, whatever it thinks of it
                if not self._shrinking:
                    raise
            except _Ended as end:
                if end.__cause__ is not None or not self._shrinking:
                    raise
            self._end_shrinking()

    def _look_closely(self, history: History) -> None:
        """Fail with a history that breaks something, so that hypothesis makes less of it."""
        broken = self._broken_by(history)
        if broken:
            self._begin_shrinking()
            raise type(f"Broken_{broken[0]}", (_Broken,), {})

    def _broken_by(self, history: History) -> tuple[str, ...]:
        """The requirements that a history breaks, apart from those that are looked for no more."""
        key = hashlib.sha256(history.model_dump_json().encode("utf-8")).digest()
        if key not in self._known:
            if self._out_of_time():
                raise _Ended
            try:
                self._known[key] = self._look_at(history)
            except Exception as error:
                raise _Ended from error
        return tuple(id for id in self._known[key] if id not in self._found)

    def _look_at(self, history: History) -> tuple[str, ...]:
        """Carry out a history and judge it; keep what was seen of an example, or of the least of a kind."""
        number = self._count + 1
        seen = _briefly(
            self._carried_out(history.model_copy(update={"name": f"{GENERATED}, example {number}"}))
        )
        part, findings = breaking_part(seen, self.subject.environment())
        broken = tuple(id for id in findings if id not in self.ignored)
        if not self._shrinking:
            self._keep(seen)
        for id in broken:
            if id not in self._least or _size(part) < _size(self._least[id]):
                name = f"{GENERATED}, example {self._count}"
                self._least[id] = part.model_copy(update={"name": name})
        return broken

    def _keep(self, seen: ScenarioEvidence) -> None:
        with self.notes.open("a", encoding="ascii") as file:
            file.write(packed_line(seen))
        self._count += 1
        self.note(seen)

    def _begin_shrinking(self) -> None:
        """From here on what was found is made less, for as long as there is patience left."""
        if not self._shrinking:
            self._shrinking = True
            self._began = time.monotonic()

    def _end_shrinking(self) -> None:
        """From here on examples are drawn again: the time that was spent was none of theirs."""
        if self._shrinking:
            self._shrinking = False
            spent = time.monotonic() - self._began
            self._deadline += spent
            self._patience -= spent
            self._found.update(self._least)

    def _out_of_time(self) -> bool:
        """Whether no other history is to be carried out."""
        if self._shrinking:
            return time.monotonic() > self._began + self._patience
        return self._count >= len(self.replay) + LEAST and time.monotonic() > self._deadline

    def _carried_out(self, history: History) -> ScenarioEvidence:
        """On fresh stores, which are removed."""
        root = self.root / "stores"
        root.mkdir(parents=True)
        try:
            limits = Limits(calibrated(history, self.first), self.last_words)
            return carry_out(history, self.subject, root, limits)
        finally:
            shutil.rmtree(root, ignore_errors=True)


def draw(strategy: st.SearchStrategy[History], seed: str, look: Callable[[History], None]) -> None:
    """Have hypothesis draw a history, and make less of it if `look` fails with it.

    Each has a seed of its own: those that hypothesis draws from one are much alike. The first that is looked
    at is always the least there is.
    """

    @hypothesis.seed(seed)
    @settings(
        max_examples=2,
        backend="hypothesis",  # whatever a profile of the project's says
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(strategy)
    def look_at(history: History) -> None:
        look(history)

    look_at()


def histories_for(scope: Scope, profile: Profile) -> st.SearchStrategy[History]:
    """The histories of a profile, as they may be asked of a flavor."""
    moves = [move for move in MOVES if scope.anew or move != "anew"]

    def with_names(names: str) -> st.SearchStrategy[History]:
        return histories(
            scope.workloads(profile.max_steps, names),
            min_runs=min(2, profile.max_runs),
            max_runs=profile.max_runs,
            out_of_process=scope.out_of_process,
            resources=scope.resources,
            hostile=names != "tame",
            moves=moves,
        )

    # Made once: hypothesis reads the source of what is made each time.
    tame, odd = with_names("tame"), with_names("odd")
    return st.integers(1, _ODD).flatmap(lambda drawn: odd if drawn == _ODD else tame)


def _briefly(scenario: ScenarioEvidence) -> ScenarioEvidence:
    """The evidence without lines of the log that are about nothing that is looked for in it."""
    runs = tuple(run.model_copy(update={"log": tuple(_lines(run))}) for run in scenario.runs)
    return scenario.model_copy(update={"runs": runs})


def _lines(run: RunEvidence) -> Iterator[LogLine]:
    """Warnings, and what names a step."""
    names = run.action.workload.names
    for line in run.log:
        if line.level >= logging.WARNING:
            yield line
            continue
        told = [text for text in line.message.splitlines() if any(name in text for name in names)]
        if told and len(told) <= _TOLD:
            yield line.model_copy(update={"message": "\n".join(told)})


def _size(scenario: ScenarioEvidence) -> tuple[int, int]:
    """What is less comes first: fewer steps in all, then less to say about them."""
    steps = sum(len(run.workload.steps) for run in scenario.history.runs)
    return steps + len(scenario.actions), len(scenario.history.model_dump_json(exclude={"name"}))
