"""One call of `run()`: within its time, attended, and whatever comes of it made an outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_orchestrators.probes import control, journal, questions
from pytest_orchestrators.suite.attendant import Attendant
from pytest_orchestrators.suite.evidence import Outcome
from pytest_orchestrators.suite.family import Watch
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.observers.attending import attended
from pytest_orchestrators.suite.observers.budget import BudgetUsedUp, budget
from pytest_orchestrators.suite.observers.exits import ProcessExit, no_way_out
from pytest_orchestrators.suite.observers.failures import chain
from pytest_orchestrators.suite.observers.leaks import Audit
from pytest_orchestrators.suite.surroundings import interruptible, own_handlers
from pytest_orchestrators.suite.troubles import TROUBLE_S


@dataclass(frozen=True)
class Limits:
    """How long a scenario may take.

    Attributes:
        seconds: the budget of all its runs together.
        last_words: descriptor for the stacks of a run that cannot be stopped.
    """

    seconds: float
    last_words: int = 2


class Missing(Exception):
    """The flavor did not find what it stands on."""


@dataclass(frozen=True)
class Attempts:
    """Calls `run()` within the time of a scenario.

    Attributes:
        root: folder of the journal.
        limits: how long all calls together may take.
        deadline: when that time is over, on the monotonic clock.
        missing: says of an error what the flavor stands on and did not find; empty if it says anything else.
        audit: the eye on what is left behind.
        wait: waits for the end of a run, given what `run()` returned; none where `run()` itself does.
    """

    root: Path
    limits: Limits
    deadline: float
    missing: Callable[[BaseException], str]
    audit: Audit
    wait: Callable[[Any], None] | None = None

    @property
    def seconds_left(self) -> float:
        """What is left of the time."""
        return max(self.deadline - time.monotonic(), 0.1)

    def attempt(
        self, action: Run, run: Callable[[], Any], watch: Watch, attendant: Attendant, offset: int
    ) -> Outcome:
        """Call it, and say how it ended.

        Raises:
            Missing: the flavor did not find what it stands on.
            KeyboardInterrupt: the person at the keyboard wants to stop.
        """
        begin = time.perf_counter()
        try:
            with self._supervised(action, attendant, offset):
                returned = self._called(action, run)
        except BudgetUsedUp as used_up:
            return Outcome(kind="timed_out", seconds=time.perf_counter() - begin, stacks=used_up.stacks)
        except ProcessExit as error:
            return Outcome(kind="left", chain=chain(error), seconds=time.perf_counter() - begin)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) and not _interrupts(action):
                raise
            if missing := self.missing(error):
                raise Missing(missing) from error
            return Outcome(kind="raised", chain=chain(error), seconds=time.perf_counter() - begin)
        seconds = time.perf_counter() - begin
        # Two calls at once hand back each its own; which is whose is not seen.
        seen = watch.handed_back and action.meanwhile is None
        return Outcome(
            kind="returned", unchanged=watch.handed_back[-1] is returned if seen else None, seconds=seconds
        )

    def _called(self, action: Run, run: Callable[[], Any]) -> Any:
        """What it returns, once the run has ended; when it came back is journaled where somebody asks."""
        try:
            return self.to_its_end(run)
        finally:
            if _interrupts(action):
                journal.append(self.root, "run_ended")

    def to_its_end(self, run: Callable[[], Any]) -> Any:
        """What `run()` returns, once the run has ended that it may have come back from before."""
        returned = run()
        if self.wait is not None:
            journal.append(self.root, "run_is_back")
            control.answer(self.root, questions.run_is_back())
            self.wait(returned)
        return returned

    @contextmanager
    def _supervised(self, action: Run, attendant: Attendant, offset: int) -> Iterator[None]:
        """Within its time, with somebody who answers its steps, and no way to end this process."""
        with ExitStack() as around:
            seconds = min(self.seconds_left, TROUBLE_S) if action.trouble else self.seconds_left
            around.enter_context(budget(seconds, self.limits.last_words))
            around.enter_context(no_way_out())
            around.enter_context(own_handlers())
            if action.interrupted:
                around.enter_context(interruptible())
            if attendant.needed:
                around.callback(attendant.see_out, offset)
                around.enter_context(attended(self.root, offset, attendant.react, attendant.over))
            around.enter_context(self.audit.of_state())
            yield


def _interrupts(action: Run) -> bool:
    """Whether the run is to be interrupted, from outside or by a step."""
    return action.interrupted or "interrupt" in action.faults.values()
