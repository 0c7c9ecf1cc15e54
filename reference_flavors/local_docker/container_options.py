"""The arguments that the containers of a run are created with."""

from __future__ import annotations

import os
import re
import sys
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import docker

from pytest_orchestrators import (
    GlobalConfiguration,
    PipelineDeployment,
    ResourceSettings,
    Step,
    StepEntrypointConfiguration,
)
from reference_flavors.local_docker.ownership import STEP_LABEL
from reference_flavors.local_docker.resources import limits
from reference_flavors.local_docker.sharing import (
    import_path,
    source_folders,
    source_mounts,
    stores_mount,
    volume_mounts,
)

if TYPE_CHECKING:
    from docker.models.images import Image

    from reference_flavors.local_docker.config import LocalDockerOrchestratorConfig

# What a process needs that runs as a user whom the image does not know.
_HOME = {"HOME": "/tmp", "USER": "step", "LOGNAME": "step"}


class ContainerOptions:
    """Arguments for docker-py's ``containers.create``: the same for all steps of a run, but for a few."""

    def __init__(
        self,
        config: LocalDockerOrchestratorConfig,
        deployment: PipelineDeployment,
        image: Image,
        image_name: str,
        labels: Mapping[str, str],
        environment: Mapping[str, str],
    ) -> None:
        """``environment`` is what the step's entrypoint needs, ``labels`` say whose the containers are."""
        self._config = config
        self._pipeline = deployment.pipeline.name
        self._labels = labels
        folders = source_folders() if config.mount_sources else []
        path = import_path(folders, image.attrs["Config"]["Env"] or [])
        self._common: dict[str, Any] = {
            "image": image_name,
            "environment": {
                **_HOME, "PYTHONUNBUFFERED": "1", "PYTHONPATH": path, **config.environment, **environment,
            },
            "mounts": [
                *source_mounts(folders),
                *volume_mounts(config.volumes),
                stores_mount(GlobalConfiguration().local_stores_path),
            ],
            "init": True,
            # For `docker logs`. The lines are logged here, so the engine need not keep them all.
            "log_config": docker.types.LogConfig(type="json-file", config={"max-size": "10m"}),
            "user": None if sys.platform == "win32" else f"{os.getuid()}:{os.getgid()}",
            "network_mode": config.network_mode,
            "extra_hosts": config.extra_hosts,
            "platform": config.platform,
        }  # fmt: skip

    def of(self, step: Step) -> dict[str, Any]:
        """Return the arguments for the container of a step."""
        name = step.config.name
        entrypoint = StepEntrypointConfiguration
        return {
            **self._common,
            **limits(self.resources_of(step)),
            "name": self._container_name(name),
            "labels": {**self._labels, STEP_LABEL: name},
            "command": [
                *entrypoint.get_entrypoint_command(python=self._config.python),
                *entrypoint.get_entrypoint_arguments(step_name=name),
            ],
            **self._config.run_args,
        }

    def resources_of(self, step: Step) -> ResourceSettings:
        """Return what the container of a step is limited to."""
        limits = {"memory": self._config.memory, "cpu_count": self._config.cpu_count}
        if self._config.apply_resources:
            limits |= step.config.resource_settings.model_dump(exclude_none=True)
        return ResourceSettings.model_validate(limits)

    def _container_name(self, step: str) -> str:
        readable = [re.sub(r"[^a-zA-Z0-9_.-]", "_", name)[:40] for name in (self._pipeline, step)]
        return "-".join(["step", *readable, uuid.uuid4().hex[:8]])
