"""What `multiprocessing` itself starts once and keeps until this process ends: no run is to blame for it."""

from __future__ import annotations

import sys
from multiprocessing.process import current_process
from typing import Any


def kept_processes() -> tuple[int | None, int | None]:
    """The process ids of its resource tracker and of its fork server; none of what it has not started."""
    return getattr(_tracker(), "_pid", None), getattr(_fork_server(), "_forkserver_pid", None)


def kept_descriptors() -> frozenset[int]:
    """The descriptors by which it reaches them."""
    kept = getattr(_tracker(), "_fd", None), getattr(_fork_server(), "_forkserver_alive_fd", None)
    return frozenset(descriptor for descriptor in kept if descriptor is not None)


def kept_folder() -> str:
    """Its folder for temporary files; no path if it has made none."""
    return str(getattr(current_process(), "_config", {}).get("tempdir"))


def _tracker() -> Any:
    return getattr(sys.modules.get("multiprocessing.resource_tracker"), "_resource_tracker", None)


def _fork_server() -> Any:
    return getattr(sys.modules.get("multiprocessing.forkserver"), "_forkserver", None)
