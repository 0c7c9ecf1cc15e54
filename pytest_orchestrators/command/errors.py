"""What can be wrong with a command."""

from __future__ import annotations

from pytest_orchestrators.selection.errors import legible


class CommandError(Exception):
    """A command cannot be carried out; the message says why. Nothing was written."""

    def __str__(self) -> str:
        return legible(super().__str__())
