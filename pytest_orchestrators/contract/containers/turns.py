"""Making images one at a time: of two processes that make the same one, one would lose its name for it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until no other process, and no other thread, of this installation is making an image.

    Whoever waited looks again whether there is still something to do. The lock is on this very file, which
    is there anyway, and goes with its holder, however that ends; where files cannot be locked there is none.
    """
    with open(__file__, "rb") as file:  # noqa: PTH123 (of a module)
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
