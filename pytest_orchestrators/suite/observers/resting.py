"""Whether the main thread only waits for something, or is on its way."""

from __future__ import annotations

import threading
from pathlib import Path

#: Looks in a row that have to see it at rest, and seconds between two of them. Looks, and not time: on a
#: machine that is busy both the looks and the thread that is looked at take longer.
LOOKS, _POLL_S = 50, 0.02


def wait_until_at_rest(over: threading.Event, seconds: float) -> bool:
    """Wait until something is over, or else until the main thread waits and does nothing else; say whether it
    does.

    It does when it sleeps and has not been awake from one look to the next. One that is to run, and is not
    given the time to, does not sleep. One that looks by itself whether something has come is never at rest.

    Args:
        over: set when there is nothing to wait for any more.
        seconds: how long to wait at most.
    """
    last, same = _doing(), 0
    for _ in range(round(seconds / _POLL_S)):
        if over.wait(_POLL_S):
            return False
        before, last = last, _doing()
        same = same + 1 if last and last == before else 0
        if same >= LOOKS:
            return True
    return False


def _doing() -> tuple[str, ...]:
    """How often the main thread has been put to sleep; nothing if it is awake, or nobody knows."""
    try:
        # What is said there is said of the main thread alone, also in a process that was forked.
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ()
    asleep = "\nState:\tS" in lines
    return tuple(line for line in lines.splitlines() if "ctxt_switches" in line) if asleep else ()
