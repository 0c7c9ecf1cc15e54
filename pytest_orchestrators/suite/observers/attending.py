"""Somebody who reads the journal while a run goes on, and answers what steps ask for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_orchestrators.probes import journal

#: Seconds between two looks.
_POLL_S = 0.02


@contextmanager
def attended(
    root: Path, offset: int, react: Callable[[dict[str, Any]], None], over: threading.Event | None = None
) -> Iterator[None]:
    """Call `react`, in a thread, with each event from the offset on as it is journaled, until the block ends.

    Args:
        root: folder of the journal.
        offset: bytes of it that are known already.
        react: must not raise.
        over: set when the block ends, for a `react` that waits for something.
    """
    over = over or threading.Event()

    def attend() -> None:
        position = offset
        while not over.wait(_POLL_S):
            events, position = journal.read(root, position)
            for event in events:
                react(event)

    attendant = threading.Thread(target=attend, name="attendant of the harness", daemon=True)
    attendant.start()
    try:
        yield
    finally:
        over.set()
        attendant.join()
