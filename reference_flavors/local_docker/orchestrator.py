"""An orchestrator that runs every step in a container of its own."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import docker

from pytest_orchestrators import (
    ORCHESTRATOR_DOCKER_IMAGE_KEY,
    BaseOrchestrator,
    DeploymentError,
    PipelineDeployment,
    PipelineDockerImageBuilder,
    ResourceSettings,
    Stack,
    Step,
    connect_to_engine,
    handover,
    raise_step_error,
)
from reference_flavors.local_docker.config import LocalDockerOrchestratorConfig
from reference_flavors.local_docker.container_options import ContainerOptions
from reference_flavors.local_docker.errors import (
    ContainerImageMissingError,
    StepExitError,
    StepOutOfMemoryError,
)
from reference_flavors.local_docker.interrupts import termination_unwinds
from reference_flavors.local_docker.ownership import owned_run, sweep
from reference_flavors.local_docker.step_container import StepContainer

if TYPE_CHECKING:
    from docker.models.images import Image

logger = logging.getLogger(__name__)


class LocalDockerOrchestrator(BaseOrchestrator):
    """Runs the steps one after the other, each in a container of its own, on the engine of this host.

    The image is built before the run (`DockerSettings` in the pipeline's settings say how). The containers
    see the local stores folder under its own path, and run as the user of this process. What steps print is
    logged as it comes, and a step's exception is raised here as it was raised there. Containers are removed
    whatever happens, and what a killed run has left behind is removed by the next one.
    """

    CONFIG_CLASS = LocalDockerOrchestratorConfig

    #: Run and step of the last run, and what the step's container was limited to.
    applied_resources: tuple[str, dict[str, ResourceSettings]] = ("", {})

    @property
    def config(self) -> LocalDockerOrchestratorConfig:
        """The configuration."""
        assert isinstance(self._config, LocalDockerOrchestratorConfig)
        return self._config

    def prepare_pipeline_deployment(self, deployment: PipelineDeployment, stack: Stack) -> None:
        """Build the image, and push it if the stack has a registry; record its name in the deployment.

        Raises ContainerEngineError, ImageBuildError, and PipelineError for invalid Docker settings.
        """
        with connect_to_engine() as client:
            builder = PipelineDockerImageBuilder(client)
            image = builder.build_and_push_docker_image(deployment, stack)
        deployment.add_extra(ORCHESTRATOR_DOCKER_IMAGE_KEY, image)

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> None:
        """Run all steps; the first failure ends the run.

        Raises what the step raised, or the StepContainerError that says what became of its container;
        ContainerEngineError without an engine; StackError if a store cannot be shared with containers;
        DeploymentError if no image was built.
        """
        self.warn_schedule_ignored(deployment)
        stack.check_local_paths()
        image_name = _image_of(deployment)
        with (
            termination_unwinds(),
            connect_to_engine() as client,
            owned_run(deployment.run_name) as labels,
            handover(deployment, stack) as environment,
        ):
            sweep(client)
            image = _image(client, image_name, first_step=next(iter(deployment.steps), ""))
            self.applied_resources = (deployment.run_name, {})
            options = ContainerOptions(self.config, deployment, image, image_name, labels, environment)
            for step in deployment.steps.values():
                if not self.config.apply_resources:
                    self.warn_resources_ignored(step)
                self._run_in_container(client, step, options, environment)

    def _run_in_container(
        self,
        client: docker.DockerClient,
        step: Step,
        options: ContainerOptions,
        environment: dict[str, str],
    ) -> None:
        name = step.config.name
        logger.info("Running step `%s` in Docker:", name)
        container = StepContainer(client, name, options.of(step))
        self.applied_resources[1][name] = options.resources_of(step)
        try:
            container.run(self.config.step_timeout_s, self.config.stop_grace_s)
        except (StepExitError, StepOutOfMemoryError) as error:
            self.settle_step(step)
            raise_step_error(environment, name, otherwise=error)
        except BaseException:
            self.settle_step(step)
            raise
        if not self.settle_step(step):
            problem = "ended with exit code 0 and without a result on the record"
            raise StepExitError(name, problem, 0, container.last_lines)


def _image_of(deployment: PipelineDeployment) -> str:
    try:
        return str(deployment.pipeline.extra[ORCHESTRATOR_DOCKER_IMAGE_KEY])
    except KeyError:
        raise DeploymentError(
            f"No image was built for pipeline {deployment.pipeline.name!r}: call "
            "`stack.prepare_pipeline_deployment(deployment)` before it is run."
        ) from None


def _image(client: docker.DockerClient, name: str, first_step: str) -> Image:
    try:
        return client.images.get(name)
    except docker.errors.ImageNotFound as error:
        problem = f"cannot be started: the image {name} is not in the engine any more"
        raise ContainerImageMissingError(first_step, problem) from error
