"""Wrong ways of doing several things at once, and of saying that they are done."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, Step
from reference_flavors.local import LocalOrchestrator
from tests.broken.sins import sin
from tests.right.in_this_process import LayersOfThreads
from tests.right.submitting import Submits
from tests.warns import Warns

_PARALLEL = ("step_operator", "parallel_steps")
_SUBMITS = ("step_operator", "async_submission")


@sin("RUN-12", capabilities=_PARALLEL)
class OneAfterTheOther(LocalOrchestrator):
    """Says that steps overlap, and runs one after the other."""


@sin("RUN-12", capabilities=_PARALLEL)
class WaitsForEach(Warns):
    """Has a pool of threads, and waits for each step before it submits the next."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        with ThreadPoolExecutor(8) as pool:
            for step in deployment.steps.values():
                pool.submit(self.run_step, step).result()


@sin("RUN-12", capabilities=_PARALLEL)
class OneLockForAll(LayersOfThreads):
    """Its threads take turns."""

    _lock = threading.Lock()

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        with self._lock:
            return super().run_step(step, run_name)


@sin("RUN-13", capabilities=_SUBMITS)
class WaitsForItself(LocalOrchestrator):
    """Says that it comes back at once, and comes back when everything is done."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        done: Future[None] = Future()
        super().prepare_or_run_pipeline(deployment, stack)
        done.set_result(None)
        return done


@sin("RUN-13", capabilities=_SUBMITS)
class NeverTellsOfFailures(Submits):
    """Can be waited for, and says that it went well however it went."""

    def submit(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        run = super().submit(deployment, stack)
        run.failure = lambda: None
        return run


@sin("RUN-1", capabilities=_SUBMITS)
class DoesNotWait(Submits):
    """Whoever waits for the end of a run is sent away at once."""

    def submit(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        run = super().submit(deployment, stack)
        wait, run.wait = run.wait, lambda: None
        threading.Timer(2.0, wait).start()
        return run
