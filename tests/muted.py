"""Keeping loggers quiet for a while, as some orchestrators of the tests do."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def muted(name: str = "pytest_orchestrators", level: int = logging.WARNING) -> Iterator[None]:
    """Give a logger this level, and its own back in the end."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.setLevel(before)
