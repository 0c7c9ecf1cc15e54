"""When a pipeline is to be run."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from pytest_orchestrators.contract.deployment.base import DeploymentModel


class Schedule(DeploymentModel):
    """A wish to run a pipeline again and again: by a cron expression, or every ``interval_second``.

    ``start_time`` and ``end_time`` bound the schedule; ``catchup`` asks for runs that were missed.
    """

    cron_expression: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    interval_second: timedelta | None = Field(default=None, gt=timedelta(0))
    catchup: bool = False
