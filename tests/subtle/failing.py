"""Wrong with failures at some place, or after some history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, Step
from reference_flavors.local import LocalOrchestrator
from tests.subtle.registry import subtly

#: Bytes of what is too large for one of these.
_LARGE = 500_000


@subtly("FLR-7")
class LateFailures(LocalOrchestrator):
    """What fails when four steps and more are done is good enough."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> None:
        self.warn_schedule_ignored(deployment)
        for done, step in enumerate(deployment.steps.values()):
            self.warn_resources_ignored(step)
            try:
                self.run_step(step)
            except Exception:
                if done < 4:
                    raise
                return


@subtly("FLR-7", "RUN-1")
class RefusesLargeOutputs(LocalOrchestrator):
    """Fails when a step has written half a megabyte and more, which nobody has forbidden."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        for artifacts in (info.output_dict or {}).values():
            for artifact in artifacts:
                files = [file for file in Path(artifact.uri).rglob("*") if file.is_file()]
                if sum(file.stat().st_size for file in files) > _LARGE:
                    raise ValueError(f"step {step.config.name} has written too much")
        return info


@subtly("CLN-4")
class OutOfOrder(LocalOrchestrator):
    """After a failure in a pipeline of seven steps and more it is out of order."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> None:
        if getattr(self, "_out_of_order", False):
            raise RuntimeError("out of order")
        try:
            super().prepare_or_run_pipeline(deployment, stack)
        except Exception:
            self._out_of_order = len(deployment.steps) >= 7
            raise
