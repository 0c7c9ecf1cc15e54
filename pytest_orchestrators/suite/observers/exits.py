"""No way out: a run that would end the process that judges it is seen to do so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


class ProcessExit(BaseException):
    """Raised in place of `os._exit`, which would have ended pytest itself with an exit code of its own."""


@contextmanager
def no_way_out() -> Iterator[None]:
    """Turn `os._exit` into an exception until the block ends; processes forked meanwhile end as they want."""
    leave, judging = os._exit, os.getpid()

    def refuse(status: int) -> NoReturn:
        if os.getpid() != judging:
            leave(status)
        raise ProcessExit(f"os._exit({status}) was called, which ends the process with nothing cleaned up")

    os._exit = refuse
    try:
        yield
    finally:
        os._exit = leave
