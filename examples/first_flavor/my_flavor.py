from pytest_orchestrators import BaseOrchestrator, BaseOrchestratorFlavor


class MyOrchestrator(BaseOrchestrator):
    def prepare_or_run_pipeline(self, deployment, stack):
        self.warn_schedule_ignored(deployment)
        for step in deployment.steps.values():
            self.warn_resources_ignored(step)
            self.run_step(step)


class MyFlavor(BaseOrchestratorFlavor):
    name = "mine"
    implementation_class = MyOrchestrator
