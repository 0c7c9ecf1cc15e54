"""State of this process that belongs to everybody in it: before and after."""

from __future__ import annotations

import logging
import os
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_orchestrators.suite.observers.loggers import LoggerState, logger_changes, loggers
from pytest_orchestrators.suite.observers.origins import Origin, Origins, Told, is_installed


@dataclass(frozen=True)
class ProcessState:
    """Everything in a process of which a run may change nothing for good."""

    folder: str
    environment: Mapping[str, str]
    imports: tuple[str, ...]
    signals: Mapping[int, Any]
    filters: tuple[Any, ...]
    loggers: Mapping[str, LoggerState]
    silenced: int
    modules: frozenset[str]

    @classmethod
    def now(cls) -> ProcessState:
        """As it is now."""
        return cls(
            folder=_folder(),
            environment=dict(os.environ),
            imports=tuple(str(entry) for entry in sys.path),
            signals={number: signal.getsignal(number) for number in signal.valid_signals()},
            filters=tuple(warnings.filters),
            loggers=loggers(),
            silenced=logging.root.manager.disable,
            modules=frozenset(sys.modules),
        )


def _folder() -> str:
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return "a folder that is gone"


def state_changes(before: ProcessState, after: ProcessState, origins: Origins) -> Iterator[Told]:
    """What is not as it was, and where it was changed, if that was seen."""
    yield from _folder_changes(before, after, origins)
    yield from _environment_changes(before.environment, after.environment, origins)
    yield from _import_changes(before.imports, after.imports)
    yield from _signal_changes(before.signals, after.signals, origins)
    yield from _filter_changes(before, after.filters, origins)
    yield from logger_changes(before.loggers, after.loggers, origins)
    if before.silenced != after.silenced:
        yield f"logging is disabled up to level {after.silenced}", Origin()


def _folder_changes(before: ProcessState, after: ProcessState, origins: Origins) -> Iterator[Told]:
    if before.folder != after.folder:
        what = f"the working directory went from {before.folder} to {after.folder}"
        yield what, origins.of("working directory")


def _environment_changes(
    before: Mapping[str, str], after: Mapping[str, str], origins: Origins
) -> Iterator[Told]:
    """Values are not told, which may be secrets. What a library adds while it is imported is no run's."""
    for name in sorted(before.keys() | after.keys()):
        origin = origins.of("environment", name)
        if name not in after:
            yield f"environment variable {name} is gone", origin
        elif name not in before and not origin.importing:
            yield f"environment variable {name} is new", origin
        elif name in before and before[name] != after[name]:
            yield f"environment variable {name} has another value", origin


def _import_changes(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Told]:
    new, gone = Counter(after) - Counter(before), Counter(before) - Counter(after)
    for entry in new:
        if not is_installed(entry):
            yield f"sys.path has a new entry {entry!r}", Origin()
    for entry in gone:
        yield f"sys.path has lost its entry {entry!r}", Origin()
    if not new and not gone and before != after:
        yield "sys.path is in another order", Origin()


def _signal_changes(before: Mapping[int, Any], after: Mapping[int, Any], origins: Origins) -> Iterator[Told]:
    for number, was in before.items():
        if after[number] != was:
            name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
            what = f"the handler of {name} went from {_function(was)} to {_function(after[number])}"
            yield what, origins.of("signal", int(number))


def _function(handler: Any) -> str:
    code = getattr(handler, "__code__", None)
    if code is None:
        return getattr(handler, "name", None) or repr(handler)
    return f"{handler.__qualname__} ({code.co_filename}:{code.co_firstlineno})"


def _filter_changes(state: ProcessState, after: tuple[Any, ...], origins: Origins) -> Iterator[Told]:
    """What a library sets while it is imported is no run's, nor is what one that was not there before sets
    about a category of its own.
    """
    before = state.filters
    for item in dict.fromkeys(after):
        action, message, category, module, _ = item
        origin = origins.of("filter", item)
        if item not in before and not origin.importing and category.__module__ in state.modules:
            about = [str(getattr(p, "pattern", p)) for p in (message, module) if p is not None]
            yield f"a new warning filter: {' '.join([action, category.__name__, *about])}", origin
    gone = [item for item in dict.fromkeys(before) if item not in after]
    if gone:
        yield f"{len(gone)} warning filters are gone, the first of them {gone[0]}", Origin()
    elif [item for item in after if item in before][:1] != list(before[:1]):
        yield "the first of the warning filters is another one", Origin()
