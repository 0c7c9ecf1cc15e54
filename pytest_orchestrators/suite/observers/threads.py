"""Threads of this process."""

from __future__ import annotations

import sys
import threading
from typing import Any, TypeAlias

from pytest_orchestrators.suite.observers.origins import Origins, Told, origin_at

#: A thread, or the ident of one that was started without `threading`.
Thread: TypeAlias = threading.Thread | int


def running_threads() -> frozenset[Thread]:
    """All threads that run Python; threads of native libraries come and go as they please."""
    started = (thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread))
    known = {thread.ident: thread for thread in started}
    return frozenset(known.get(ident, ident) for ident in sys._current_frames())


def thread_left(thread: Thread, origins: Origins) -> Told:
    """A thread that is still there, and where it was started, or else where it is now."""
    if isinstance(thread, int):
        return f"a thread without a name, ident {thread}", origin_at(sys._current_frames().get(thread))
    daemon = "a daemon" if thread.daemon else "not a daemon"
    target = getattr(thread, "_target", None) or type(thread)
    return f"thread {thread.name!r}, {daemon}, running {_name(target)}", origins.of_object(thread)


def _name(target: Any) -> str:
    module, name = getattr(target, "__module__", ""), getattr(target, "__qualname__", repr(target))
    return f"{module}.{name}" if module else str(name)
