"""Secrets in the environment of the process that calls `run()`, which no step elsewhere has any use for."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

#: Names as credentials have them, with something drawn in them that no orchestrator can know.
_NAMES = ("AWS_{}_SECRET_ACCESS_KEY", "GITHUB_{}_TOKEN", "{}_PASSWORD", "PYTEST_{}_SECRET", "{}")


@contextmanager
def planted() -> Iterator[dict[str, str]]:
    """Put secrets into the environment, by name, until the block ends."""
    drawn = secrets.token_hex(4).upper()
    names = (name.format(f"PROBE_{drawn}") for name in _NAMES)
    found = {name: secrets.token_hex(16) for name in names}
    os.environ.update(found)
    try:
        yield found
    finally:
        for name in found:
            os.environ.pop(name, None)
