"""How steps' containers are set up."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from pytest_orchestrators import BaseOrchestratorConfig

# Arguments of docker-py that the orchestrator itself gives, with the field that is there for them, if any.
_GIVEN_BY_US = {
    "auto_remove": None,
    "command": None,
    "detach": None,
    "entrypoint": None,
    "environment": "environment",
    "extra_hosts": "extra_hosts",
    "image": None,
    "labels": None,
    "log_config": None,
    "mem_limit": "memory",
    "mounts": "volumes",
    "name": None,
    "nano_cpus": "cpu_count",
    "network_mode": "network_mode",
    "platform": "platform",
    "remove": None,
    "tty": None,
    "volumes": "volumes",
}


class LocalDockerOrchestratorConfig(BaseOrchestratorConfig):
    """Configuration of a `LocalDockerOrchestrator`.

    ``network_mode``: the network of the containers, ``bridge``, ``host``, ``none`` or the name of one.
    ``extra_hosts``: names that containers resolve, and their addresses.
    ``memory``, ``cpu_count``: limits of every container; memory as in resource settings (``512MB``).
    ``apply_resources``: whether a step's own resource settings become the limits of its container.
    ``environment``: variables of every container.
    ``volumes``: folders of this host (absolute) or named volumes, and where they are in the containers, with
    ``:ro`` behind that if they are not to be written to.
    ``mount_sources``: whether the folders that this process imports from, beside those of its installation,
    are mounted read-only under the same path, and imported from. Without it, code has to be in the image.
    ``platform``: the platform of the image, such as ``linux/amd64``.
    ``step_timeout_s``: seconds after which a step is stopped. ``stop_grace_s``: seconds that a step which is
    interrupted has for its own cleaning up.
    ``python``: the interpreter's name or path in the image.
    ``run_args``: further arguments for docker-py's ``containers.create``, such as ``user`` or ``shm_size``.
    """

    network_mode: str | None = None
    extra_hosts: dict[str, str] = Field(default_factory=dict)
    memory: str | None = Field(default=None, pattern=r"^[0-9]+(\.[0-9]+)?([KMGTP]i?)?B$")
    cpu_count: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    apply_resources: bool = False
    environment: dict[str, str] = Field(default_factory=dict)
    volumes: dict[str, str] = Field(default_factory=dict)
    mount_sources: bool = True
    platform: str | None = None
    step_timeout_s: float | None = Field(default=None, gt=0)
    stop_grace_s: float = Field(default=5.0, ge=0)
    python: str = Field(default="python", min_length=1)
    run_args: dict[str, Any] = Field(default_factory=dict)

    @field_validator("run_args")
    @classmethod
    def _refuse_our_own(cls, run_args: dict[str, Any]) -> dict[str, Any]:
        for name in sorted(_GIVEN_BY_US.keys() & run_args.keys()):
            field = _GIVEN_BY_US[name]
            advice = f"use the field {field!r}" if field else "remove it"
            raise ValueError(f"{name!r} is given by the orchestrator itself: {advice}.")
        return run_args

    @property
    def is_local(self) -> bool:
        """True: the containers run on this host and share its folders."""
        return True
