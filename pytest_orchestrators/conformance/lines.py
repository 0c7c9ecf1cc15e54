"""Lines of the suite in the terminal of pytest."""

from __future__ import annotations

from collections.abc import Iterable

import pytest


def write_lines(terminal: pytest.TerminalReporter, lines: Iterable[tuple[str, str, bool]]) -> None:
    """Write lines: the text of each, its colour (empty for none), and whether it is bold."""
    for text, colour, bold in lines:
        terminal.write_line(text, bold=bold, **({colour: True} if colour else {}))
