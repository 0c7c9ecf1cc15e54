"""The orchestrator that most tests of this folder run, and what is left on one."""

from pytest_orchestrators import BaseOrchestrator


class Recording(BaseOrchestrator):
    """Runs the steps in order and returns what `run_step` told."""

    def prepare_or_run_pipeline(self, deployment, stack):
        return {name: self.run_step(step) for name, step in deployment.steps.items()}


def left_on(orchestrator):
    return (orchestrator._active_deployment, orchestrator._active_pb2_pipeline, orchestrator._active_run)
