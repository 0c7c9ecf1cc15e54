"""What can be wrong with a choice of flavor."""

from __future__ import annotations

#: Characters of a line that are shown at most: messages quote what they are about, however long it is.
_SHOWN = 500


def legible(message: str) -> str:
    """A message without the ends of lines that nobody would read."""
    return "\n".join(line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..." for line in message.splitlines())


class SelectionError(Exception):
    """A flavor, a setting or a configuration cannot be used; the message says which, where, and why."""

    def __str__(self) -> str:
        return legible(super().__str__())
