"""The crew: errands under way, each in a forked child process of its own, each done once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pytest_orchestrators.suite.apart import Child, ChildLost
from pytest_orchestrators.suite.ledger import Ledger

#: Seconds after which a child is killed that should have ended itself by then.
_MARGIN_S = 15.0
#: Seconds that children have to end by themselves, at first and once they were told.
_PATIENCE_S = (1.0, 3.0)


class Errand(Protocol):
    """A piece of work for a child process."""

    @property
    def name(self) -> str:
        """Its name in the ledger."""

    @property
    def seconds(self) -> float:
        """How long it may take."""

    @property
    def idle(self) -> bool:
        """Whether it waits for most of that time, so that it needs no place to work."""

    def do(self) -> str:
        """The answer; called in the child."""

    def lost(self, reason: str, killed: bool) -> str:
        """What is answered in place of a child that died, or was killed because it did not end."""


@dataclass(frozen=True)
class _Task:
    errand: Errand
    child: Child
    place: str | None

    @property
    def overdue(self) -> bool:
        return self.child.age > self.errand.seconds + _MARGIN_S


class Crew:
    """Has errands done by children that are forked from this process.

    Args:
        ledger: where errands are claimed, whichever process does them, and answered.
        forks: whether this process can be forked; if not, it does all errands itself.
    """

    def __init__(self, ledger: Ledger, forks: bool = True) -> None:
        self._ledger = ledger
        self._forks = forks
        self._tasks: list[_Task] = []

    @property
    def busy(self) -> bool:
        """Whether anything is under way here."""
        return bool(self._tasks)

    def begin(self, errand: Errand) -> bool:
        """Begin an errand, unless anybody has already; false if there is no room for one more."""
        if self._ledger.claimed(errand.name):
            if self._ledger.abandoned(errand.name):
                self.answer(errand, "its process ended without an answer")
            return True
        place = None if errand.idle else self._ledger.take_place()
        if place is None and not errand.idle:
            return False
        if not self._ledger.claim(errand.name):
            self._give_back(place)
            return True
        if self._forks:
            self._tasks.append(_Task(errand, Child(lambda: self._done(errand)), place))
        else:
            self._ledger.enter(errand.name, errand.do())
            self._give_back(place)
        return True

    def answer(self, errand: Errand, reason: str) -> None:
        """Answer an errand that nobody does, or goes on doing."""
        self._ledger.enter(errand.name, errand.lost(reason, killed=False))

    def wait(self, seconds: float) -> None:
        """Wait until a child has ended, at most so long, and enter what it found."""
        done = Child.ready([task.child for task in self._tasks], seconds)
        for task in [task for task in self._tasks if task.child in done or task.overdue]:
            self._tasks.remove(task)
            self._ledger.enter(task.errand.name, self._outcome(task, overdue=task.child not in done))
            self._give_back(task.place)

    def _give_back(self, place: str | None) -> None:
        if place is not None:
            self._ledger.give_back(place)

    def _outcome(self, task: _Task, overdue: bool) -> str:
        """The answer of a child that has ended, or is ended now."""
        if overdue:
            task.child.abort()
        try:
            return task.child.answer(seconds=0)
        except ChildLost as lost:
            reason = f"it did not end within {task.child.age:.0f} s and was killed" if overdue else str(lost)
            return task.errand.lost(f"carried out in a child process: {reason}", killed=overdue)

    def close(self) -> None:
        """End what is under way. What Ctrl-C has reached already is left the time to end by itself."""
        children = [task.child for task in self._tasks]
        for patience in _PATIENCE_S:
            for child in children:
                if not child.has_ended(patience):
                    child.interrupt()
        for child in children:
            child.end()
        self._tasks.clear()

    def _done(self, errand: Errand) -> str:
        self._ledger.disown()
        return errand.do()
