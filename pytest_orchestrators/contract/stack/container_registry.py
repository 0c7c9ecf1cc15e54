"""Container registries: where images go that other hosts have to pull."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from pytest_orchestrators.contract.stack.component import (
    StackComponent,
    StackComponentConfig,
    StackComponentType,
)


class ContainerRegistryConfig(StackComponentConfig):
    """Configuration of a `ContainerRegistry`: its ``uri``, such as ``registry.example.com/team``."""

    uri: str = Field(min_length=1)

    @property
    def is_local(self) -> bool:
        """Whether the registry is on this host."""
        return self.uri.split("/")[0].split(":")[0] in ("localhost", "127.0.0.1")


class ContainerRegistry(StackComponent):
    """A container registry, known by its URI."""

    TYPE = StackComponentType.CONTAINER_REGISTRY
    CONFIG_CLASS: ClassVar[type[StackComponentConfig]] = ContainerRegistryConfig

    @property
    def config(self) -> ContainerRegistryConfig:
        """The configuration."""
        assert isinstance(self._config, ContainerRegistryConfig)
        return self._config

    @property
    def uri(self) -> str:
        """The registry's URI without a trailing slash."""
        return self.config.uri.rstrip("/")
