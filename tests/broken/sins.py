"""The registry of wrong orchestrators: each has one sin, and the requirements that name it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pytest_orchestrators import BaseOrchestrator, BaseOrchestratorFlavor

AnyClass = TypeVar("AnyClass", bound=type)


@dataclass(frozen=True)
class Sinner:
    """A flavor that is wrong in one way.

    Attributes:
        source: where it is, as `--orchestrator-flavor` takes it.
        flavor: its flavor class.
        named_by: the requirements that must fail with it.
    """

    source: str
    flavor: type[BaseOrchestratorFlavor]
    named_by: tuple[str, ...]

    @property
    def name(self) -> str:
        """The class, without its package."""
        return self.source.removeprefix("tests.broken.").removeprefix("tests.subtle.")

    @property
    def told(self) -> str:
        """What is wrong with it, in its own words."""
        made = self.source.endswith(".Flavor")
        wrong = self.flavor.implementation_class if made else self.flavor
        return " ".join((wrong.__doc__ or "").split())


sinners: list[Sinner] = []


def sin(
    *named_by: str, capabilities: tuple[str, ...] = ("step_operator",), among: list[Sinner] | None = None
) -> Callable[[AnyClass], AnyClass]:
    """Register a wrong flavor, or a wrong orchestrator, which is given a flavor as its attribute `Flavor`."""

    def register(wrong: AnyClass) -> AnyClass:
        source = f"{wrong.__module__}:{wrong.__qualname__}"
        flavor: Any = wrong
        if issubclass(wrong, BaseOrchestrator):
            source += ".Flavor"
            flavor = wrong.Flavor = flavor_of(wrong, capabilities)  # type: ignore[attr-defined]
        (sinners if among is None else among).append(Sinner(source, flavor, named_by))
        return wrong

    return register


def flavor_of(
    orchestrator: type[BaseOrchestrator], capabilities: tuple[str, ...]
) -> type[BaseOrchestratorFlavor]:
    """A flavor with nothing to it but the orchestrator's class."""
    members = {
        "__module__": orchestrator.__module__,
        "__qualname__": f"{orchestrator.__qualname__}.Flavor",
        "name": orchestrator.__name__,
        "config_class": orchestrator.CONFIG_CLASS,
        "implementation_class": orchestrator,
        "capabilities": frozenset(capabilities),
    }
    return type("Flavor", (BaseOrchestratorFlavor,), members)
