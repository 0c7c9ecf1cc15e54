"""Wrong ways of being interrupted, and of being called a second time in the middle of a run."""

from __future__ import annotations

import contextlib
import copy
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from pytest_orchestrators import BaseOrchestrator, PipelineDeployment, Stack, Step
from reference_flavors.local import LocalOrchestrator
from tests.broken.sins import sin
from tests.right.in_this_process import GoesOnWithBranches
from tests.warns import Warns


@sin("CLN-9")
class SwallowsInterrupts(LocalOrchestrator):
    """Ctrl-C ends the run in peace."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        with contextlib.suppress(KeyboardInterrupt):
            return super().run(deployment, stack)


@sin("CLN-9")
class WrapsInterrupts(LocalOrchestrator):
    """Whatever comes out of a step becomes an error of its own."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        try:
            return super().run_step(step, run_name)
        except BaseException as error:
            raise RuntimeError(f"step {step.config.name} failed") from error


@sin("CLN-9")
class LeavesByExit(LocalOrchestrator):
    """Ctrl-C becomes the exit code that a shell would show."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().run(deployment, stack)
        except KeyboardInterrupt as interrupt:
            raise SystemExit(130) from interrupt


@sin("CLN-9")
class GoesOnAfterInterrupts(LocalOrchestrator):
    """Ctrl-C ends the step that runs, and the next one begins."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> None:
        self.warn_schedule_ignored(deployment)
        interrupts: list[KeyboardInterrupt] = []
        for step in deployment.steps.values():
            self.warn_resources_ignored(step)
            try:
                self.run_step(step)
            except KeyboardInterrupt as interrupt:
                interrupts.append(interrupt)
        if interrupts:
            raise interrupts[0]


@sin("CLN-9")
class IsDeaf(LocalOrchestrator):
    """While a pipeline runs nobody may interrupt."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if threading.current_thread() is not threading.main_thread():
            return super().run(deployment, stack)
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return super().run(deployment, stack)
        finally:
            signal.signal(signal.SIGINT, before)


@sin("CLN-9")
class KeepsWhatWasInterrupted(LocalOrchestrator):
    """What was interrupted is kept, to be gone on with."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().run(deployment, stack)
        except KeyboardInterrupt:
            self._active_deployment = deployment
            raise


@sin("CLN-9")
class RemembersTheInterrupt(LocalOrchestrator):
    """Once it was interrupted it runs nothing any more."""

    _stopped = False

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if self._stopped:
            raise RuntimeError("the orchestrator was stopped")
        self._stopped = True
        result = super().run(deployment, stack)
        self._stopped = False
        return result


@sin("CLN-9")
class LeavesTheStepInThePool(Warns):
    """Ctrl-C ends the waiting for a pool of threads, and not the step that runs in it."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        pool = ThreadPoolExecutor(1)
        try:
            for step in deployment.steps.values():
                pool.submit(self.run_step, step).result()
        except KeyboardInterrupt:
            pool.shutdown(wait=False)
            raise
        except BaseException:
            pool.shutdown()
            raise
        pool.shutdown()


@sin("CLN-9")
class FinishesWhatIsNotLost(GoesOnWithBranches):
    """Whatever a step raises, what does not depend on it is done first, also after Ctrl-C."""

    outlived = (BaseException,)


@sin("CLN-10")
class PutsTheFirstBack(LocalOrchestrator):
    """A second run takes the place of the first and gives it back in the end: right for a run within a step,
    wrong for two threads.
    """

    _STATE = ("_given_stack", "_active_run", "_active_deployment", "_active_pb2_pipeline")

    @contextlib.contextmanager
    def active_run(self, deployment: PipelineDeployment, stack: Stack) -> Iterator[None]:
        outer = {name: getattr(self, name) for name in self._STATE}
        self._given_stack = self._active_run = None
        try:
            with super().active_run(deployment, stack):
                yield
        finally:
            vars(self).update(outer)


@sin("CLN-10")
class TakesTheSecondForTheFirst(LocalOrchestrator):
    """A second run takes the place of the first, in the middle of it."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._given_stack = None
        return super().run(deployment, stack)


@sin("CLN-10")
class CleansUpTheFirst(LocalOrchestrator):
    """Cleans up after a run that was refused, and takes the first one's state with it."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().run(deployment, stack)
        finally:
            self._cleanup_run()


@sin("CLN-10")
class SharesWhatIsDone(LocalOrchestrator):
    """Every run has a copy of the orchestrator, and all copies have one list of the steps that are done."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._done: set[str] = set()

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        return super(SharesWhatIsDone, copy.copy(self)).run(deployment, stack)

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        try:
            for name, step in deployment.steps.items():
                if name not in self._done:
                    self.warn_resources_ignored(step)
                    self.run_step(step)
                    self._done.add(name)
        finally:
            self._done.clear()


@sin("CLN-10")
class WaitsForEver(LocalOrchestrator):
    """A second run waits for a sign of the first that never comes."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if self._given_stack is not None:
            threading.Event().wait()
        return super().run(deployment, stack)


@sin("CLN-10")
class RefusesByAccident(LocalOrchestrator):
    """A second run stumbles over what is not there."""

    _current: Any = None

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if self._given_stack is not None:
            return self._current.wait_for(deployment)
        return super().run(deployment, stack)


@sin("CLN-10")
class RefusesInSilence(LocalOrchestrator):
    """A second run comes back at once, and nothing was run."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if self._given_stack is not None:
            return None
        return super().run(deployment, stack)


@sin("CLN-10")
class RefusesTooLate(LocalOrchestrator):
    """Notices after the first step of a second run that there is another one."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if self._given_stack is None:
            return super().run(deployment, stack)
        inner = type(self)(self.name, self.config)
        with inner.active_run(deployment, stack):
            inner.run_step(next(iter(deployment.steps.values())))
        raise RuntimeError("another run is going on: wait for its end")


@sin("CLN-10")
class RefusesForGood(LocalOrchestrator):
    """Who was refused once is refused for ever."""

    _refused = False

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._refused = self._refused or self._given_stack is not None
        if self._refused:
            raise RuntimeError("a run is going on: wait for its end")
        return super().run(deployment, stack)


@sin("CLN-9", "CLN-7", capabilities=("step_operator", "parallel_steps"))
class FolderForARun(LocalOrchestrator):
    """Steps in threads, and a temporary folder for as long as they are run."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        for step in deployment.steps.values():
            self.warn_resources_ignored(step)
        folder = Path(tempfile.mkdtemp(prefix="progress-"))
        failures = self._run_all(deployment, folder / "done.txt")
        shutil.rmtree(folder)
        if failures:
            raise failures[0]

    def _run_all(self, deployment: PipelineDeployment, progress: Path) -> list[BaseException]:
        """Run all steps, up to the first failures; these."""
        sorter = TopologicalSorter({n: step.spec.upstream_steps for n, step in deployment.steps.items()})
        sorter.prepare()
        failures: list[BaseException] = []
        running: dict[Future[Any], str] = {}
        with ThreadPoolExecutor(4) as pool:
            try:
                while sorter.is_active() and not failures:
                    for name in sorter.get_ready():
                        running[pool.submit(self.run_step, deployment.steps[name])] = name
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        name, error = running.pop(future), future.exception()
                        if error is not None:
                            failures.append(error)
                            continue
                        sorter.done(name)
                        with progress.open("a", encoding="utf-8", errors="backslashreplace") as file:
                            file.write(f"{name!r}\n")
            finally:
                pool.shutdown(cancel_futures=True)
        return failures


class FindsRunsAgain(LocalOrchestrator):
    """Every run has an orchestrator of its own, found by names; by which, the subclasses say wrongly."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._runs: dict[str, BaseOrchestrator] = {}

    def names(self, deployment: PipelineDeployment) -> list[str]:
        """By which names its run is found."""
        raise NotImplementedError

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        inner = LocalOrchestrator(self.name, self.config)
        with inner.active_run(deployment, stack):
            self._runs.update(dict.fromkeys(self.names(deployment), inner))
            try:
                return self.prepare_or_run_pipeline(deployment, stack)
            finally:
                for name in self.names(deployment):
                    self._runs.pop(name, None)


@sin("CLN-10")
class RunsByStepName(FindsRunsAgain):
    """Every run has an orchestrator of its own, found by the names of its steps."""

    def names(self, deployment: PipelineDeployment) -> list[str]:
        return list(deployment.steps)

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        inner = self._runs.get(step.config.name)
        # Outside a run, the base class knows what to say.
        return inner.run_step(step, run_name) if inner else super().run_step(step, run_name)


@sin("CLN-10")
class RunsByPipeline(FindsRunsAgain):
    """Every run has an orchestrator of its own, found by the name of its pipeline."""

    def names(self, deployment: PipelineDeployment) -> list[str]:
        return [deployment.pipeline.name]

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        pipeline = deployment.pipeline.name
        self._runs[pipeline].warn_schedule_ignored(deployment)
        for step in deployment.steps.values():
            self._runs[pipeline].warn_resources_ignored(step)
            self._runs[pipeline].run_step(step)


class _Heartbeat(threading.Thread):
    """Goes on until it is stopped."""

    def __init__(self) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._over = threading.Event()

    def run(self) -> None:
        self._over.wait(30.0)

    def stop(self) -> None:
        self._over.set()
        self.join()


@sin("CLN-9", capabilities=("step_operator", "parallel_steps"))
class BeatsOnAfterCtrlC(FolderForARun):
    """The heartbeat of a run is stopped when its steps have ended, and not if the waiting is broken off."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        for step in deployment.steps.values():
            self.warn_resources_ignored(step)
        heartbeat = _Heartbeat()
        heartbeat.start()
        with tempfile.TemporaryDirectory() as folder:
            failures = self._run_all(deployment, Path(folder) / "done.txt")
        heartbeat.stop()
        if failures:
            raise failures[0]


@sin("CLN-9")
class StopsBeforeTheNextStep(LocalOrchestrator):
    """Ctrl-C is noted, and seen to before the next step: behind the last one nobody sees to it."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        if threading.current_thread() is not threading.main_thread():
            return super().prepare_or_run_pipeline(deployment, stack)
        stop = threading.Event()
        before = signal.signal(signal.SIGINT, lambda *_: stop.set())
        try:
            self.warn_schedule_ignored(deployment)
            for step in deployment.steps.values():
                if stop.is_set():
                    raise KeyboardInterrupt
                self.warn_resources_ignored(step)
                self.run_step(step)
        finally:
            signal.signal(signal.SIGINT, before)
        return None
