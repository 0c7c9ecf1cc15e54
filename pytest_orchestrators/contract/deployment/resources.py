"""What a step asks of the machine that it runs on."""

from __future__ import annotations

from pydantic import Field

from pytest_orchestrators.contract.deployment.base import DeploymentModel


class ResourceSettings(DeploymentModel):
    """Resources of one step. ``None`` means that nothing is asked for.

    ``cpu_count`` is a number of cores (fractions allowed), ``gpu_count`` a number of devices, and ``memory``
    a size with its unit, such as ``512MB`` or ``4GiB``.
    """

    cpu_count: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    gpu_count: int | None = Field(default=None, ge=0)
    memory: str | None = Field(default=None, pattern=r"^[0-9]+(\.[0-9]+)?([KMGTP]i?)?B$")

    @property
    def empty(self) -> bool:
        """Whether nothing at all is asked for."""
        return self.cpu_count is None and self.gpu_count is None and self.memory is None
