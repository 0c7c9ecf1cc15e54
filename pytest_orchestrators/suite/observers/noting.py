"""Noting where things are begun while a run goes on.

Python tells its audit hooks of most. Of what it does not tell, a function of the standard library is watched,
and put back when the run has ended.
"""

from __future__ import annotations

import functools
import logging
import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import Any

from pytest_orchestrators.suite.observers.origins import Origin, Origins

#: Who notes; a hook, once added, stays for good, so there is one that asks for whom.
_noting: list[Origins] = []
_hooked: list[bool] = []


@contextmanager
def noted(unnoted: tuple[str, ...] = ()) -> Iterator[Origins]:
    """Note what is begun where until the block ends, but nothing of paths that begin so."""
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked.append(True)
    origins = Origins(unnoted)
    with ExitStack() as watchers:
        for holder, name, watcher in _WATCHED:
            watchers.enter_context(_watched(holder, name, watcher, origins))
        _noting.append(origins)
        try:
            yield origins
        finally:
            _noting.remove(origins)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    """Note an event that is of interest. An exception would stop what is about to be done."""
    if _noting and event in _EVENTS:
        with suppress(Exception):
            _EVENTS[event](_noting[-1], sys._getframe(1), *arguments)


def _opens(origins: Origins, frame: FrameType, path: Any, _mode: Any, flags: int) -> None:
    origins.note_opening(frame, path, makes=bool(flags & os.O_CREAT))


def _makes(origins: Origins, frame: FrameType, path: Any, *_: Any) -> None:
    origins.note_making(frame, path)


def _renames(origins: Origins, frame: FrameType, _source: Any, target: Any, *_: Any) -> None:
    origins.note_making(frame, target)


def _makes_socket(origins: Origins, frame: FrameType, made: Any, *_: Any) -> None:
    origins.note_object(origins.at(frame), made)


def _sets(origins: Origins, frame: FrameType, name: bytes, *_: Any) -> None:
    origins.note(origins.at(frame), "environment", os.fsdecode(name))


def _changes_folder(origins: Origins, frame: FrameType, *_: Any) -> None:
    origins.note(origins.at(frame), "working directory")


#: Events of Python's audit hooks, each with what notes it.
_EVENTS: dict[str, Callable[..., None]] = {
    "open": _opens,
    "os.mkdir": _makes,
    "os.link": _renames,
    "os.rename": _renames,
    "os.symlink": _renames,
    "sqlite3.connect": _makes,
    "socket.__new__": _makes_socket,
    "os.putenv": _sets,
    "os.unsetenv": _sets,
    "os.chdir": _changes_folder,
}


@contextmanager
def _watched(holder: Any, name: str, note: Callable[..., None], origins: Origins) -> Iterator[None]:
    """Each time that a function has returned, note its result and what it was called with."""
    function = getattr(holder, name)

    @functools.wraps(function)
    def watched(*arguments: Any, **keywords: Any) -> Any:
        result = function(*arguments, **keywords)
        with suppress(Exception):
            note(origins, origins.at(sys._getframe(1)), result, *arguments, **keywords)
        return result

    setattr(holder, name, watched)
    try:
        yield
    finally:
        setattr(holder, name, function)


def _started(origins: Origins, origin: Origin, _result: Any, thread: threading.Thread) -> None:
    origins.note_object(origin, thread)


def _forked(origins: Origins, origin: Origin, pid: int) -> None:
    if pid:
        origins.note(origin, "process", pid)


def _piped(origins: Origins, origin: Origin, ends: tuple[int, int]) -> None:
    for descriptor in ends:
        origins.note(origin, "pipe", descriptor)


def _handled(origins: Origins, origin: Origin, _result: Any, signalnum: int, _handler: Any) -> None:
    origins.note(origin, "signal", int(signalnum))


def _spawned(origins: Origins, origin: Origin, _result: Any, process: Any, *_: Any, **__: Any) -> None:
    origins.note(origin, "process", process.pid)


def _added(origins: Origins, origin: Origin, _result: Any, logger: logging.Logger, hdlr: Any) -> None:
    origins.note(origin, "handler", logger.name, id(hdlr))


def _leveled(origins: Origins, origin: Origin, _result: Any, logger: logging.Logger, _level: Any) -> None:
    origins.note(origin, "level", logger.name)


def _filtered(origins: Origins, origin: Origin, *_: Any, **__: Any) -> None:
    for item in warnings.filters:
        if not origins.knows("filter", item):
            origins.note(origin, "filter", item)


_WATCHED: tuple[tuple[Any, str, Callable[..., None]], ...] = (
    (threading.Thread, "start", _started),
    (os, "fork", _forked),
    (os, "pipe", _piped),
    (signal, "signal", _handled),
    (subprocess.Popen, "__init__", _spawned),
    (logging.Logger, "addHandler", _added),
    (logging.Logger, "setLevel", _leveled),
    (warnings, "simplefilter", _filtered),
    (warnings, "filterwarnings", _filtered),
)
