"""The cost of containers: a step in one against `docker run`, and the whole suite against its containers."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import docker

from benchmarks.harness import Row, interleaved, ratio, seconds_of
from benchmarks.light import one_more
from benchmarks.suite import judged_once
from pytest_orchestrators import (
    ORCHESTRATOR_DOCKER_IMAGE_KEY,
    LocalArtifactStore,
    Pipeline,
    SqliteMetadataConfig,
    Stack,
    connect_to_engine,
)
from pytest_orchestrators.contract.session import ENV_LOCAL_STORES_PATH
from reference_flavors.local_docker import LocalDockerOrchestratorFlavor
from reference_flavors.local_docker.ownership import OWNER_LABEL

STEPS, ROUNDS = 5, 9


def rows() -> list[Row]:
    """Both ratios. Raises ContainerEngineError where no engine answers."""
    with connect_to_engine() as client:
        return [_step_against_docker_run(), _suite_against_containers(client)]


@contextmanager
def _stack() -> Iterator[Stack]:
    with tempfile.TemporaryDirectory() as folder:
        stores = Path(folder)
        os.environ[ENV_LOCAL_STORES_PATH] = folder
        yield Stack(
            "benchmark",
            LocalDockerOrchestratorFlavor().create(),
            LocalArtifactStore.at(stores / "artifacts"),
            SqliteMetadataConfig(path=stores / "metadata.db"),
        )
        del os.environ[ENV_LOCAL_STORES_PATH]


def _step_against_docker_run() -> Row:
    numbers = count()
    with _stack() as stack:

        def run() -> str:
            """Run steps that have not run before; returns the image."""
            first = STEPS * next(numbers)
            pipeline = Pipeline("benchmark", *(one_more(n=first + n).named(f"s{n}") for n in range(STEPS)))
            deployment = pipeline.compile(stack)
            stack.prepare_pipeline_deployment(deployment)
            stack.deploy_pipeline(deployment)
            return str(deployment.pipeline.extra[ORCHESTRATOR_DOCKER_IMAGE_KEY])

        image = run()
        code = "import tfx.orchestration.portable.launcher"
        command = ["docker", "run", "--rm", image, "python", "-c", code]
        measured = interleaved(
            {
                "step": lambda: seconds_of(run) / STEPS,
                "docker run": lambda: seconds_of(lambda: subprocess.run(command, check=True)),
            },
            ROUNDS,
        )
    note = ", ".join(f"{name} {median(seconds):.2f} s" for name, seconds in measured.items())
    return Row(
        "step in a container against docker run", ratio(measured, "step", "docker run"), "", 1.25, note
    )


def _suite_against_containers(client: docker.DockerClient) -> Row:
    lives = _Lives(client)
    with lives.followed():
        judged = judged_once(LocalDockerOrchestratorFlavor())
    note = f"suite {judged.whole:.0f} s, {lives.count} containers {lives.seconds:.0f} s"
    return Row(
        "whole suite on local_docker against its containers", judged.whole / lives.seconds, "", 1.3, note
    )


class _Lives:
    """How long the containers of local_docker live, from start to end, added up."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._client = client
        self._started: dict[str, int] = {}
        self.seconds = 0.0
        self.count = 0

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Follow the engine's events until the block ends."""
        events = self._client.events(decode=True, filters={"type": "container", "label": OWNER_LABEL})
        reader = threading.Thread(target=self._read, args=(events,), daemon=True)
        reader.start()
        try:
            yield
        finally:
            events.close()
            reader.join()

    def _read(self, events: Iterable[dict[str, Any]]) -> None:
        for event in events:
            id, when = event["id"], event["timeNano"]
            if event["status"] == "start":
                self._started[id] = when
            elif event["status"] == "die" and id in self._started:
                self.seconds += (when - self._started.pop(id)) / 1e9
                self.count += 1
