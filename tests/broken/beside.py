"""Wrong about what is beside a failing step, or comes behind a failed run."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from ml_metadata.proto import metadata_store_pb2 as pb

from pytest_orchestrators import PipelineDeployment, Stack, get_cache_status
from reference_flavors.local import LocalOrchestrator
from tests.broken.failing import TouchesTheRecord
from tests.broken.sins import sin
from tests.broken.survival import WithFiles
from tests.right.in_this_process import sorter_of
from tests.warns import Warns


@sin("FLR-3")
class CancelsTheRest(TouchesTheRecord):
    """When a step fails, all that it has not needed is closed as failed, also what was done."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        self._done: dict[str, int] = {}
        self._needed: set[str] = set()
        for name, step in deployment.steps.items():
            self.warn_resources_ignored(step)
            self._needed = _needed_by(deployment, name)
            info = self.run_step(step)
            if info is not None and not get_cache_status(info):
                self._done[name] = info.execution_id

    def edit(self, execution: Any) -> None:
        if execution.id in {id for name, id in self._done.items() if name not in self._needed}:
            execution.last_known_state = execution.FAILED


def _needed_by(deployment: PipelineDeployment, step: str) -> set[str]:
    """All that must end before a step, directly or not."""
    upstream = deployment.steps[step].spec.upstream_steps
    return {*upstream, *(needed for name in upstream for needed in _needed_by(deployment, name))}


@sin("CLN-5")
class LeavesTheOthersInThePool(Warns):
    """When a step fails, those that are under way beside it go on in their threads."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        sorter = sorter_of(deployment)
        sorter.prepare()
        running: dict[Future[Any], str] = {}
        pool = ThreadPoolExecutor(4)
        try:
            while sorter.is_active():
                for name in sorter.get_ready():
                    running[pool.submit(self.run_step, deployment.steps[name])] = name
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    name = running.pop(future)
                    future.result()
                    sorter.done(name)
        except Exception:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
        pool.shutdown()


@sin("ISO-1")
class FailsWhateverRuns(WithFiles):
    """When a step fails, nothing is left running on the record, whoever runs it."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().prepare_or_run_pipeline(deployment, stack)
        except Exception:
            self.change_running(pb.Execution.FAILED)
            raise


@sin("CLN-4")
class ErrorsOfLastTime(Warns):
    """Of several errors one is raised, and the others come out of the next run."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._errors: list[BaseException] = []

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        lost: set[str] = set()
        for name, step in deployment.steps.items():
            if lost.intersection(step.spec.upstream_steps):
                lost.add(name)
                continue
            try:
                self.run_step(step)
            except (Exception, SystemExit) as error:
                lost.add(name)
                self._errors.append(error)
        if self._errors:
            raise self._errors.pop(0)


@sin("CLN-4")
class KnowsWhatRuns(LocalOrchestrator):
    """A run that goes on is not begun again; one that has failed goes on for ever."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._going_on: set[str] = set()

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if deployment.run_name in self._going_on:
            raise RuntimeError(f"run {deployment.run_name} is going on")
        self._going_on.add(deployment.run_name)
        result = super().run(deployment, stack)
        self._going_on.discard(deployment.run_name)
        return result
