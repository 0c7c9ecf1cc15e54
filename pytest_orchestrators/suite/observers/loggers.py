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
    unknown = LoggerState({}, {})
    for name, now in after.items():
        was, own = before.get(name, unknown), name != logging.root.name
        for handler, level in now.handlers.items():
            origin = origins.of("handler", name, id(handler))
            if handler not in was.handlers:
                if not (own and (origin.importing or isinstance(handler, logging.NullHandler))):
                    yield f"{_logger(name)} has a new handler {handler!r}", origin
            elif was.handlers[handler] != level:
                changed = f"{logging.getLevelName(was.handlers[handler])} to {logging.getLevelName(level)}"
                yield f"the level of handler {handler!r} of {_logger(name)} went from {changed}", Origin()
        for handler in was.handlers.keys() - now.handlers.keys():
            yield f"{_logger(name)} has lost its handler {handler!r}", Origin()
        for setting, value in was.settings.items():
            origin = origins.of("level", name) if setting == "level" else Origin()
            if now.settings[setting] != value and not (own and origin.importing):
                shown = [_value(setting, one) for one in (value, now.settings[setting])]
                yield f"{setting} of {_logger(name)} went from {shown[0]} to {shown[1]}", origin


def _value(setting: str, value: Any) -> str:
    return logging.getLevelName(value) if setting == "level" else str(value)


def _logger(name: str) -> str:
    return "the root logger" if name == logging.root.name else f"logger {name!r}"
