"""What is set on the loggers of this process: before and after."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_orchestrators.suite.observers.origins import Origin, Origins, Told

_SETTINGS = ("level", "propagate", "disabled")


@dataclass(frozen=True)
class LoggerState:
    """What is set on a logger: its handlers, each with its level, and the rest by name."""

    handlers: Mapping[logging.Handler, int]
    settings: Mapping[str, Any]


def loggers() -> dict[str, LoggerState]:
    """All loggers that there are, as they are now, by name."""
    known = [logging.root, *logging.root.manager.loggerDict.copy().values()]
    return {
        logger.name: LoggerState(
            handlers={handler: handler.level for handler in logger.handlers},
            settings={name: getattr(logger, name) for name in _SETTINGS},
        )
        for logger in known
        if isinstance(logger, logging.Logger)
    }


def logger_changes(
    before: Mapping[str, LoggerState], after: Mapping[str, LoggerState], origins: Origins
) -> Iterator[Told]:
    """What is not as it was, and where it was changed.

    What a library sets on its loggers while it is imported is not the run's doing; the levels of loggers that
    were not there before are nobody's business.
    """
    for name, now in after.items():
        was = before.get(name)
        if now != was:
            yield from _handler_changes(name, was.handlers if was else {}, now.handlers, origins)
            yield from _setting_changes(name, was.settings if was else {}, now.settings, origins)


def _handler_changes(
    name: str, before: Mapping[logging.Handler, int], after: Mapping[logging.Handler, int], origins: Origins
) -> Iterator[Told]:
    for handler, level in after.items():
        if handler not in before:
            origin = origins.of("handler", name, id(handler))
            silent = origin.importing or isinstance(handler, logging.NullHandler)
            if name == logging.root.name or not silent:
                yield f"{_logger(name)} has a new handler {handler!r}", origin
        elif before[handler] != level:
            changed = f"{_value('level', before[handler])} to {_value('level', level)}"
            yield f"the level of handler {handler!r} of {_logger(name)} went from {changed}", Origin()
    for handler in before.keys() - after.keys():
        yield f"{_logger(name)} has lost its handler {handler!r}", Origin()


def _setting_changes(
    name: str, before: Mapping[str, Any], after: Mapping[str, Any], origins: Origins
) -> Iterator[Told]:
    for setting, was in before.items():
        origin = origins.of("level", name) if setting == "level" else Origin()
        if after[setting] != was and (name == logging.root.name or not origin.importing):
            changed = f"{_value(setting, was)} to {_value(setting, after[setting])}"
            yield f"{setting} of {_logger(name)} went from {changed}", origin


def _value(setting: str, value: Any) -> str:
    return logging.getLevelName(value) if setting == "level" else str(value)


def _logger(name: str) -> str:
    return "the root logger" if name == logging.root.name else f"logger {name!r}"
