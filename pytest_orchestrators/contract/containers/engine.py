"""The way to the container engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import docker
import requests

from pytest_orchestrators.contract.errors import ContainerEngineError, NoContainerEngineError

if TYPE_CHECKING:
    from docker.models.images import Image

_TIMEOUT_S = 60


@contextmanager
def connect_to_engine() -> Iterator[docker.DockerClient]:
    """Yield a client of the engine that the environment names (``DOCKER_HOST``), else of the default one.

    Raises NoContainerEngineError, with advice, if it does not answer.
    """
    with closing(_connected()) as client:
        yield client


def _connected() -> docker.DockerClient:
    client: docker.DockerClient | None = None
    try:
        client = docker.from_env(timeout=_TIMEOUT_S)
        client.ping()
    except (docker.errors.DockerException, requests.RequestException) as error:
        if client is not None:
            client.close()
        raise NoContainerEngineError(
            f"No container engine answers: {error}. Start one, or let DOCKER_HOST say where one is."
        ) from error
    return client


@contextmanager
def engine_errors(task: str) -> Iterator[None]:
    """Turn errors of docker-py, and of the connection below it, into ContainerEngineErrors about ``task``."""
    try:
        yield
    except (docker.errors.DockerException, requests.RequestException) as error:
        explanation = getattr(error, "explanation", None) or error
        raise ContainerEngineError(f"The container engine did not {task}: {explanation}") from error


def find_image(client: docker.DockerClient, tag: str) -> Image | None:
    """Return an image of the engine by its tag; None if there is none."""
    try:
        return client.images.get(tag)
    except docker.errors.ImageNotFound:
        return None
