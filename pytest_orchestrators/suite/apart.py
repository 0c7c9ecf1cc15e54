"""Work in a child process: what crashes, hangs or is killed there costs that work and nothing else."""

from __future__ import annotations

import ctypes
import faulthandler
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Collection
from contextlib import suppress
from multiprocessing.connection import Connection, wait

import psutil

#: Seconds that a child has for its own cleaning up when it is to end.
_GRACE_S = 10.0
#: Seconds that a child has to write down where it was when it is aborted.
_LAST_WORDS_S = 2.0
_PR_SET_PDEATHSIG = 1


class ChildLost(Exception):
    """A child process ended without an answer, or did not end; the message says how."""


class Child:
    """A forked process that does one piece of work and sends back one text."""

    def __init__(self, work: Callable[[], str]) -> None:
        """Start it; `work` sees everything as it is now."""
        context = multiprocessing.get_context("fork")
        # What waits for the end of faulthandler's thread in the child waits for ever: the thread stays here.
        # Pytest's `faulthandler_timeout` ends with this; a child that hangs has the suite's own budget.
        faulthandler.cancel_dump_traceback_later()
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_do, args=(work, sender, os.getpid()))
        self._process.start()
        self._started = time.monotonic()
        sender.close()

    def answer(self, seconds: float) -> str:
        """What the work came to.

        Raises:
            ChildLost: the work raised, the process was killed or left, or took longer than these seconds.
        """
        alive = self._process.is_alive()
        try:
            if not self._receiver.poll(seconds):
                if not alive:  # what it left behind may keep the pipe open
                    raise EOFError
                raise ChildLost(f"its process had no answer after {self.age:.0f} s and was killed")
            text, failed = self._receiver.recv()
        except EOFError:
            self._process.join(_GRACE_S)
            raise ChildLost(
                f"its process ended without an answer, exit code {self._process.exitcode}"
            ) from None
        finally:
            self.end()
        if failed:
            raise ChildLost(str(text))
        return str(text)

    def interrupt(self) -> None:
        """Tell it to clean up and end, as Ctrl-C would."""
        self._signal(signal.SIGINT)

    def abort(self) -> None:
        """Have it end where it is; if faulthandler is enabled there, the stacks of its threads are kept."""
        self._signal(signal.SIGABRT)
        self._process.join(_LAST_WORDS_S)

    def has_ended(self, patience: float) -> bool:
        """Whether it has ended after so many seconds at most."""
        self._process.join(patience)
        return not self._process.is_alive()

    def end(self) -> None:
        """Wait a moment for the end of the process; then terminate it, and kill what it started."""
        self._process.join(1.0)
        if self._process.is_alive():
            started = _started_by(self._process.pid)
            self._process.terminate()
            self._process.join(_GRACE_S)
            self._process.kill()
            for process in started:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self._process.join()
        self._receiver.close()

    def kill(self) -> None:
        """Kill the process at once, with every process that it has started in a group of its own."""
        assert self._process.pid is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()

    def _signal(self, number: signal.Signals) -> None:
        if self._process.is_alive() and self._process.pid:
            os.kill(self._process.pid, number)

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._started

    @staticmethod
    def ready(children: Collection[Child], seconds: float) -> list[Child]:
        """Those that have an answer or have ended, once there is one; none after so many seconds without."""
        found = wait([child._receiver for child in children], seconds)
        return [c for c in children if c._receiver in found or not c._process.is_alive()]


def _started_by(pid: int | None) -> list[psutil.Process]:
    """The processes that a process started, and those that these did."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _do(work: Callable[[], str], sender: Connection, parent: int) -> None:
    _end_with(parent)
    try:
        answer = work(), False
    except BaseException:
        answer = traceback.format_exc(), True
    with suppress(OSError):  # nobody is there any more to be told
        sender.send(answer)
    sender.close()


def _end_with(parent: int) -> None:
    """Be terminated when the parent dies, where the system knows how."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
