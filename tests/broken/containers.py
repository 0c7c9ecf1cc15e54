"""Wrong ways of running steps in containers. Judging them needs an engine: the matrix does it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import docker

from pytest_orchestrators import PipelineDeployment, Stack, StepEntrypointConfiguration, handover
from tests.broken.sins import sin
from tests.right.containers import PlainContainers

if TYPE_CHECKING:
    from docker.models.containers import Container

logger = logging.getLogger(__name__)
_CONTAINED = ("step_operator", "containers")
_KILLED = 137


@sin("FLR-8", "FLR-11", capabilities=_CONTAINED)
class IgnoresTheExitCode(PlainContainers):
    """When the log has come to its end, the step is done."""

    def judge(self, container: Container, code: int) -> None:
        pass


@sin("FLR-8", capabilities=_CONTAINED)
class ForgivesTheMemoryLimit(PlainContainers):
    """A step that ran out of memory has done what it could."""

    def judge(self, container: Container, code: int) -> None:
        container.reload()
        if not container.attrs["State"]["OOMKilled"]:
            super().judge(container, code)


@sin("FLR-8", "FLR-11", capabilities=_CONTAINED)
class ForgivesBeingKilled(PlainContainers):
    """Whoever was killed was stopped on purpose."""

    def judge(self, container: Container, code: int) -> None:
        if code != _KILLED:
            super().judge(container, code)


@sin("FLR-8", capabilities=_CONTAINED)
class SaysOnlyTheCode(PlainContainers):
    """The error has the exit code, and nothing of what the step printed."""

    def error(self, container: Container, code: int) -> RuntimeError:
        return RuntimeError(f"exit code {code}")


@sin("CLN-8", capabilities=_CONTAINED)
class LeavesContainers(PlainContainers):
    """A container stays, for its log to be read later."""

    def dispose(self, container: Container, error: BaseException | None = None) -> None:
        pass


@sin("CLN-8", capabilities=_CONTAINED)
class LeavesThoseThatFailed(PlainContainers):
    """A container is removed when its step has succeeded."""

    def dispose(self, container: Container, error: BaseException | None = None) -> None:
        if error is None:
            super().dispose(container)


@sin("CLN-8", capabilities=_CONTAINED)
class LeavesThoseThatWereInterrupted(PlainContainers):
    """Ctrl-C is no exception to it, and the step goes on."""

    def dispose(self, container: Container, error: BaseException | None = None) -> None:
        if error is None or isinstance(error, Exception):
            super().dispose(container)


class CleansUpFirst(PlainContainers):
    """Makes room on the engine before a run. Right in itself: what is removed is in the subclasses."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        client = docker.from_env()
        self.clean_up(client)
        client.close()
        return super().prepare_or_run_pipeline(deployment, stack)

    def clean_up(self, client: docker.DockerClient) -> None:
        """Remove what is in the way."""


@sin("CLN-8", capabilities=_CONTAINED)
class RemovesAllWithItsLabel(CleansUpFirst):
    """Takes all containers of its kind for leftovers of its own."""

    def clean_up(self, client: docker.DockerClient) -> None:
        for container in client.containers.list(all=True, filters={"label": self.label}):
            container.remove(force=True)


@sin("CLN-8", capabilities=_CONTAINED)
class RemovesAllOfTheImage(CleansUpFirst):
    """Takes all containers of an image that it uses for its own."""

    def clean_up(self, client: docker.DockerClient) -> None:
        for container in client.containers.list(all=True, ignore_removed=True):
            if any("pytest-orchestrators" in tag for tag in container.image.tags):
                container.remove(force=True)


@sin("CLN-8", capabilities=_CONTAINED)
class RemovesWhatWasNeverStarted(CleansUpFirst):
    """What does not run is nobody's: as `docker container prune` has it, but for the suite's own only."""

    def clean_up(self, client: docker.DockerClient) -> None:
        # Pruning itself would hit the tests that use the engine at the same time.
        filters = {"status": "created", "name": "bystander-"}
        for container in client.containers.list(all=True, filters=filters):
            container.remove()


@sin("LOG-2", capabilities=_CONTAINED)
class LosesOutput(PlainContainers):
    """What a step prints stays with the engine, and goes with the container."""

    def follow(self, container: Container) -> None:
        container.wait()


@sin("LOG-2", capabilities=_CONTAINED)
class LosesErrors(PlainContainers):
    """What a step prints to standard error is not asked for."""

    def follow(self, container: Container) -> None:
        for line in container.logs(stream=True, follow=True, stderr=False):
            logger.info(line.decode().rstrip())


@sin("LOG-2", capabilities=_CONTAINED)
class LogsInTheEnd(PlainContainers):
    """The log comes when the container has ended."""

    def follow(self, container: Container) -> None:
        container.wait()
        for line in container.logs().decode().splitlines():
            logger.info(line)


@sin("ISO-4", capabilities=_CONTAINED)
class ContainsNothing(PlainContainers):
    """Says containers, and runs every step right here."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        del stack
        for step in deployment.steps.values():
            self.run_step(step)


@sin("ISO-4", capabilities=_CONTAINED)
class ProcessesWillDo(PlainContainers):
    """Says containers, and starts processes of this machine."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        entrypoint = StepEntrypointConfiguration
        with handover(deployment, stack) as environment:
            for name in deployment.steps:
                arguments = entrypoint.get_entrypoint_arguments(step_name=name)
                command = [*entrypoint.get_entrypoint_command(sys.executable), *arguments]
                subprocess.run(command, env={**os.environ, **environment}, check=True)


@sin("ISO-5", capabilities=_CONTAINED)
class HandsOverTheEnvironment(PlainContainers):
    """A step may need any of it."""

    def options(self, name: str, image: str, environment: dict[str, str]) -> dict[str, Any]:
        options = super().options(name, image, environment)
        return {**options, "environment": {**os.environ, **options["environment"]}}


@sin("ISO-5", capabilities=_CONTAINED)
class HandsOverTokens(PlainContainers):
    """A step may need to log in somewhere."""

    def options(self, name: str, image: str, environment: dict[str, str]) -> dict[str, Any]:
        options = super().options(name, image, environment)
        tokens = {name: value for name, value in os.environ.items() if name.endswith("_TOKEN")}
        return {**options, "environment": {**tokens, **options["environment"]}}


@sin(capabilities=_CONTAINED)
class RunsAsRoot(PlainContainers):
    """The stores fill with files of root. No sin of root's own, so it is judged as another user."""

    def options(self, name: str, image: str, environment: dict[str, str]) -> dict[str, Any]:
        return {**super().options(name, image, environment), "user": "0:0"}
