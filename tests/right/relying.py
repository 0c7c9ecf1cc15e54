"""Right orchestrators that rely on what the base class promises, where others do not need it."""

from __future__ import annotations

from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, get_cache_status
from reference_flavors.local import LocalOrchestrator
from tests.right.flavors import right


@right
class WarnsAtEveryTurn(LocalOrchestrator):
    """Warns of everything before every step, and leaves it to the base class that each is said once."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        for step in deployment.steps.values():
            self.warn_schedule_ignored(deployment)
            for each in deployment.steps.values():
                self.warn_resources_ignored(each)
            self.run_step(step)


@right
class KeepsAccount(LocalOrchestrator):
    """Returns where the outputs of every cached step are, as `run_step` tells it."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        account: dict[str, list[str]] = {}
        for name, step in deployment.steps.items():
            self.warn_resources_ignored(step)
            info = self.run_step(step)
            if info is not None and get_cache_status(info):
                account[name] = [artifact.uri for (artifact,) in info.output_dict.values()]
                if len(account[name]) != len(step.config.outputs):
                    raise LookupError(f"step {name} is said to be cached, and not where its outputs are")
        return account
