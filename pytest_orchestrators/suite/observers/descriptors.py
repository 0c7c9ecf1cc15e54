"""Open files, sockets and pipes of this process."""

from __future__ import annotations

import os
import socket
import stat
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from pytest_orchestrators.suite.observers.kept import kept_descriptors
from pytest_orchestrators.suite.observers.origins import Origin, Origins, Told

#: Where the system shows the open descriptors of a process to itself.
_SHOWN = next((folder for folder in ("/proc/self/fd", "/dev/fd") if Path(folder).is_dir()), "")
#: What is opened once, by whoever needs it first, and kept.
_KEPT = frozenset({"/dev/urandom", "/dev/random"})

#: What a descriptor leads to, and how many of lower numbers lead there: which of them were closed and opened
#: again is nobody's business.
Opened: TypeAlias = tuple[str, int]


def open_descriptors() -> dict[Opened, int]:
    """All descriptors but those that `multiprocessing` itself keeps until this process ends."""
    found: dict[Opened, int] = {}
    seen: Counter[str] = Counter()
    kept = kept_descriptors()
    names = os.listdir(_SHOWN) if _SHOWN else []  # noqa: PTH208
    for descriptor in sorted(int(name) for name in names if name.isdecimal()):
        target = _target(descriptor)
        if target and target not in _KEPT and descriptor not in kept:
            found[target, seen[target]] = descriptor
            seen[target] += 1
    return found


def _target(descriptor: int) -> str:
    """What a descriptor leads to; empty if it is closed, as that by which they are listed is."""
    with suppress(OSError):
        if sys.platform == "linux":
            return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
        state = os.fstat(descriptor)
        return f"{stat.filemode(state.st_mode)[0]}:{state.st_dev}:{state.st_ino}"
    return ""


def descriptor_left(opened: Opened, descriptor: int, origins: Origins) -> Told:
    """A descriptor that is still open, what it leads to, and where it was opened, if that was seen."""
    target, _ = opened
    kind = _kind(descriptor)
    if kind == "socket":
        target, origin = _address(descriptor) or target, _of_socket(descriptor, origins)
    elif kind == "pipe":
        origin = origins.of("pipe", descriptor)
    else:
        origin = origins.of_path(target)
    return f"{kind} {target}, descriptor {descriptor}", origin


def _kind(descriptor: int) -> str:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return "descriptor"
    kinds = {stat.S_ISSOCK: "socket", stat.S_ISFIFO: "pipe", stat.S_ISREG: "file", stat.S_ISDIR: "folder"}
    return next((kind for test, kind in kinds.items() if test(mode)), "descriptor")


def _address(descriptor: int) -> str:
    """The address of a socket on this side; empty if it has none."""
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as same:
        return str(same.getsockname() or "")
    return ""


def _of_socket(descriptor: int, origins: Origins) -> Origin:
    for made, origin in origins.objects():
        with suppress(Exception):
            if made.fileno() == descriptor:
                return origin
    return Origin()
