"""Wrong ways of dealing with failures: swallowed, hidden, half noticed, or made up."""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, Step, StepRunInfo, get_cache_status
from pytest_orchestrators.contract.runtime.connection import connected
from pytest_orchestrators.contract.runtime.metadata import ConnectedStore
from reference_flavors.local import LocalOrchestrator
from tests.broken.elsewhere import Forks
from tests.broken.order import data_upstream
from tests.broken.sins import sin
from tests.broken.warning import TriesThreeTimes
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


@sin("FLR-7")
class ReturnsInFinally(LocalOrchestrator):
    """A `return` in `finally` swallows whatever comes by."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        result = None
        try:
            result = super().run(deployment, stack)
        finally:
            return result  # noqa: B012


@sin("FLR-7")
class CleanupReplacesTheError(LocalOrchestrator):
    """The error of cleaning up takes the place of the step's, which is lost."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        quiet = copy.copy(stack)
        quiet.cleanup_step_run = lambda info: None  # type: ignore[method-assign]
        self._noisy, self._failure = stack, None
        return super().run(deployment, quiet)

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        run = self._require_active_run()
        info = run.launchers(run_name).run_info_of(step)
        failure = result = None
        try:
            result = super().run_step(step, run_name)
        except BaseException as error:
            failure = error
        if not step.config.step_operator:
            self._noisy.cleanup_step_run(info)
        if failure is not None:
            raise failure
        return result


@sin("FLR-7")
class CachedIsAFailure(LocalOrchestrator):
    """Nothing was executed, so something must have gone wrong."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        executed = 0
        for step in deployment.steps.values():
            self.warn_resources_ignored(step)
            executed += not get_cache_status(self.run_step(step))
        if not executed:
            raise RuntimeError("no step was executed")


@sin("FLR-7")
class OnlyTheLastCounts(Warns):
    """Runs what it can, and looks at the last step to see how the run ended."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        failed: set[str] = set()
        for name, step in deployment.steps.items():
            if failed.intersection(step.spec.upstream_steps):
                failed.add(name)
                continue
            try:
                self.run_step(step)
            except Exception as error:
                failed.add(name)
                if name == list(deployment.steps)[-1]:
                    raise error


@sin("FLR-9")
class HooksMayFail(LocalOrchestrator):
    """The stack's hooks are called, and what they raise is of no interest."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        lenient = copy.copy(stack)

        def prepare(info: Any) -> None:
            with contextlib.suppress(Exception):
                stack.prepare_step_run(info)

        def clean_up(info: Any) -> None:
            with contextlib.suppress(Exception):
                stack.cleanup_step_run(info)

        lenient.prepare_step_run, lenient.cleanup_step_run = prepare, clean_up  # type: ignore[method-assign]
        return super().run(deployment, lenient)


@sin("FLR-9")
class CleanupMayFail(LocalOrchestrator):
    """What the hook after a step raises is logged and forgotten."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        lenient = copy.copy(stack)

        def clean_up(info: Any) -> None:
            try:
                stack.cleanup_step_run(info)
            except Exception:
                logger.exception("cleaning up failed")

        lenient.cleanup_step_run = clean_up  # type: ignore[method-assign]
        return super().run(deployment, lenient)


@sin("FLR-9")
class ForgetsTheSecondError(LocalOrchestrator):
    """When the hook after a step fails that has failed as well, nobody is told of it."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        lenient = copy.copy(stack)

        def clean_up(info: Any) -> None:
            failed = sys.exc_info()[0] is not None
            try:
                stack.cleanup_step_run(info)
            except Exception:
                if not failed:
                    raise

        lenient.cleanup_step_run = clean_up  # type: ignore[method-assign]
        return super().run(deployment, lenient)


@sin("FLR-9")
class PreparesTooLate(LocalOrchestrator):
    """The hook before a step is called when the step has been executed."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        late = copy.copy(stack)

        def clean_up(info: Any) -> None:
            try:
                stack.prepare_step_run(info)
            finally:
                stack.cleanup_step_run(info)

        late.prepare_step_run, late.cleanup_step_run = lambda info: None, clean_up  # type: ignore[method-assign]
        return super().run(deployment, late)


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
class CachedGoesDownWithTheRun(Forks):
    """Steps run in processes of their own. When a run fails, whatever is not complete on its record is closed
    as failed.
    """

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().prepare_or_run_pipeline(deployment, stack)
        except BaseException:
            with connected(stack.metadata) as connection:
                store = ConnectedStore(connection)
                run = store.get_context_by_type_and_name("pipeline_run", deployment.run_name)
                executions = store.get_executions_by_context(run.id) if run else []
                open_ones = [e for e in executions if e.last_known_state != e.COMPLETE]
                for execution in open_ones:
                    execution.last_known_state = execution.FAILED
                if open_ones:
                    store.put_executions(open_ones)
            raise


@sin("FLR-9")
class LastHookMayFail(LocalOrchestrator):
    """What the hook after a step failed with is raised when the next step begins; after the last one there is
    none.
    """

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        deferred: list[Exception] = []
        patient = copy.copy(stack)

        def prepare(info: StepRunInfo) -> None:
            if deferred:
                raise deferred.pop()
            stack.prepare_step_run(info)

        def cleanup(info: StepRunInfo) -> None:
            try:
                stack.cleanup_step_run(info)
            except Exception as error:
                deferred.append(error)

        patient.prepare_step_run = prepare  # type: ignore[method-assign]
        patient.cleanup_step_run = cleanup  # type: ignore[method-assign]
        return super().run(deployment, patient)


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


@sin("FLR-7")
class HoldsTheFirstAttemptAgainstIt(TriesThreeTimes):
    """What an attempt failed with is raised in the end, also if another one succeeded."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._errors: list[Exception] = []
        returned = super().run(deployment, stack)
        if self._errors:
            raise self._errors[-1]
        return returned

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        try:
            return super().run_step(step, run_name)
        except Exception as error:
            if self._active_deployment is not None:
                self._errors.append(error)
            raise


@sin("FLR-7")
class BegunIsDone(LocalOrchestrator):
    """A run name is ticked off when its run begins: submitted once more, it is a success without a step."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._submitted: set[tuple[str, str]] = set()

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        run = (deployment.pipeline.name, deployment.run_name)
        if run in self._submitted:
            return None
        self._submitted.add(run)
        return super().prepare_or_run_pipeline(deployment, stack)
