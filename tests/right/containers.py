"""A right orchestrator on containers, unlike the reference. It is judged where an engine answers."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any, ClassVar

import docker

from pytest_orchestrators import (
    ORCHESTRATOR_DOCKER_IMAGE_KEY,
    BaseOrchestrator,
    GlobalConfiguration,
    PipelineDeployment,
    PipelineDockerImageBuilder,
    Stack,
    StepEntrypointConfiguration,
    connect_to_engine,
    handover,
    raise_step_error,
)
from reference_flavors.local_docker.sharing import source_folders, source_mounts
from tests.broken.sins import flavor_of

if TYPE_CHECKING:
    from docker.models.containers import Container

logger = logging.getLogger(__name__)


class PlainContainers(BaseOrchestrator):
    """Every step in a container, as one writes it with docker-py in an afternoon."""

    label: ClassVar[str] = "plain-containers"

    def prepare_pipeline_deployment(self, deployment: PipelineDeployment, stack: Stack) -> None:
        with connect_to_engine() as client:
            image = PipelineDockerImageBuilder(client).build_and_push_docker_image(deployment, stack)
        deployment.add_extra(ORCHESTRATOR_DOCKER_IMAGE_KEY, image)

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        image = deployment.pipeline.extra[ORCHESTRATOR_DOCKER_IMAGE_KEY]
        with connect_to_engine() as client, handover(deployment, stack) as environment:
            for name, step in deployment.steps.items():
                self.warn_resources_ignored(step)
                try:
                    self.run_container(client, self.options(name, str(image), environment))
                except RuntimeError as error:
                    raise_step_error(environment, name, otherwise=error)

    def options(self, name: str, image: str, environment: dict[str, str]) -> dict[str, Any]:
        """Arguments for the container of a step."""
        entrypoint = StepEntrypointConfiguration
        folders = source_folders()
        stores = str(GlobalConfiguration().local_stores_path)
        return {
            "image": image,
            "command": [
                *entrypoint.get_entrypoint_command(python="python"),
                *entrypoint.get_entrypoint_arguments(step_name=name),
            ],
            "environment": {
                **environment,
                "HOME": "/tmp",
                "USER": "somebody",
                "PYTHONPATH": os.pathsep.join(map(str, folders)),
            },
            "mounts": [*source_mounts(folders), docker.types.Mount(stores, stores, type="bind")],
            "user": f"{os.getuid()}:{os.getgid()}",
            "labels": {self.label: name},
            "init": True,
        }

    def run_container(self, client: docker.DockerClient, options: dict[str, Any]) -> None:
        """Run one container to its end."""
        container = client.containers.create(**options)
        try:
            container.start()
            self.follow(container)
            self.judge(container, int(container.wait()["StatusCode"]))
        except BaseException as error:
            self.dispose(container, error)
            raise
        self.dispose(container)

    def follow(self, container: Container) -> None:
        """Log what it prints, as it comes."""
        for line in container.logs(stream=True, follow=True):
            logger.info(line.decode().rstrip())

    def judge(self, container: Container, code: int) -> None:
        """Raise unless it has ended well."""
        if code:
            raise self.error(container, code)

    def dispose(self, container: Container, error: BaseException | None = None) -> None:
        """Remove it, whatever came of it."""
        del error
        container.remove(force=True)

    def error(self, container: Container, code: int) -> RuntimeError:
        """What is raised for an exit code."""
        return RuntimeError(f"exit code {code}:\n{container.logs(tail=20).decode()}")


Flavor = flavor_of(PlainContainers, ("step_operator", "containers"))
