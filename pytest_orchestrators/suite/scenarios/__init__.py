"""Scenarios: named histories. Each is carried out once per flavor and session, whoever looks at it."""

from __future__ import annotations

from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.scenarios import caching, elsewhere, failing, limits, running
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.running import FIRST

__all__ = ["FIRST", "scenario", "scenario_names"]

_MODULES = (running, caching, failing, limits, elsewhere)


def scenario_names() -> tuple[str, ...]:
    """All scenarios, in the order in which they are carried out."""
    return tuple(name for module in _MODULES for name in module.SCENARIOS)


def scenario(name: str, seed: str) -> History:
    """Build one scenario with names drawn from the session's seed.

    Raises:
        KeyError: there is no scenario of this name.
    """
    for module in _MODULES:
        if name in module.SCENARIOS:
            actions = module.SCENARIOS[name](Names(f"{seed}/{name}"))
            return History(name=name, actions=tuple(actions))
    raise KeyError(f"there is no scenario {name!r}; known: {', '.join(scenario_names())}")
