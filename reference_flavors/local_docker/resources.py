"""Resources as limits of a container."""

from __future__ import annotations

import re
from typing import Any

import docker

from pytest_orchestrators import ResourceSettings

_UNITS = {"": 1} | {
    prefix + binary: (1024 if binary else 1000) ** power
    for power, prefix in enumerate("KMGTP", start=1)
    for binary in ("", "i")
}


def bytes_of(memory: str) -> int:
    """Return a size such as ``512MB`` or ``1.5GiB`` as a number of bytes, rounded down."""
    match = re.fullmatch(r"([0-9.]+)([KMGTP]?i?)B", memory)
    if match is None:
        raise ValueError(f"{memory!r} is not a size: write a number and a unit, such as 512MB or 4GiB.")
    return int(float(match[1]) * _UNITS[match[2]])


def limits(resources: ResourceSettings) -> dict[str, Any]:
    """Return resources as arguments for docker-py; what is not asked for is not limited."""
    given: dict[str, Any] = {}
    if resources.cpu_count is not None:
        given["nano_cpus"] = int(resources.cpu_count * 1e9)
    if resources.memory is not None:
        # The same for memory and swap together: a step that needs more is ended instead of slowed down.
        given["mem_limit"] = given["memswap_limit"] = bytes_of(resources.memory)
    if resources.gpu_count:
        gpus = docker.types.DeviceRequest(count=resources.gpu_count, capabilities=[["gpu"]])
        given["device_requests"] = [gpus]
    return given
