"""The registry of right orchestrators: unlike each other, and all of them must pass everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pytest_orchestrators import BaseOrchestrator
from tests.broken.sins import flavor_of

AnyOrchestrator = TypeVar("AnyOrchestrator", bound=type[BaseOrchestrator])

righteous: list[type] = []


def right(orchestrator: AnyOrchestrator) -> AnyOrchestrator:
    """Register a right orchestrator, and give it a flavor as its attribute `Flavor`."""
    return right_with()(orchestrator)


def right_with(*capabilities: str, operators: bool = True) -> Callable[[AnyOrchestrator], AnyOrchestrator]:
    """Register a right orchestrator that declares more than others, or no step operators."""

    def register(orchestrator: AnyOrchestrator) -> AnyOrchestrator:
        made: Any = orchestrator
        made.Flavor = flavor_of(orchestrator, (*["step_operator"] * operators, *capabilities))
        righteous.append(made.Flavor)
        return orchestrator

    return register
