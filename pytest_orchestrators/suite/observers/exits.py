"""No way out: a run that would end the process that judges it is seen to do so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, Protocol


class ProcessExit(BaseException):
    """Raised in place of `os._exit`, which would have ended pytest itself with an exit code of its own."""


class _Leave(Protocol):
    def __call__(self, status: int) -> NoReturn: ...


#: By process, what refuses to end it for good.
_REFUSING: dict[int, _Leave] = {}


def stay() -> None:
    """Turn `os._exit` into an exception for the rest of this process, `atexit` handlers included."""
    if os._exit is not _REFUSING.get(os.getpid()):
        os._exit = _REFUSING[os.getpid()] = _refusing(os._exit)


@contextmanager
def no_way_out() -> Iterator[None]:
    """Turn `os._exit` into an exception until the block ends; processes forked meanwhile end as they want."""
    leave = os._exit
    os._exit = _refusing(leave)
    try:
        yield
    finally:
        os._exit = leave


def _refusing(leave: _Leave) -> _Leave:
    """An `os._exit` that is none in this process."""
    judging = os.getpid()

    def refuse(status: int) -> NoReturn:
        if os.getpid() != judging:
            leave(status)
        raise ProcessExit(f"os._exit({status}) was called, which ends the process with nothing cleaned up")

    return refuse
