"""What an engine says while it builds or pushes: progress for the log, errors, and ids."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from typing import Any

from pytest_orchestrators.contract.errors import ImageBuildError

logger = logging.getLogger(__name__)
_LAST_LINES = 20


def follow(messages: Iterable[dict[str, Any]], task: str) -> dict[str, Any]:
    """Log the messages of a build or push as they come and return what it hands over in the end.

    Raises ImageBuildError, with ``task`` and the last lines, if it fails.
    """
    last_lines: deque[str] = deque(maxlen=_LAST_LINES)
    handed_over: dict[str, Any] = {}
    for message in messages:
        if error := message.get("error"):
            shown = "\n".join(last_lines)
            raise ImageBuildError(f"The engine did not {task}: {error}\n--- last lines ---\n{shown}")
        handed_over |= message.get("aux") or {}
        for line in _lines_of(message):
            last_lines.append(line)
            logger.info("%s", line)
    return handed_over


def _lines_of(message: dict[str, Any]) -> list[str]:
    """The text of a message; progress bars of single layers, which come by the hundred, are left out."""
    if message.get("progressDetail"):
        return []
    text = str(message.get("stream") or message.get("status") or "")
    return [line.rstrip() for line in text.splitlines() if line.strip()]
