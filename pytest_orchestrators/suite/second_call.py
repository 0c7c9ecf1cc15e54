"""A second call of `run()` on an orchestrator that is running already, by a thread of the same process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_orchestrators.probes import journal
from pytest_orchestrators.probes.halting import let_go
from pytest_orchestrators.suite.evidence import Outcome
from pytest_orchestrators.suite.history import Halt
from pytest_orchestrators.suite.observers.failures import called

#: Seconds without an event in the journal after which a call has visibly made no progress.
MOMENT_S = 1.0
_POLL_S = 0.01


class SecondCall:
    """Calls something in a thread of its own.

    Args:
        call: what is called.
        root: folder of the journal, in which its progress shows.
        run_name: of the run that goes on.
        halt: when what is called stands still, if it does.
    """

    def __init__(
        self, call: Callable[[], Any], root: Path, run_name: str = "", halt: Halt | None = None
    ) -> None:
        self._call = call
        self._root = root
        self._journal = root / journal.JOURNAL
        self._run_name = run_name
        self._halt = halt
        self._thread = threading.Thread(target=self._run, name="second call of run()", daemon=True)
        self._outcome: Outcome | None = None
        self._begun = False

    def begin(self) -> None:
        """Call it."""
        self._begun = True
        self._thread.start()

    def stands_still(self, event: dict[str, Any]) -> bool:
        """Whether it is this call that the halt belongs to."""
        return self._halt is not None and event["step"] == self._halt.step

    def wait(self, silence: float, over: threading.Event | None = None) -> None:
        """Wait for its end, until the journal has been silent for so many seconds or something is over."""
        size, since = self._size(), time.monotonic()
        while self._thread.is_alive() and not (over and over.is_set()):
            before, size = size, self._size()
            if size != before:
                since = time.monotonic()
            if time.monotonic() - since > silence:
                return
            self._thread.join(_POLL_S)

    def outcome(self, silence: float) -> Outcome | None:
        """How it ended, or that it did not when the journal has been silent for so long; none if it never
        began.
        """
        if not self._begun:
            return None
        begin = time.perf_counter()
        if self._halt is not None:  # the other run is over: there is nothing left to wait for
            let_go(self._root, self._run_name, self._halt.moment, self._halt.step)
        self.wait(silence)
        return self._outcome or Outcome(kind="timed_out", seconds=time.perf_counter() - begin)

    def _run(self) -> None:
        self._outcome = called(self._call)

    def _size(self) -> int:
        return self._journal.stat().st_size if self._journal.exists() else 0
