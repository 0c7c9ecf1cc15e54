"""A budget of time for a run: what does not come back is interrupted, and the stacks of all threads are
kept.
"""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

#: Seconds between two interrupts of a run that goes on after the first.
AGAIN = 2.0
#: Seconds after the budget after which the process is ended, no interrupt having stopped the run.
GRACE = 60.0


#: Frames up to this file are the harness's own.
_CALLER = str(Path(__file__).resolve().parents[1] / "attempting.py")


class BudgetUsedUp(BaseException):
    """Raised in the main thread when a run has used up its budget; carries the stacks of all threads."""

    def __init__(self, seconds: float, stacks: str) -> None:
        super().__init__(f"the run did not end within its budget of {seconds:g} s")
        self.stacks = stacks


@contextmanager
def budget(seconds: float, last_words: int = 2) -> Iterator[None]:
    """Interrupt the block when it takes longer than this, again and again until it ends.

    The interrupt is a signal's, so it needs the main thread; elsewhere the block has no limit. A block that
    no interrupt reaches, because it waits in native code, ends the process with exit code 1 after `GRACE`.

    Args:
        seconds: the budget.
        last_words: descriptor that the stacks are written to before the process is ended.

    Raises:
        BudgetUsedUp: the block did not end in time.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    used_up: list[BudgetUsedUp] = []

    def interrupt(_signal: int, frame: FrameType | None) -> None:
        if not used_up:
            used_up.append(BudgetUsedUp(seconds, stacks(frame)))
        raise used_up[0]

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=last_words)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    if used_up:
        raise used_up[0]


def stacks(main_frame: FrameType | None = None) -> str:
    """The stacks of all threads as text, the main thread first and from where the harness called the run."""
    frames = dict(sys._current_frames())
    main = threading.main_thread()
    if main_frame is not None and main.ident is not None:
        frames[main.ident] = main_frame
    threads = sorted(threading.enumerate(), key=lambda thread: thread is not main)
    parts = []
    for thread in threads:
        if thread.ident in frames:
            stack = traceback.extract_stack(frames[thread.ident])
            begin = max((n for n, frame in enumerate(stack) if frame.filename == _CALLER), default=-1)
            parts.append(f"Thread {thread.name}:\n{''.join(traceback.format_list(stack[begin + 1 :]))}")
    return "\n".join(parts)
