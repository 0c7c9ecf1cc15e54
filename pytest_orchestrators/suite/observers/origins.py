"""Where in the code things were begun: the innermost frames of whoever started a thread or opened a file."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

#: Frames that are shown of a stack.
_SHOWN = 3
#: Files in these folders are the harness's own.
_SUITE = str(Path(__file__).resolve().parents[1]) + os.sep
_FAMILIES = str(Path(__file__).resolve().parents[2] / "families") + os.sep
#: Of these, what the first calls is a run, and the other stands between a run and what it calls.
_CALLER, _BETWEEN = _SUITE + "carrying.py", str(Path(__file__).resolve().with_name("noting.py"))
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
        frames = [frame for frame in own if not _is_installed(frame[0])] or own or self.frames
        return "\n".join(f"{file}:{line} in {name}" for file, line, name in frames[:_SHOWN])


def _is_installed(file: str) -> bool:
    return any(folder in file for folder in _INSTALLED)


def _in_the_library(file: str) -> bool:
    return file.startswith(_LIBRARY) and not _is_installed(file)


def origin_at(frame: FrameType | None) -> Origin:
    """The origin that a frame and its callers are, up to the first of the suite."""
    frames: list[tuple[str, int, str]] = []
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_SUITE) and file != _BETWEEN:
            return Origin(tuple(frames), harness=file != _CALLER)
        if file != _BETWEEN and not file.startswith(_FAMILIES):
            frames.append((file, frame.f_lineno, frame.f_code.co_name))
        frame = frame.f_back
    return Origin(tuple(frames))


#: What was found, in words, and where it was begun.
Told: TypeAlias = tuple[str, Origin]


class Origins:
    """What was begun where, for as long as somebody notes it."""

    def __init__(self) -> None:
        self._named: dict[tuple[Hashable, ...], Origin] = {}
        self._paths: dict[str, Origin] = {}
        # Whatever is kept here by itself would keep alive what belongs to it.
        self._objects: WeakKeyDictionary[Any, Origin] = WeakKeyDictionary()
        #: Files and folders that were not there when they were about to be made.
        self.created: dict[str, Origin] = {}

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

    def note_path(self, origin: Origin, path: Any, makes: bool) -> None:
        """Note where a file is about to be opened, or anything about to be made."""
        if not isinstance(path, str | bytes | os.PathLike):
            return
        name = str(Path(os.fsdecode(path)).absolute())
        # To show an exception, Python reads the very files that it came from.
        if origin.own_frames or name not in self._paths:
            self._paths[name] = origin
        if makes and name not in self.created and not os.path.lexists(name):
            self.created[name] = origin

    def of_path(self, path: str) -> Origin:
        """Where a file was opened or made last, under whatever name."""
        for name, origin in reversed(list(self._paths.items())):
            if name == path or os.path.realpath(name) == path:
                return origin
        return Origin()
