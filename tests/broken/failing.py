"""Wrong ways of dealing with failures: swallowed, hidden, half noticed, or made up."""

from __future__ import annotations

import contextlib
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, Step, get_cache_status
from pytest_orchestrators.contract.runtime.connection import connected
from pytest_orchestrators.contract.runtime.metadata import ConnectedStore
from reference_flavors.local import LocalOrchestrator
from tests.broken.elsewhere import Forks
from tests.broken.order import data_upstream
from tests.broken.sins import sin
from tests.warns import Warns

logger = logging.getLogger(__name__)


@sin("FLR-1", "FLR-7")
class SwallowsFailures(LocalOrchestrator):
    """The first failure ends the run, and is only logged."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().prepare_or_run_pipeline(deployment, stack)
        except Exception:
            logger.exception("The pipeline failed.")
            return None


@sin("FLR-1", "FLR-7")
class TakesAFailureForTheEnd(Warns):
    """The error of an empty list ends the run, also where it is a step's."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        waiting = list(deployment.steps.values())
        while True:
            try:
                self.run_step(waiting.pop(0))
            except IndexError:
                return


@sin("FLR-1", "FLR-7")
class LeavesByTheBackDoor(LocalOrchestrator):
    """A failure ends the whole process, with the exit code of a success."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().prepare_or_run_pipeline(deployment, stack)
        except Exception:
            os._exit(0)


class SwallowsOneKind(Warns):
    """Takes one kind of exception for harmless."""

    harmless: type[Exception]

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        for step in deployment.steps.values():
            with contextlib.suppress(self.harmless):
                self.run_step(step)


@sin("FLR-1", "FLR-7")
class SwallowsValueErrors(SwallowsOneKind):
    """A step that raises a ValueError is passed over."""

    harmless = ValueError


@sin("FLR-1", "FLR-7")
class SwallowsOSErrors(SwallowsOneKind):
    """A step that raises an OSError is passed over, the network being what it is."""

    harmless = OSError


@sin("FLR-1", "FLR-7")
class TakesAnEndForItsOwn(Warns):
    """Maps over the steps, so that a step's `StopIteration` is the end of them."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        return [get_cache_status(info) for info in map(self.run_step, deployment.steps.values())]


@sin("FLR-1")
class SwallowsInterrupts(LocalOrchestrator):
    """An interruption ends the run as if it had come to its end."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        with contextlib.suppress(KeyboardInterrupt):
            return super().prepare_or_run_pipeline(deployment, stack)


@sin("FLR-1")
class HidesTheCause(LocalOrchestrator):
    """Raises an error of its own and cuts off the one that it comes from."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        try:
            return super().run_step(step, run_name)
        except BaseException:
            raise RuntimeError(f"Step {step.config.name} failed.") from None


@sin("FLR-1")
class RaisesLater(LocalOrchestrator):
    """Remembers that a step failed, and raises an error without the cause at the end."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        failed = ""
        try:
            super().prepare_or_run_pipeline(deployment, stack)
        except BaseException as error:
            failed = type(error).__name__
        if failed:
            raise RuntimeError(f"The pipeline failed: {failed}")


@sin("FLR-1")
class NeverAsksTheFuture(LocalOrchestrator):
    """Runs the steps in a thread, and never looks at what became of them."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(super().prepare_or_run_pipeline, deployment, stack)


@sin("FLR-2")
class GoesOn(Warns):
    """Runs what comes after a failed step too, and raises the first failure in the end."""

    def left_out(self, step: Step, failures: dict[str, BaseException]) -> bool:
        """Whether a step is left out, because of what has failed before it."""
        return False

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        failures: dict[str, BaseException] = {}
        for name, step in deployment.steps.items():
            if self.left_out(step, failures):
                continue
            try:
                self.run_step(step)
            except BaseException as error:
                failures[name] = error
        for error in failures.values():
            raise error


@sin("FLR-2")
class SparesChildrenOnly(GoesOn):
    """After a failure it leaves out what waits for the failed step, and not what waits for that."""

    def left_out(self, step: Step, failures: dict[str, BaseException]) -> bool:
        return not failures.keys().isdisjoint(step.spec.upstream_steps)


@sin("FLR-2")
class SparesReadersOnly(GoesOn):
    """After a failure it leaves out what reads from the failed step, and not what only comes after it."""

    def left_out(self, step: Step, failures: dict[str, BaseException]) -> bool:
        name = step.config.name
        if failures.keys().isdisjoint(data_upstream(self, name)):
            return False
        failures[name] = RuntimeError(f"{name} is left out")
        return True


class TouchesTheRecord(LocalOrchestrator):
    """Looks at every execution after a failure, by `edit`. On its own it changes none."""

    def edit(self, execution: Any) -> None:
        """Change the execution."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().run(deployment, stack)
        except BaseException:
            with connected(stack.metadata) as connection:  # after the run: it settles what it finds running
                store = ConnectedStore(connection)
                run = store.get_context_by_type_and_name("pipeline_run", deployment.run_name)
                executions = store.get_executions_by_context(run.id) if run else []
                for execution in executions:
                    self.edit(execution)
                store.put_executions(executions)
            raise


@sin("FLR-3")
class ClosesAsComplete(TouchesTheRecord):
    """In the end every execution is closed as complete, also the failed one."""

    def edit(self, execution: Any) -> None:
        execution.last_known_state = execution.COMPLETE


@sin("FLR-3")
class ClosesAsFailed(TouchesTheRecord):
    """A failed run takes its finished steps down with it."""

    def edit(self, execution: Any) -> None:
        execution.last_known_state = execution.FAILED


@sin("FLR-6")
class LeavesItRunning(TouchesTheRecord):
    """A failed execution is opened again, to be resumed by whoever comes."""

    def edit(self, execution: Any) -> None:
        if execution.last_known_state == execution.FAILED:
            execution.last_known_state = execution.RUNNING


@sin("FLR-6")
class ExitIsNoFailure(LocalOrchestrator):
    """A step that exits ends the run, and nobody is told."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        with contextlib.suppress(SystemExit):
            return super().prepare_or_run_pipeline(deployment, stack)


@sin("FLR-6")
class ExitCodeZeroIsSuccess(LocalOrchestrator):
    """A step that exits with code 0 is taken for done."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        try:
            return super().run_step(step, run_name)
        except SystemExit as error:
            if error.code:
                raise
            return None


@sin("FLR-6")
class OutputsDoNotMatter(LocalOrchestrator):
    """A step whose outputs are not what it declares is logged, and the run ends there."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().prepare_or_run_pipeline(deployment, stack)
        except Exception as error:
            if "output" not in type(error).__name__.lower():
                raise
            logger.warning("%s", error)


@sin("FLR-1", "FLR-7")
class TwoFailuresAreNone(LocalOrchestrator):
    """Runs all branches that can be run, and tells of the failures in the end."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        spoilt: set[str] = set()
        failures: dict[str, Exception] = {}
        for name, step in deployment.steps.items():
            self.warn_resources_ignored(step)
            if spoilt.intersection(step.spec.upstream_steps):
                spoilt.add(name)
                continue
            try:
                self.run_step(step)
            except Exception as error:
                spoilt.add(name)
                failures[name] = error
        if len(failures) == 1:
            raise next(iter(failures.values()))
        for name, error in failures.items():
            logger.error("Step %s failed: %s", name, error, exc_info=error)


@sin("FLR-3", capabilities=("step_operator", "out_of_process"))
class CachedGoesDownWithTheRun(Forks, TouchesTheRecord):
    """Steps run in processes of their own. When a run fails, whatever is not complete on its record is closed
    as failed.
    """

    def edit(self, execution: Any) -> None:
        if execution.last_known_state != execution.COMPLETE:
            execution.last_known_state = execution.FAILED


@sin("FLR-1", "FLR-7")
class SkipsWhatIsNotInstalled(Warns):
    """A step whose library is not installed here is left out, with all that depends on it."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        left_out: set[str] = set()
        for name, step in deployment.steps.items():
            if left_out.isdisjoint(step.spec.upstream_steps):
                try:
                    self.run_step(step)
                    continue
                except ImportError as error:
                    logger.warning("Step %s is left out: %s", name, error)
            left_out.add(name)
