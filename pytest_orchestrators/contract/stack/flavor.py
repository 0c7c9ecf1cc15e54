"""A flavor: the name under which one kind of component is known, and how to make one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias

from pydantic import ValidationError

from pytest_orchestrators.contract.errors import StackError
from pytest_orchestrators.contract.stack.component import (
    StackComponent,
    StackComponentConfig,
    StackComponentType,
)

# Inside a flavor, whose component type is called ``type``, the built-in of that name is out of sight.
ConfigClass: TypeAlias = type[StackComponentConfig]
ComponentClass: TypeAlias = type[StackComponent]


class Flavor(ABC):
    """Base of all flavors. In a subclass, plain class attributes do as well as properties.

    ``capabilities`` names what components of this flavor can do beyond the core of the contract.
    """

    capabilities: ClassVar[frozenset[str]] = frozenset()

    @property
    @abstractmethod
    def name(self) -> str:
        """The flavor's name, an identifier."""

    @property
    @abstractmethod
    def type(self) -> StackComponentType:
        """What kind of component it makes."""

    @property
    @abstractmethod
    def config_class(self) -> ConfigClass:
        """The class of its components' configuration."""

    @property
    @abstractmethod
    def implementation_class(self) -> ComponentClass:
        """The class of its components."""

    def create(
        self, config: StackComponentConfig | Mapping[str, Any] | None = None, name: str | None = None
    ) -> StackComponent:
        """Make a component, named after the flavor unless ``name`` is given.

        ``config`` may be a `config_class`, the plain data of one, or nothing for the defaults.
        Raises StackError, naming flavor and field, when it does not fit.
        """
        return self.implementation_class(name=name or self.name, config=self._validated(config))

    def _validated(self, config: StackComponentConfig | Mapping[str, Any] | None) -> StackComponentConfig:
        if isinstance(config, self.config_class):
            return config
        if isinstance(config, StackComponentConfig):
            expected, given = self.config_class.__name__, type(config).__name__
            raise StackError(f"Flavor {self.name!r} is configured by a {expected}, not by a {given}.")
        try:
            return self.config_class.model_validate(dict(config or {}))
        except ValidationError as error:
            raise StackError(f"The configuration of flavor {self.name!r} is not valid: {error}") from error
