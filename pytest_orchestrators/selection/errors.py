"""What can be wrong with a choice of flavor."""

from __future__ import annotations


class SelectionError(Exception):
    """A flavor, a setting or a configuration cannot be used; the message says which, where, and why."""
