"""Artifact stores: where the outputs of steps are kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from pydantic import field_validator

from pytest_orchestrators.contract.files import absolute_path
from pytest_orchestrators.contract.stack.component import (
    StackComponent,
    StackComponentConfig,
    StackComponentType,
)


class BaseArtifactStore(StackComponent, ABC):
    """Base of all artifact stores."""

    TYPE = StackComponentType.ARTIFACT_STORE

    @property
    @abstractmethod
    def path(self) -> str:
        """The root under which all artifacts are kept; every pipeline has a folder of its own in it."""


class LocalArtifactStoreConfig(StackComponentConfig):
    """Configuration of a `LocalArtifactStore`. A relative path is taken from the current folder, now."""

    path: Path

    @field_validator("path")
    @classmethod
    def _make_absolute(cls, path: Path) -> Path:
        if "://" in str(path) or ":/" in str(path):
            raise ValueError(f"{str(path)!r} looks like a URL: a local artifact store needs a folder.")
        return absolute_path(path)

    @property
    def is_local(self) -> bool:
        """True: other hosts do not see this folder."""
        return True


class LocalArtifactStore(BaseArtifactStore):
    """An artifact store in a folder of this host."""

    CONFIG_CLASS: ClassVar[type[StackComponentConfig]] = LocalArtifactStoreConfig

    @classmethod
    def at(cls, path: str | Path, name: str = "default") -> LocalArtifactStore:
        """Make a store that keeps its artifacts under the folder ``path``."""
        return cls(name=name, config=LocalArtifactStoreConfig(path=Path(path)))

    @property
    def config(self) -> LocalArtifactStoreConfig:
        """The configuration."""
        assert isinstance(self._config, LocalArtifactStoreConfig)
        return self._config

    @property
    def path(self) -> str:
        """The folder, as an absolute path."""
        return str(self.config.path)

    @property
    def local_path(self) -> str:
        """The folder: a step's process has to reach it."""
        return self.path
