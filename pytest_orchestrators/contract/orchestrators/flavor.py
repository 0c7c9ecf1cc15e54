"""The flavor that all orchestrators' flavors build upon."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from pytest_orchestrators.contract.orchestrators.config import BaseOrchestratorConfig
from pytest_orchestrators.contract.stack.component import StackComponentConfig, StackComponentType
from pytest_orchestrators.contract.stack.flavor import Flavor

if TYPE_CHECKING:
    from pytest_orchestrators.contract.orchestrators.base import BaseOrchestrator

    OrchestratorClass: TypeAlias = type[BaseOrchestrator]

ConfigClass: TypeAlias = type[BaseOrchestratorConfig]


class BaseOrchestratorFlavor(Flavor):
    """Base of all orchestrator flavors: a subclass gives ``name`` and ``implementation_class``."""

    @property
    def type(self) -> StackComponentType:
        """The orchestrator component type."""
        return StackComponentType.ORCHESTRATOR

    @property
    def config_class(self) -> ConfigClass:
        """`BaseOrchestratorConfig`, for flavors without a configuration of their own."""
        return BaseOrchestratorConfig

    @property
    @abstractmethod
    def implementation_class(self) -> OrchestratorClass:
        """The orchestrator class."""

    def create(
        self, config: StackComponentConfig | Mapping[str, Any] | None = None, name: str | None = None
    ) -> BaseOrchestrator:
        """Make an orchestrator; see `Flavor.create`."""
        return cast("BaseOrchestrator", super().create(config, name))
