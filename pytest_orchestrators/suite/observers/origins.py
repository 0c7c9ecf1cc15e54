"""Where in the code things were begun: the innermost frames of whoever started a thread or opened a file."""

from __future__ import annotations

import os
import sysconfig
import threading
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, Literal, TypeAlias
from weakref import WeakKeyDictionary

#: Frames that are shown of a stack.
_SHOWN = 3
#: Files in these folders are the harness's own.
_SUITE = str(Path(__file__).resolve().parents[1]) + os.sep
_FAMILIES = str(Path(__file__).resolve().parents[2] / "families") + os.sep
#: Of these, what stands between a run and what it calls.
_BETWEEN = str(Path(__file__).resolve().with_name("noting.py"))
_LIBRARY = (sysconfig.get_path("stdlib") + os.sep, "<frozen ")
_INSTALLED = ("site-packages", "dist-packages")


@dataclass(frozen=True)
class Origin:
    """Where something was begun.

    Attributes:
        frames: file, line and function of each frame, innermost first; none if nobody knows.
        harness: whether the harness did it, and not the run.
    """

    frames: tuple[tuple[str, int, str], ...] = ()
    harness: bool = False

    @property
    def importing(self) -> bool:
        """Whether a module was being imported."""
        return any(file.startswith("<frozen importlib") for file, _, _ in self.frames)

    @property
    def own_frames(self) -> tuple[tuple[str, int, str], ...]:
        """The frames of files outside the standard library."""
        return tuple(frame for frame in self.frames if not _in_the_library(frame[0]))

    @property
    def text(self) -> str:
        """The innermost frames that tell most: outside of what is installed, else outside of the standard
        library, else all.
        """
        own = self.own_frames
        frames = [frame for frame in own if not is_installed(frame[0])] or own or self.frames
        return "\n".join(f"{file}:{line} in {name}" for file, line, name in frames[:_SHOWN])


def is_installed(file: str) -> bool:
    """Whether a path is that of an installed distribution."""
    return any(folder in file for folder in _INSTALLED)


def _in_the_library(file: str) -> bool:
    return file.startswith(_LIBRARY) and not is_installed(file)


@cache
def _part_of(file: str) -> Literal["run", "harness", "between"]:
    """What a file is to a run. Asked for every frame of everything that is noted."""
    if file == _BETWEEN or file.startswith(_FAMILIES):
        return "between"
    return "harness" if file.startswith(_SUITE) else "run"


def origin_at(frame: FrameType | None, runs: bool = False) -> Origin:
    """The origin that a frame and its callers are, up to the first of the suite.

    Args:
        frame: the innermost frame.
        runs: whether it belongs to the thread in which the harness has called the run; in other threads,
            where anything of the suite is among the callers, the harness is at work.
    """
    frames: list[tuple[str, int, str]] = []
    while frame is not None:
        code = frame.f_code
        part = _part_of(code.co_filename)
        if part == "harness":
            return Origin(tuple(frames), harness=not runs)
        if part == "run":
            frames.append((code.co_filename, frame.f_lineno, code.co_name))
        frame = frame.f_back
    return Origin(tuple(frames))


#: What was found, in words, and where it was begun.
Told: TypeAlias = tuple[str, Origin]


class Origins:
    """What was begun where, for as long as somebody notes it.

    Args:
        unnoted: how the paths begin of which nothing is noted: where things are kept, most is opened.
    """

    def __init__(self, unnoted: tuple[str, ...] = ()) -> None:
        self._unnoted = unnoted
        self._thread = threading.get_ident()
        self._named: dict[tuple[Hashable, ...], Origin] = {}
        self._paths: dict[str, Origin] = {}
        # Whatever is kept here by itself would keep alive what belongs to it.
        self._objects: WeakKeyDictionary[Any, Origin] = WeakKeyDictionary()
        #: Files and folders that were not there when they were about to be made.
        self.created: dict[str, Origin] = {}

    def at(self, frame: FrameType) -> Origin:
        """The origin that a frame of this thread is; the thread that has made these origins calls the run."""
        return origin_at(frame, runs=threading.get_ident() == self._thread)

    def note(self, origin: Origin, *name: Hashable) -> None:
        """Note where the thing of this kind and name was begun."""
        self._named[name] = origin

    def of(self, *name: Hashable) -> Origin:
        """Where the thing of this kind and name was begun."""
        return self._named.get(name, Origin())

    def of_all(self, kind: Hashable) -> list[Origin]:
        """Where things of this kind were begun, each place once."""
        return list(dict.fromkeys(origin for name, origin in self._named.items() if name[0] == kind))

    def knows(self, *name: Hashable) -> bool:
        """Whether the thing of this kind and name was seen to begin."""
        return name in self._named

    def note_object(self, origin: Origin, thing: Any) -> None:
        """Note where a thread was started, or a socket made."""
        self._objects[thing] = origin

    def of_object(self, thing: Any) -> Origin:
        """Where a thread was started, or a socket made."""
        return self._objects.get(thing, Origin())

    def objects(self) -> Iterator[tuple[Any, Origin]]:
        """The objects that were noted and are still there."""
        yield from list(self._objects.items())

    def note_opening(self, frame: FrameType, path: Any, makes: bool) -> None:
        """Note where a file is about to be opened, and made if it is not there."""
        if name := self._noted_name(path):
            self._note_path(self.at(frame), name, makes and self._is_new(name))

    def note_making(self, frame: FrameType, path: Any) -> None:
        """Note where a file or folder is about to be made, if it is not there."""
        name = self._noted_name(path)
        if name and self._is_new(name):
            self._note_path(self.at(frame), name, True)

    def _noted_name(self, path: Any) -> str:
        """A path as text; empty for a descriptor, and for what is not noted."""
        if not isinstance(path, str | bytes | os.PathLike):
            return ""
        name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100
        return "" if name.startswith(self._unnoted) else name

    def _is_new(self, name: str) -> bool:
        return name not in self.created and not os.path.lexists(name)

    def _note_path(self, origin: Origin, name: str, new: bool) -> None:
        # To show an exception, Python reads the very files that it came from.
        if origin.own_frames or name not in self._paths:
            self._paths[name] = origin
        if new:
            self.created[name] = origin

    def of_path(self, path: str) -> Origin:
        """Where a file was opened or made last, under whatever name."""
        for name, origin in reversed(list(self._paths.items())):
            if name == path or os.path.realpath(name) == path:
                return origin
        return Origin()
