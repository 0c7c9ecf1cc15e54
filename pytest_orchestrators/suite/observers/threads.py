"""Threads of this process."""

from __future__ import annotations

import sys
import threading
from typing import Any, TypeAlias

from pytest_orchestrators.suite.evidence import Leak
from pytest_orchestrators.suite.observers.origins import Origins, origin_at

#: A thread, or the ident of one that was started without `threading`.
Thread: TypeAlias = threading.Thread | int


def running_threads() -> frozenset[Thread]:
    """All threads that run Python; threads of native libraries come and go as they please."""
    known = {thread.ident: thread for thread in threading.enumerate()}
    return frozenset(known.get(ident, ident) for ident in sys._current_frames())


def thread_left(thread: Thread, origins: Origins) -> Leak:
    """A thread that is still there, and where it was started, or else where it is now."""
    if isinstance(thread, int):
        now = origin_at(sys._current_frames().get(thread))
        return Leak(
            kind="thread", what=f"a thread without a name, ident {thread}", where=f"now at {now.text}"
        )
    daemon = "a daemon" if thread.daemon else "not a daemon"
    target = getattr(thread, "_target", None) or type(thread)
    what = f"thread {thread.name!r}, {daemon}, running {_name(target)}"
    return Leak(kind="thread", what=what, where=origins.of_object(thread).text)


def _name(target: Any) -> str:
    module, name = getattr(target, "__module__", ""), getattr(target, "__qualname__", repr(target))
    return f"{module}.{name}" if module else str(name)
