"""Many pieces of work, each in a fork of this process, some at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TypeVar

import psutil

from pytest_orchestrators.suite.apart import Child, ChildLost

#: Forks at once: as many as the smallest machine has cores.
AT_ONCE = 2

Key = TypeVar("Key")


def in_forks(
    work: Iterable[tuple[Key, Callable[[], str]]], patience: float, at_once: int = AT_ONCE
) -> Iterator[tuple[Key, str | ChildLost]]:
    """Do every piece in a fork; what each came to, in the order in which they end.

    Args:
        work: the pieces; each is known by its key.
        patience: seconds after which a fork is ended, and its work lost.
        at_once: forks that go on at the same time.
    """
    waiting = iter(work)
    going: dict[Child, Key] = {}
    try:
        while True:
            for key, piece in islice(waiting, at_once - len(going)):
                going[Child(partial(_alone, piece))] = key
            if not going:
                return
            done = Child.ready(going, seconds=1.0) or [child for child in going if child.age > patience]
            for child in done:
                yield going.pop(child), _answer(child)
    finally:
        for child in going:
            child.end()


def _answer(child: Child) -> str | ChildLost:
    try:
        return child.answer(seconds=0)
    except ChildLost as lost:
        return lost


def _alone(piece: Callable[[], str]) -> str:
    """Do a piece in silence, where an interrupt is one, and end the processes that it leaves behind."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell works in the background
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)
    try:
        return piece()
    finally:
        for left in psutil.Process().children(recursive=True):
            left.kill()
