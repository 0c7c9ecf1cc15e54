"""What most orchestrators of the tests begin with."""

from __future__ import annotations

from pytest_orchestrators import BaseOrchestrator, PipelineDeployment


class Warns(BaseOrchestrator):
    """Says in the beginning what it does not support."""

    def warn(self, deployment: PipelineDeployment) -> None:
        """Warn of the schedule and of resources."""
        self.warn_schedule_ignored(deployment)
        for step in deployment.steps.values():
            self.warn_resources_ignored(step)
