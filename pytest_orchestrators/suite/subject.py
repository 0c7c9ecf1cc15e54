"""What is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_orchestrators.suite.evidence import Environment, jsonable
from pytest_orchestrators.suite.family import Family
from pytest_orchestrators.suite.profile import with_implied
from pytest_orchestrators.suite.waivers import Waiver


@dataclass(frozen=True)
class Subject:
    """A flavor with its configuration, and the family that bridges to it.

    Attributes:
        name: the name by which the flavor was asked for.
        source: where it was found, for example `my_flavor:MyFlavor`.
        flavor: the flavor itself, as its family knows it.
        family: the bridge.
        config: the configuration that orchestrators are created with.
        capabilities: what the flavor declares that it can do.
        forks: whether it can be forked: it keeps no threads since it was imported.
        waivers: requirements that it is known to break.
    """

    name: str
    source: str
    flavor: Any
    family: Family
    config: Mapping[str, Any] = field(default_factory=dict)
    capabilities: frozenset[str] = frozenset()
    forks: bool = True
    waivers: tuple[Waiver, ...] = ()

    @property
    def profile(self) -> frozenset[str]:
        """The declared capabilities and what they imply."""
        return with_implied(self.capabilities)

    def environment(self) -> Environment:
        """What is judged, and on what it runs, as evidence."""
        return Environment(
            flavor=self.name,
            source=self.source,
            family=self.family.name,
            config={name: jsonable(value) for name, value in self.config.items()},
            capabilities=tuple(sorted(self.profile)),
            versions=dict(self.family.versions()),
        )
