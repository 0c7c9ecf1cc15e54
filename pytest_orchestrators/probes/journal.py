"""The journal: one file of JSON lines to which probe steps and hooks append, from whatever process they
run in.

A line is written by a single `write` on a descriptor opened with `O_APPEND`, so lines of concurrent
processes never interleave and the order of the file is the order in which things happened.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

JOURNAL = "journal.jsonl"

#: Called with every event this process appends; lets a family look around at the moment a step runs.
observers: list[Callable[[dict[str, Any]], None]] = []
_last_root: list[Path] = []


def append(root: str | os.PathLike[str], kind: str, **facts: Any) -> None:
    """Append one event.

    Args:
        root: folder of the journal; made if it is not there.
        kind: what happened, for example `started`.
        **facts: JSON-able facts about it.
    """
    event = {
        "kind": kind,
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "thread": threading.get_ident(),
        "monotonic": time.monotonic(),
        **facts,
    }
    folder = Path(root)
    _last_root[:] = [folder]
    folder.mkdir(parents=True, exist_ok=True)
    line = json.dumps(event, ensure_ascii=False, allow_nan=True) + "\n"
    descriptor = os.open(folder / JOURNAL, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(descriptor, line.encode("utf-8", "surrogatepass"))
    finally:
        os.close(descriptor)
    for observer in tuple(observers):
        observer(event)


def last_root() -> Path | None:
    """The folder of the journal that this process appended to last, for code that is told of none."""
    return _last_root[0] if _last_root else None


def read(root: str | os.PathLike[str], offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Read the events from a byte offset on.

    Returns:
        The events in the order of the file, and the offset behind the last whole line. A line that a
        killed process left unfinished is not returned.
    """
    path = Path(root) / JOURNAL
    if not path.exists():
        return [], offset
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    end = data.rfind(b"\n") + 1
    # At line feeds only: text may hold other characters that some take for the end of a line.
    lines = data[:end].decode("utf-8", "surrogatepass").split("\n")
    return [json.loads(line) for line in lines if line], offset + end
