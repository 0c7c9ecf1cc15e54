"""A flavor of one's own: it runs the steps in an order that the deployment does not have."""

from graphlib import TopologicalSorter

from pytest_orchestrators import BaseOrchestrator, BaseOrchestratorFlavor


class SortedOrchestrator(BaseOrchestrator):
    def prepare_or_run_pipeline(self, deployment, stack):
        self.warn_schedule_ignored(deployment)
        waits_for = {name: deployment.steps[name].spec.upstream_steps for name in sorted(deployment.steps)}
        for name in TopologicalSorter(waits_for).static_order():
            self.warn_resources_ignored(deployment.steps[name])
            self.run_step(deployment.steps[name])


class SortedFlavor(BaseOrchestratorFlavor):
    name = "sorted"
    implementation_class = SortedOrchestrator
