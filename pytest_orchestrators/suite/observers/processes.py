"""Child processes of this one, and what is left of their own when they have ended."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from pytest_orchestrators.suite.observers.kept import kept_processes
from pytest_orchestrators.suite.observers.origins import Origin, Origins, Told

_PR_SET_CHILD_SUBREAPER, _PR_GET_CHILD_SUBREAPER = 36, 37


@contextmanager
def adopting() -> Iterator[None]:
    """Become the parent of descendants whose own parent ends, until the block ends, where the system knows
    how: a daemon that forked twice is a child like any other.
    """
    if sys.platform != "linux":
        yield
        return
    libc, before = ctypes.CDLL(None), ctypes.c_int()
    libc.prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(before))
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, before.value)


def children() -> frozenset[int]:
    """The child processes, running or not waited for, and those of `multiprocessing`'s fork server.

    What `multiprocessing` itself keeps until this process ends is none of them.
    """
    if not _has_children():
        return frozenset()
    tracker, server = kept_processes()
    found = psutil.Process().children()
    for child in found:
        if child.pid == server:
            found = found + child.children()
    return frozenset(child.pid for child in found) - {tracker, server}


def _has_children() -> bool:
    """Whether there are any: a single question, where to list them is to look at all processes there are."""
    if not hasattr(os, "waitid"):
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def process_left(pid: int, origins: Origins) -> Told | None:
    """A process that is still there, and where it was started; none if it is not there any more.

    One that has ended is left if it was started here, where somebody has to wait for it. A descendant that
    came to this process when its own parent had ended is nobody's business once it has ended too.
    """
    try:
        process = psutil.Process(pid)
        ended = process.status() == psutil.STATUS_ZOMBIE
        command = process.name() if ended else _short(" ".join(process.cmdline()))
    except psutil.ZombieProcess:
        ended, command = True, "between two looks"
    except psutil.NoSuchProcess:
        return None
    started_here = origins.knows("process", pid)
    if ended:
        what = f"process {pid} ({command}) has ended and was never waited for"
        return (what, origins.of("process", pid)) if started_here else None
    if started_here:
        return f"process {pid} still runs: {command}", origins.of("process", pid)
    # By which of those that were started here, nobody knows any more, unless there was one.
    started = origins.of_all("process")
    what = f"process {pid} still runs, started by another one: {command}"
    return what, started[0] if len(started) == 1 else Origin()


def _short(command: str, length: int = 160) -> str:
    return command if len(command) <= length else f"{command[:length]}…"
