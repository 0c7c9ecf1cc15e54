"""The attendant of a run: does what the run's steps ask for, when their journal says that they do."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_orchestrators.probes import control, journal, questions
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.neighbour import Side
from pytest_orchestrators.suite.observers.descendants import descendants, interrupt_descendants
from pytest_orchestrators.suite.second_call import MOMENT_S, SecondCall
from pytest_orchestrators.suite.surroundings import Containers


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
        self._halted = False
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
        if not self._halted:
            self._halted = True
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
        control.answer(
            self._root, questions.may_go_on(self._run_name, event["moment"], event["step"]), "go on"
        )

    def _interrupt(self) -> None:
        """Interrupt this process and those that it has started, as Ctrl-C does, and give it a moment before
        the step goes on: a pool of threads comes to its end no sooner than the step that it runs.
        """
        main = threading.main_thread().ident
        assert main is not None
        journal.append(self._root, "interrupted")
        interrupt_descendants(but=self._before)
        # To the main thread itself, so that whatever it waits for is cut short.
        signal.pthread_kill(main, signal.SIGINT)
        self.over.wait(MOMENT_S)
        journal.append(self._root, "let_go")
