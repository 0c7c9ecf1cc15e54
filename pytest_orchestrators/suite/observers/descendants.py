"""The processes that this one has started, and those that they have."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import psutil


def descendants() -> frozenset[int]:
    """Their process ids."""
    return frozenset(process.pid for process in psutil.Process().children(recursive=True))


def interrupt_descendants(but: frozenset[int]) -> None:
    """Interrupt those that a Ctrl-C at this process's terminal would reach, too: those in its own group.

    Args:
        but: those that were there before, and are none of the run's.
    """
    group = os.getpgrp()
    for pid in descendants() - but:
        with suppress(OSError):  # gone meanwhile
            if os.getpgid(pid) == group:
                os.kill(pid, signal.SIGINT)
