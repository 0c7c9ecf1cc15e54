"""Everything that is logged or warned about during a run, whatever filters and handlers are in place."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pytest_orchestrators.suite.evidence import LogLine


@contextmanager
def heard(
    least: int = logging.INFO, listen: Callable[[str], None] = lambda _: None
) -> Iterator[list[LogLine]]:
    """Collect log records at the least level and above and Python warnings, all filters at "always", until
    the block ends.

    Records are taken where they are made, so a logger that does not propagate is heard like any other.

    Args:
        least: the level.
        listen: called with the text of each record at the moment it is made.
    """
    lines: list[LogLine] = []
    make = logging.getLogRecordFactory()
    root = logging.getLogger()
    level = root.level

    def record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        made = make(*args, **kwargs)
        lines.append(LogLine(level=made.levelno, logger=made.name, message=_text(made)))
        listen(lines[-1].message)
        return made

    def warned(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        text = str(message)
        lines.append(LogLine(level=logging.WARNING, logger=category.__name__, message=text, source="warning"))

    logging.setLogRecordFactory(record)
    root.setLevel(min(level, least) or least)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = warned
            yield lines
    finally:
        root.setLevel(level)
        logging.setLogRecordFactory(make)


def _text(record: logging.LogRecord) -> str:
    """What a record tells; what cannot be put together tells nothing, in any log."""
    try:
        return record.getMessage()
    except Exception as error:
        return f"a record whose message and arguments do not fit ({type(error).__name__})"
