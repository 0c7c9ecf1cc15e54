"""The processes that this one has started, and those that they have."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import psutil


def interrupt_descendants() -> None:
    """Interrupt those that a Ctrl-C at this process's terminal would reach: those in its own group."""
    group = os.getpgrp()
    for process in psutil.Process().children(recursive=True):
        with suppress(OSError, psutil.Error):  # gone meanwhile
            if os.getpgid(process.pid) == group:
                process.send_signal(signal.SIGINT)
