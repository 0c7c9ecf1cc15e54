"""The attendant of a run: does what the run's steps ask for, when their journal says that they do."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from pytest_orchestrators.probes import control, journal, questions
from pytest_orchestrators.probes.halting import let_go
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.neighbour import Side
from pytest_orchestrators.suite.observers.descendants import descendants, interrupt_descendants
from pytest_orchestrators.suite.observers.resting import wait_until_at_rest
from pytest_orchestrators.suite.second_call import MOMENT_S, SecondCall
from pytest_orchestrators.suite.surroundings import Containers

#: Seconds that an interrupted step is kept waiting for `run()` to come back without it.
HOLD_S = 10.0
#: Seconds in which a step that `run()` has left behind shows that it goes on.
LEFT_BEHIND_S = 5.0


class Attendant:
    """Reacts to what a run's steps journal while it goes on.

    Args:
        action: what is run.
        run_name: the name under which it is run.
        root: folder of its journal.
        containers: the eye on containers, for a flavor that runs steps in some.
        side: the run's side, where another one goes on in another process.
        look: called, in that case, while a step of the run stands still and the other one has gone on.
        second: the second call of `run()`, where there is to be one.
    """

    def __init__(
        self,
        action: Run,
        run_name: str,
        root: Path,
        containers: Containers,
        side: Side | None = None,
        look: Callable[[], None] = lambda: None,
        second: SecondCall | None = None,
    ) -> None:
        self._action = action
        self._run_name = run_name
        self._root = root
        self._containers = containers
        self._side = side
        self._look = look
        self._second = second
        self._ids: dict[str, str] = {}
        self._halted: dict[str, Any] | None = None
        self._before = descendants() if action.interrupted else frozenset()
        #: Set when the run is over, whatever is waited for.
        self.over = threading.Event()

    @property
    def needed(self) -> bool:
        """Whether any step of the run has something to ask, or says something that nobody else notes."""
        asking = bool(self._action.halts) or "out_of_memory" in self._action.faults.values()
        return asking or self._containers.wanted

    def react(self, event: dict[str, Any]) -> None:
        """Do what one event asks for; never raises."""
        step = str(event.get("step"))
        if event["kind"] == "started" and event.get("container"):
            self._ids[step] = event["container"]
            self._containers.saw(event["container"], event["python"])
        elif event["kind"] == "halted":
            self._let_go(event)
        elif event["kind"] == "faulted" and event.get("fault") == "out_of_memory":
            limited = self._containers.squeeze(self._ids.get(step, ""))
            control.answer(
                self._root,
                questions.memory_of(step),
                questions.LIMITED if limited else questions.NOT_LIMITED,
            )

    def _let_go(self, event: dict[str, Any]) -> None:
        """Do once what is to be done while the run stands still, and let it go on."""
        if self._second is not None and self._second.stands_still(event):
            self._second.wait(MOMENT_S, self.over)
        elif self._halted is None:
            self._halted = event
            if self._action.interrupted:
                self._interrupt()
            if self._second is not None:
                self._second.begin()
                self._second.wait(MOMENT_S, self.over)
            if self._side is not None:
                self._side.halt()
                self._look()
        if self._action.until_back:
            control.wait_for(self._root, questions.run_is_back(), questions.RETURN_S)
        others = self._action.wait_too if event is self._halted else ()  # once for all
        for step in (event["step"], *others):
            let_go(self._root, self._run_name, event["moment"], step)

    def _interrupt(self) -> None:
        """Interrupt this process and those that it has started, as Ctrl-C does, and keep the step waiting
        until `run()` has come back, or evidently waits: a pool of threads comes to its end no sooner than the
        step that it runs.
        """
        main = threading.main_thread().ident
        assert main is not None
        journal.append(self._root, "interrupted")
        interrupt_descendants(but=self._before)
        # To the main thread itself, so that whatever it waits for is cut short.
        signal.pthread_kill(main, signal.SIGINT)
        wait_until_at_rest(self.over, HOLD_S)
        journal.append(self._root, "let_go")

    def see_out(self, offset: int) -> None:
        """Once `run()` is back from an interrupt, wait until it is seen whether its step has gone on.

        Args:
            offset: bytes of the journal that are not about this run.
        """
        if not self._action.interrupted or self._halted is None:
            return
        step, deadline = self._halted["step"], time.monotonic() + LEFT_BEHIND_S
        while time.monotonic() < deadline:
            # In this order: whoever ends between the two looks has ended by the second one.
            gone = _gone(self._halted)
            events, _ = journal.read(self._root, offset)
            if gone or any(e["kind"] == "finished" and e.get("step") == step for e in events):
                return
            time.sleep(control.POLL_S)


def _gone(event: dict[str, Any]) -> bool:
    """Whether the thread or process of an event is certainly not at it any more, `run()` having come back."""
    if event["host"] != socket.gethostname():
        return False
    if event["pid"] == os.getpid():
        thread = event["thread"]
        return thread == threading.main_thread().ident or thread not in sys._current_frames()
    try:
        return psutil.Process(event["pid"]).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
