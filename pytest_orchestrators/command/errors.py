"""What can be wrong with a command."""

from __future__ import annotations


class CommandError(Exception):
    """A command cannot be carried out; the message says why. Nothing was written."""
