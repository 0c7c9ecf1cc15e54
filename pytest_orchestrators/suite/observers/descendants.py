"""The processes that this one has started, and those that they have."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import psutil

#: Seconds by which the clock that dates processes may differ from that of `time.time`.
_CLOCKS_S = 0.5


def interrupt_descendants(since: float) -> None:
    """Interrupt those started since a time that a Ctrl-C at this process's terminal would reach, too: those
    in its own group.
    """
    group = os.getpgrp()
    for process in psutil.Process().children(recursive=True):
        with suppress(OSError, psutil.Error):  # gone meanwhile
            if os.getpgid(process.pid) == group and process.create_time() > since - _CLOCKS_S:
                process.send_signal(signal.SIGINT)
