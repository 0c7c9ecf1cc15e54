"""Whose a container is: labels by which what a killed run has left behind is known, and nothing else."""

from __future__ import annotations

import json
import logging
import os
import platform
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import psutil

logger = logging.getLogger(__name__)

OWNER_LABEL = "pytest-orchestrators.owner"
RUN_LABEL = "pytest-orchestrators.run"
STEP_LABEL = "pytest-orchestrators.step"
_TOKEN_LABEL = "pytest-orchestrators.token"

# The runs that go on in this process: several may, each on an orchestrator of its own.
_tokens: set[str] = set()


@contextmanager
def owned_run(run_name: str) -> Iterator[dict[str, str]]:
    """Yield the labels of the containers of a run that goes on until the context ends."""
    token = uuid.uuid4().hex
    _tokens.add(token)
    try:
        yield {OWNER_LABEL: _label_of(os.getpid()), RUN_LABEL: run_name, _TOKEN_LABEL: token}
    finally:
        _tokens.discard(token)


def sweep(client: docker.DockerClient) -> list[str]:
    """Remove the containers whose run has ended or been killed, and return their names.

    Touched is only what carries our labels and was started from this boot of this host: about the processes
    of others nothing is known.
    """
    removed = []
    for container in client.containers.list(all=True, filters={"label": OWNER_LABEL}, ignore_removed=True):
        if is_abandoned(container.labels):
            try:
                container.remove(force=True, v=True)
            except docker.errors.APIError as refusal:  # gone already, or being removed by somebody else
                logger.debug("The abandoned container %s is not removed: %s", container.name, refusal)
                continue
            logger.warning("Removed the container %s, which a former run has left behind.", container.name)
            removed.append(str(container.name))
    return removed


def is_abandoned(labels: dict[str, str]) -> bool:
    """Whether labels are ours, and those of a run that does not go on any more."""
    try:
        owner = json.loads(labels[OWNER_LABEL])
        pid = int(owner["pid"])
        if owner["host"] != _host():
            return False
    except (ValueError, KeyError, TypeError):
        return False
    if labels[OWNER_LABEL] != _label_of(pid):
        return True
    return pid == os.getpid() and labels.get(_TOKEN_LABEL) not in _tokens


def _label_of(pid: int) -> str:
    return json.dumps({"host": _host(), "pid": pid, "started": _start_of(pid)})


def _host() -> str:
    """This host since it was booted, as far as process ids reach."""
    return ":".join([platform.node(), *filter(None, [_boot_id(), _pid_namespace()])])


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _pid_namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _start_of(pid: int) -> str:
    """When a process started, which tells it from a later one of the same id; empty if there is none."""
    try:
        # In ticks since boot: unlike a time of day it is not moved when the clock is set.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        try:
            return str(psutil.Process(pid).create_time())
        except psutil.Error:
            return ""
