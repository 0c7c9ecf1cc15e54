"""What a user can say about the image of a pipeline."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator

from pytest_orchestrators.contract.deployment.base import DeploymentModel
from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
from pytest_orchestrators.contract.errors import PipelineError

DOCKER_SETTINGS_KEY = "docker"

_LEFT_OUT = (
    ".git", ".hg", ".tox", ".nox", ".venv*", "**/__pycache__", "**/*.egg-info", "**/.mypy_cache",
    "**/.pytest_cache", "**/.ruff_cache", "**/.hypothesis", "**/node_modules",
)  # fmt: skip
# All of it ends up in a Dockerfile or in a file beside it, where a line break would begin something new.
_OneLine = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]*$")]
_AptPackage = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9+.-]*(:[a-z0-9]+)?(=[A-Za-z0-9.+:~-]+)?$")]


class DockerSettings(DeploymentModel):
    """How the image is made that the steps of a pipeline run in: ``Pipeline(..., settings={"docker": ...})``.

    ``parent_image``: what it is built upon; without one, the image that
    ``python -m pytest_orchestrators.contract.containers.parent_image`` makes from the running interpreter.
    ``requirements``: what pip is to install, a line of a requirements file each.
    ``apt_packages``: what apt-get is to install, ``name`` or ``name=version``.
    ``environment``: variables of every process in the image.
    ``build_context``: a folder to copy to ``/app``, where Python then imports from and steps run.
    ``leave_out``: what is not copied, beside caches and virtual environments, in the patterns of a
    ``.dockerignore`` file (which is honoured, too).
    ``user``: whom the image's processes run as, unless whoever starts them says otherwise.
    """

    parent_image: _OneLine | None = None
    requirements: list[_OneLine] = Field(default_factory=list)
    apt_packages: list[_AptPackage] = Field(default_factory=list)
    environment: dict[str, str] = Field(default_factory=dict)
    build_context: Path | None = None
    leave_out: list[_OneLine] = Field(default_factory=list)
    user: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+)?$")] | None = None

    @field_validator("environment")
    @classmethod
    def _check_environment(cls, environment: dict[str, str]) -> dict[str, str]:
        for name, value in environment.items():
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                raise ValueError(f"{name!r} is not a name for an environment variable.")
            if re.search(r"[\x00-\x1f\x7f]", value):
                raise ValueError(
                    f"The value of {name} holds a control character, which a Dockerfile cannot hold."
                )
        return environment

    @field_validator("build_context")
    @classmethod
    def _check_build_context(cls, folder: Path | None) -> Path | None:
        if folder is None:
            return None
        if not folder.expanduser().is_dir():
            raise ValueError(f"There is no folder '{folder}' to copy into the image.")
        return folder.expanduser().absolute()

    @classmethod
    def of(cls, deployment: PipelineDeployment) -> DockerSettings:
        """Return the settings that a pipeline was given. Raises PipelineError if they are not valid."""
        given = deployment.pipeline.settings.get(DOCKER_SETTINGS_KEY)
        try:
            return cls.model_validate({} if given is None else given)
        except ValidationError as error:
            where = f"The settings {DOCKER_SETTINGS_KEY!r} of pipeline {deployment.pipeline.name!r}"
            raise PipelineError(f"{where} are not valid: {error}") from error

    @property
    def ignored(self) -> list[str]:
        """All patterns of what is not copied."""
        ignore_file = self.build_context / ".dockerignore" if self.build_context else None
        lines = ignore_file.read_text().splitlines() if ignore_file and ignore_file.is_file() else []
        written = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        return [*_LEFT_OUT, *written, *self.leave_out]
