"""An orchestrator that needs nothing but this process."""

from __future__ import annotations

from pytest_orchestrators import BaseOrchestrator, BaseOrchestratorConfig, PipelineDeployment, Stack


class LocalOrchestratorConfig(BaseOrchestratorConfig):
    """Nothing to configure."""

    @property
    def is_local(self) -> bool:
        """True: it runs on this host."""
        return True


class LocalOrchestrator(BaseOrchestrator):
    """Runs the steps one after the other, in the order of the deployment, in this process."""

    CONFIG_CLASS = LocalOrchestratorConfig

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> None:
        """Run all steps; the first failure ends the run."""
        del stack
        self.warn_schedule_ignored(deployment)
        for step in deployment.steps.values():
            self.warn_resources_ignored(step)
            self.run_step(step)
