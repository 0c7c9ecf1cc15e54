"""An orchestrator of the harness's own, for the first launch in a process."""

from __future__ import annotations

from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
from pytest_orchestrators.contract.orchestrators.base import BaseOrchestrator
from pytest_orchestrators.contract.orchestrators.flavor import BaseOrchestratorFlavor
from pytest_orchestrators.contract.stack.stack import Stack


class WarmUpOrchestrator(BaseOrchestrator):
    """Runs the steps one after the other."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> None:
        """Run every step."""
        del stack
        for step in deployment.steps.values():
            self.run_step(step)


class WarmUpFlavor(BaseOrchestratorFlavor):
    """Nothing but a name and a class."""

    name = "warm_up"
    implementation_class = WarmUpOrchestrator
