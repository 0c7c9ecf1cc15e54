"""One step in one container: nothing of it is lost, and nothing of it is left."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import docker
import requests

from reference_flavors.local_docker.errors import (
    ContainerImageMissingError,
    ContainerRemovedError,
    EngineLostError,
    StepExitError,
    StepKilledError,
    StepNotStartedError,
    StepOutOfMemoryError,
    StepTimeoutError,
)
from reference_flavors.local_docker.interrupts import undisturbed
from reference_flavors.local_docker.lines import lines

if TYPE_CHECKING:
    from docker.models.containers import Container

logger = logging.getLogger(__name__)

_LAST_LINES = 20
# How a shell, and the init process, say that there is no such command, or that it cannot be executed.
_NOT_STARTED = (126, 127)
_SIGNALLED = 128


class StepContainer:
    """The container of a step, from its creation to its removal."""

    def __init__(self, client: docker.DockerClient, step: str, options: dict[str, Any]) -> None:
        """``options`` are all arguments for docker-py's ``containers.create``."""
        self._client = client
        self._step = step
        self._options = options
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._timed_out = False

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The end of what the step has printed so far."""
        return tuple(self._last_lines)

    def run(self, timeout_s: float | None = None, grace_s: float = 0.0) -> None:
        """Run the step to its end; what it prints is logged line by line, as it comes.

        The container is removed in any case, also when this is interrupted; the step is then interrupted,
        too, and has ``grace_s`` seconds to end. Raises the StepContainerError that says what happened.
        """
        try:
            container = self._create()
            with self._engine_answers():
                try:
                    with self._output(container) as output, self._time_limit(container, timeout_s, grace_s):
                        self._start(container)
                        self._log_lines(output)
                        # The end of the output says nothing: it comes as well when the engine stops.
                        exit_code = int(container.wait()["StatusCode"])
                    if exit_code:
                        container.reload()
                except (KeyboardInterrupt, SystemExit):
                    _interrupt(container, grace_s)
                    raise
        finally:
            with undisturbed():
                self._remove()
        self._judge(exit_code, container.attrs["State"])

    def _create(self) -> Container:
        try:
            # Undisturbed, or a container might be made of which nobody hears any more.
            with undisturbed():
                return self._client.containers.create(**self._options)
        except docker.errors.ImageNotFound as error:
            problem = f"cannot be started: the image {self._options['image']} is not in the engine any more"
            raise ContainerImageMissingError(self._step, problem) from error
        except (docker.errors.DockerException, TypeError) as error:  # refused by the engine or by docker-py
            raise self._not_started(error) from error
        except requests.RequestException as error:
            raise self._lost(error) from error

    def _start(self, container: Container) -> None:
        try:
            container.start()
        except docker.errors.APIError as error:
            raise self._not_started(error) from error

    def _not_started(self, error: Exception) -> StepNotStartedError:
        return StepNotStartedError(
            self._step, f"cannot be started: {getattr(error, 'explanation', None) or error}"
        )

    def _lost(self, error: Exception) -> EngineLostError:
        return EngineLostError(
            self._step, f"was lost with the container engine: {error}", last_lines=self.last_lines
        )

    @contextmanager
    def _engine_answers(self) -> Iterator[None]:
        """Say which step is concerned when the engine, or the container in it, is gone."""
        try:
            yield
        except docker.errors.NotFound as error:
            problem = "was lost: somebody has removed its container"
            raise ContainerRemovedError(self._step, problem, last_lines=self.last_lines) from error
        except (docker.errors.DockerException, requests.RequestException) as error:
            raise self._lost(error) from error

    @staticmethod
    def _output(container: Container) -> closing[Any]:
        """What the step writes, from the start. Following the engine's log may miss the end."""
        return closing(container.attach(stdout=True, stderr=True, stream=True, demux=True))

    def _log_lines(self, output: Iterable[tuple[bytes | None, bytes | None]]) -> None:
        for line in lines(output):
            self._last_lines.append(line)
            logger.info("[%s] %s", self._step, line)

    @contextmanager
    def _time_limit(self, container: Container, timeout_s: float | None, grace_s: float) -> Iterator[None]:
        if timeout_s is None:
            yield
            return

        def stop() -> None:
            self._timed_out = True
            _interrupt(container, grace_s)

        timer = threading.Timer(timeout_s, stop)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            if self._timed_out:
                timer.join()

    def _remove(self) -> None:
        """Remove the container by its name, which is known even where its creation was interrupted."""
        name = self._options["name"]
        try:
            self._client.api.remove_container(name, force=True, v=True)
        except docker.errors.NotFound:
            pass
        except (docker.errors.DockerException, requests.RequestException) as error:
            logger.warning("The container %s stays until the next run: %s", name, error)

    def _judge(self, exit_code: int, state: dict[str, Any]) -> None:
        """Raise unless the container has ended well."""
        ended = exit_code, self.last_lines
        if self._timed_out:
            raise StepTimeoutError(self._step, "took too long and was stopped", *ended)
        if exit_code == 0:
            return
        if state.get("OOMKilled"):
            raise StepOutOfMemoryError(self._step, f"ran out of memory (exit code {exit_code})", *ended)
        if exit_code in _NOT_STARTED:
            problem = f"cannot be started: there is no such command in the image (exit code {exit_code})"
            raise StepNotStartedError(self._step, problem, *ended)
        if exit_code > _SIGNALLED:
            raise StepKilledError(self._step, f"was killed by signal {exit_code - _SIGNALLED}", *ended)
        raise StepExitError(self._step, f"ended with exit code {exit_code}", *ended)


def _interrupt(container: Container, grace_s: float) -> None:
    """Let a step's process end as Ctrl-C would, and end it the hard way after ``grace_s`` seconds."""
    try:
        if grace_s:
            container.kill(signal="SIGINT")
            container.wait(timeout=grace_s)
    except (docker.errors.DockerException, requests.RequestException) as error:
        logger.debug("The container %s did not end by itself: %s", container.name, error)
    try:
        container.kill()
    except (docker.errors.DockerException, requests.RequestException) as error:
        logger.debug("The container %s is not there to be killed: %s", container.name, error)
