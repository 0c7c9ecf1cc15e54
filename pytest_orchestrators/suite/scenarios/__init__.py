"""Scenarios: named histories. Each is carried out once per flavor and session, whoever looks at it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.scenarios import (
    caching,
    elsewhere,
    failing,
    hostile,
    limits,
    overlapping,
    running,
    surviving,
)
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.running import FIRST

__all__ = ["FIRST", "scenario", "scenario_names"]

_MODULES = (running, caching, failing, limits, overlapping, elsewhere, surviving, hostile)


def scenario_names() -> tuple[str, ...]:
    """All scenarios, in the order in which they are carried out."""
    return tuple(name for module in _MODULES for name in module.SCENARIOS)


def scenario(name: str, seed: str) -> History:
    """Build one scenario with names drawn from the session's seed.

    Raises:
        KeyError: there is no scenario of this name.
    """
    actions = _function(name)(Names(f"{seed}/{name}"))
    return History(name=name, actions=tuple(actions))


def sentence(name: str) -> str:
    """What is done in a scenario, in words.

    Raises:
        KeyError: there is no scenario of this name.
    """
    return " ".join((inspect.getdoc(_function(name)) or "").split())


def _function(name: str) -> Callable[[Names], Iterable[Any]]:
    for module in _MODULES:
        if name in module.SCENARIOS:
            found: Callable[[Names], Iterable[Any]] = module.SCENARIOS[name]
            return found
    raise KeyError(f"there is no scenario {name!r}; known: {', '.join(scenario_names())}")
