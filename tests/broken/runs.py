"""Wrong ways of telling runs and deployments apart, and of treating the deployment that is handed in."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, Step
from reference_flavors.local import LocalOrchestrator
from tests.broken.running import ChoosesSteps
from tests.broken.sins import sin
from tests.warns import Warns


@sin("RUN-6")
class OneNameForAllRuns(LocalOrchestrator):
    """Every run has the name `latest`."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        return super().run_step(step, run_name="latest")


@sin("RUN-6")
class CutsTheRunName(LocalOrchestrator):
    """Run names are cut at 32 characters, so that different ones become equal."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        assert self._active_deployment is not None
        return super().run_step(step, run_name=self._active_deployment.run_name[:32])


@sin("RUN-6")
class SluggishRunName(LocalOrchestrator):
    """Run names are handed on as labels take them: in small letters, other signs as dashes, 63 at most."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        assert self._active_deployment is not None
        slug = re.sub(r"[^a-z0-9]+", "-", self._active_deployment.run_name.lower())
        return super().run_step(step, run_name=slug[:63])


@sin("RUN-6")
class RunNamedAfterPipeline(LocalOrchestrator):
    """All runs of a pipeline have one name."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        return super().run(deployment.with_run_name(f"run-of-{deployment.pipeline.name}"), stack)


@sin("RUN-17")
class RunNamePerStep(LocalOrchestrator):
    """Every step is run under a name of its own."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        assert self._active_deployment is not None
        return super().run_step(step, f"{self._active_deployment.run_name}-{step.config.name}")


@sin("RUN-17")
class RunPerStep(Warns):
    """Gets round the base class: a run of its own for every step, each under another name."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        for number, step in enumerate(deployment.steps.values()):
            single = deployment.with_run_name(f"{deployment.run_name}.{number}")
            inner = type(self)(name="inner", config=self.config)
            with inner.active_run(single, stack):
                inner.run_step(step)


@sin("RUN-7")
class KeepsTheFirstDeployment(LocalOrchestrator):
    """The first deployment is run for ever, whatever it is handed."""

    _kept: PipelineDeployment | None = None

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._kept = self._kept or deployment
        return super().run(self._kept, stack)


@sin("RUN-7")
class PoolOfOneRun(Warns):
    """Its thread pool belongs to the instance and is shut down at the end of the first run."""

    _pool: ThreadPoolExecutor | None = None

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        self._pool = self._pool or ThreadPoolExecutor(1)
        with self._pool as pool:
            for step in deployment.steps.values():
                pool.submit(self.run_step, step).result()


@sin("RUN-7")
class NeverTheSameStepTwice(ChoosesSteps):
    """Remembers over runs which steps it has done, by name, and leaves them out."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._done: set[str] = set()

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        yield from (step for name, step in deployment.steps.items() if name not in self._done)
        self._done |= deployment.steps.keys()


@sin("RUN-7")
class OrderedOnceForEachPipeline(ChoosesSteps):
    """Works out the order of a pipeline's steps once, and keeps it under the pipeline's name."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._orders: dict[Any, list[str]] = {}

    def alike(self, deployment: PipelineDeployment) -> Any:
        """What the order is kept under."""
        return deployment.pipeline.name

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        order = self._orders.setdefault(self.alike(deployment), list(deployment.steps))
        yield from (deployment.steps[name] for name in order if name in deployment.steps)


@sin("RUN-7")
class OrderedOnceForTheSameSteps(OrderedOnceForEachPipeline):
    """Works out the order once for each pipeline name and set of steps, whatever they wait for by now."""

    def alike(self, deployment: PipelineDeployment) -> Any:
        return deployment.pipeline.name, frozenset(deployment.steps)


@sin("RUN-8")
class EatsTheDeployment(ChoosesSteps):
    """Takes the steps out of the deployment as they are run."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        while deployment.steps:
            yield deployment.steps.pop(next(iter(deployment.steps)))


@sin("RUN-8")
class WritesIntoSettings(ChoosesSteps):
    """Leaves its bookkeeping in the settings of the steps that it was handed."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        for step in deployment.steps.values():
            step.config.settings["status"] = "done"
            yield step


@sin("RUN-8")
class WritesDownWhatFailed(LocalOrchestrator):
    """Leaves the error in the settings of the step that it was handed, if there is one."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        try:
            return super().run_step(step, run_name)
        except Exception as error:
            step.config.settings["error"] = str(error)
            raise


@sin("RUN-8")
class SortsInPlace(ChoosesSteps):
    """Puts the steps of the deployment that it was handed into another order."""

    def chosen(self, deployment: PipelineDeployment) -> Iterator[Step]:
        steps = list(deployment.steps.items())
        deployment.steps.clear()
        deployment.steps.update(reversed(steps))
        yield from (step for _, step in steps)


@sin("RUN-8")
class AccountsInTheDeployment(LocalOrchestrator):
    """Leaves how long the steps took with the deployment."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        took: dict[str, float] = {}
        for name, step in deployment.steps.items():
            self.warn_resources_ignored(step)
            begin = time.monotonic()
            self.run_step(step)
            took[name] = round(time.monotonic() - begin, 3)
        deployment.add_extra("last_run", {"run_name": deployment.run_name, "seconds": took})


@sin("RUN-6")
class LatestFolder(LocalOrchestrator):
    """Outputs that are not for the cache lie where everybody finds them."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        if info.execution_output_uri and not step.config.enable_cache:  # given to what was really executed
            self._move_outputs(step.config.name, info)
        return info

    def _move_outputs(self, step: str, info: Any) -> None:
        run = self._require_active_run()
        latest = Path(str(run.stack.artifact_store.local_path), "latest", run.deployment.pipeline.name, step)
        for output, artifacts in run.outputs_of(info.execution_id).items():
            for artifact in artifacts:
                [recorded] = run.store.get_artifacts_by_id([artifact.id])
                place = latest / output
                if place.exists():
                    shutil.rmtree(place)
                latest.mkdir(parents=True, exist_ok=True)
                shutil.move(recorded.uri, place)
                recorded.uri = str(place)
                run.store.put_artifacts([recorded])
        info.output_dict = run.outputs_of(info.execution_id)


@sin("RUN-15")
class TriesOnceMore(LocalOrchestrator):
    """After a run that failed, a step may be run once more, by itself."""

    _failed: tuple[PipelineDeployment, Stack] | None = None

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._failed = None
        try:
            return super().run(deployment, stack)
        except Exception:
            self._failed = deployment, stack
            raise

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if self._active_deployment is None and self._failed is not None:
            with self.active_run(*self._failed):
                return super().run_step(step, run_name)
        return super().run_step(step, run_name)


@sin("RUN-6")
class CleansTheRunName(LocalOrchestrator):
    """Signs that a backend might not take are dashes in the run name."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        name = self._require_active_run().deployment.run_name
        return super().run_step(step, re.sub(r"[^A-Za-z0-9._-]", "-", name))
