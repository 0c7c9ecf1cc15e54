"""Everything that is logged or warned about during a run, whatever handlers are in place."""

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

    Records are taken where their logger hands them to handlers: behind its filters, which may drop or reword
    them; before it is asked whether it propagates; and whether they were made here or brought from another
    process.

    Args:
        least: the level.
        listen: called with the text of each record at the moment it is handed over.
    """
    lines: list[LogLine] = []
    hand_over = logging.Logger.callHandlers
    root = logging.getLogger()
    level = root.level

    def handed_over(logger: logging.Logger, record: logging.LogRecord) -> None:
        lines.append(LogLine(level=record.levelno, logger=str(record.name), message=_text(record)))
        listen(lines[-1].message)
        hand_over(logger, record)

    def warned(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        text = str(message)
        lines.append(LogLine(level=logging.WARNING, logger=category.__name__, message=text, source="warning"))

    logging.Logger.callHandlers = handed_over  # type: ignore[assignment, method-assign]
    root.setLevel(min(level, least) or least)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = warned
            yield lines
    finally:
        root.setLevel(level)
        logging.Logger.callHandlers = hand_over  # type: ignore[method-assign]


def _text(record: logging.LogRecord) -> str:
    """What a record tells; what cannot be put together tells nothing, in any log."""
    try:
        return record.getMessage()
    except Exception as error:
        return f"a record whose message and arguments do not fit ({type(error).__name__})"
