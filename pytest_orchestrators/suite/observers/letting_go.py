"""Letting go of what log records hold.

Whoever keeps records, as pytest does, keeps the frames of the exceptions in them, and with these everything
that the frames had open.
"""

from __future__ import annotations

import logging
import traceback
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def records_let_go() -> Iterator[Callable[[], None]]:
    """Call what is yielded to turn the records that were made since, and are still kept, into plain text."""
    make = logging.getLogRecordFactory()
    made: list[weakref.ref[logging.LogRecord]] = []

    def record(*arguments: Any, **keywords: Any) -> logging.LogRecord:
        new = make(*arguments, **keywords)
        with suppress(TypeError):  # of a class that cannot be referred to weakly
            made.append(weakref.ref(new))
        return new

    logging.setLogRecordFactory(record)
    try:
        yield lambda: _let_go(made)
    finally:
        logging.setLogRecordFactory(make)


def _let_go(made: list[weakref.ref[logging.LogRecord]]) -> None:
    for reference in made:
        record = reference()
        if record is None:
            continue
        with suppress(Exception):  # a message that cannot be formatted stays as it is
            record.msg, record.args = record.getMessage(), None
        if record.exc_info:
            record.exc_text = (
                record.exc_text or "".join(traceback.format_exception(*record.exc_info)).rstrip()
            )
            record.exc_info = None
