"""All that the person at the command line and the table say about flavors, put together."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_orchestrators.selection.configuration import parse_configuration
from pytest_orchestrators.selection.settings import read_settings
from pytest_orchestrators.selection.subject import subject_of
from pytest_orchestrators.selection.waiving import with_waivers
from pytest_orchestrators.suite.subject import Subject

#: What is meant when nobody says anything.
FALLBACK = "local"


def bind(root: Path, asked: Sequence[str], given: Sequence[str], folder: Path) -> tuple[Subject, ...]:
    """Build the flavors that are asked for; none asked for is the table's default, else `local`.

    Args:
        root: the root directory, whose `pyproject.toml` holds the table.
        asked: names, or `module:Class`.
        given: configuration for all of them, as `parse_configuration` takes it.
        folder: what names of configuration files are relative to.

    Raises:
        SelectionError: one of them, the table or the configuration cannot be used.
    """
    settings = read_settings(root)
    configuration = parse_configuration(given, folder)
    names = dict.fromkeys(asked or [settings.default or FALLBACK])
    subjects = [subject_of(name, settings, configuration) for name in names]
    counts = Counter(subject.name for subject in subjects)
    told_apart = [replace(s, name=s.source) if counts[s.name] > 1 else s for s in subjects]
    return with_waivers(told_apart, settings, root)


def make_importable(folder: Path) -> Callable[[], None]:
    """Put a folder at the head of `sys.path`, as `python -m pytest` does; the result takes it off again."""
    entry = str(folder)
    if entry in sys.path:
        return lambda: None
    sys.path.insert(0, entry)
    return lambda: sys.path.remove(entry) if entry in sys.path else None
