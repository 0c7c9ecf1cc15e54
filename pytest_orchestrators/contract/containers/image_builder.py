"""Building the image that the steps of a pipeline run in."""

from __future__ import annotations

import logging
import tempfile
from typing import TYPE_CHECKING

import docker

from pytest_orchestrators.contract.containers.build_context import BuildContext
from pytest_orchestrators.contract.containers.build_log import follow
from pytest_orchestrators.contract.containers.engine import engine_errors, find_image
from pytest_orchestrators.contract.containers.settings import DockerSettings
from pytest_orchestrators.contract.containers.turns import one_at_a_time
from pytest_orchestrators.contract.errors import ImageBuildError

if TYPE_CHECKING:
    from docker.models.images import Image

    from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
    from pytest_orchestrators.contract.stack.stack import Stack

logger = logging.getLogger(__name__)

ORCHESTRATOR_DOCKER_IMAGE_KEY = "orchestrator_docker_image"
"""Where an orchestrator that builds an image records it in the ``extra`` of a deployment's pipeline."""

REPOSITORY = "pytest-orchestrators-pipeline"


class PipelineDockerImageBuilder:
    """Builds the image of a pipeline from its `DockerSettings`.

    Nothing that changes from run to run is in the image, and its tag stands for its content: what has been
    built once is not built again. All methods raise ContainerEngineError if the engine does not answer,
    ImageBuildError with the last lines of a build that fails, and PipelineError for invalid settings.
    """

    def __init__(self, client: docker.DockerClient) -> None:
        self._client = client

    def get_target_image_name(self, deployment: PipelineDeployment) -> str:
        """Return the name and tag that the image of a deployment has in the engine.

        The parent image is pulled, or made from the running interpreter, if it is not there.
        """
        return self._name_of(self._context_of(deployment))

    def build_docker_image(
        self, target_image_name: str, deployment: PipelineDeployment, stack: Stack
    ) -> None:
        """Build the image under the given name, unless there is one of that name."""
        del stack
        self._build(target_image_name, self._context_of(deployment))

    def build_and_push_docker_image(self, deployment: PipelineDeployment, stack: Stack) -> str:
        """Build the image, push it if the stack has a container registry, and return how it is named then.

        That is its digest in the registry's repository, ``registry/repository@sha256:...``, or, without a
        registry, name and tag.
        """
        context = self._context_of(deployment)
        name = self._name_of(context)
        self._build(name, context)
        return self._push(name, stack.container_registry.uri) if stack.container_registry else name

    def _context_of(self, deployment: PipelineDeployment) -> BuildContext:
        settings = DockerSettings.of(deployment)
        parent = self._parent_image(settings.parent_image)
        return BuildContext(settings, str(parent.id), parent.attrs["Config"].get("User") or "")

    @staticmethod
    def _name_of(context: BuildContext) -> str:
        return f"{REPOSITORY}:{context.digest}"

    def _parent_image(self, name: str | None) -> Image:
        if name is None:
            # Not before it is needed: every step's process imports this module with its orchestrator.
            from pytest_orchestrators.contract.containers.parent_image.making import (
                DEFAULT_DISTRIBUTIONS,
                ParentImageContents,
                ensure_parent_image,
            )

            contents = ParentImageContents.of(DEFAULT_DISTRIBUTIONS)
            # Code that is being worked on reaches steps by mounts or by the build context.
            return ensure_parent_image(self._client, contents, sources=False)
        with engine_errors(f"look for the parent image {name}"):
            present = find_image(self._client, name)
            return present or self._pull(name)

    def _pull(self, name: str) -> Image:
        try:
            logger.info("Pulling the parent image %s.", name)
            return self._client.images.pull(name, tag=None if ":" in name.rpartition("/")[2] else "latest")
        except docker.errors.APIError as error:
            raise ImageBuildError(
                f"The parent image {name!r} is not in the engine and cannot be pulled: "
                f"{error.explanation or error}. Where no registry can be reached, `python -m "
                "pytest_orchestrators.contract.containers.parent_image` makes one from this interpreter."
            ) from error

    def _build(self, name: str, context: BuildContext) -> None:
        with engine_errors(f"build the image {name}"):
            if find_image(self._client, name) is None:
                with one_at_a_time():
                    if find_image(self._client, name) is None:
                        self._send(name, context)
                        return
            logger.debug("The image %s is there already.", name)

    def _send(self, name: str, context: BuildContext) -> None:
        """Have the engine build an image from a context."""
        with tempfile.TemporaryFile() as archive:
            context.write(archive)
            archive.seek(0)
            logger.info("Building the image %s.", name)
            # `rm` and `forcerm`, or the builder leaves the containers of its steps behind.
            messages = self._client.api.build(
                fileobj=archive,
                custom_context=True,
                tag=name,
                rm=True,
                forcerm=True,
                decode=True,
                use_config_proxy=True,
            )
            follow(messages, f"build the image {name}")

    def _push(self, name: str, registry: str) -> str:
        repository, _, tag = f"{registry}/{name}".rpartition(":")
        with engine_errors(f"push the image {repository}:{tag}"):
            self._client.images.get(name).tag(repository, tag)
            messages = self._client.api.push(repository, tag=tag, stream=True, decode=True)
            pushed = follow(messages, f"push the image {repository}:{tag}")
        return f"{repository}@{pushed['Digest']}"
