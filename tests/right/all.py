"""All right orchestrators."""

from __future__ import annotations

from tests.right import (
    calls,
    containers,
    elsewhere,
    hostile,
    in_this_process,
    leaving,
    relying,
    submitting,
    wording,
)
from tests.right.flavors import righteous

MODULES = (in_this_process, relying, wording, calls, submitting, leaving, hostile, elsewhere)


def every() -> tuple[type, ...]:
    """Every right orchestrator that can be judged anywhere, in the order of the modules."""
    names = [module.__name__ for module in MODULES]
    return tuple(sorted(righteous, key=lambda flavor: names.index(flavor.__module__)))


def in_containers() -> tuple[type, ...]:
    """Every right orchestrator that needs a container engine to be judged."""
    return (containers.Flavor,)
