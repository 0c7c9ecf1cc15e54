"""Wrong orchestrators of the toy system: what the suite finds, it finds without TFX."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pytest_orchestrators.suite.workload import WorkloadStep
from tests.toy.system import ToyDeployment, ToyExecution, ToyFlavor, ToyOrchestrator

AnyToy = TypeVar("AnyToy", bound=type[ToyOrchestrator])

toys: list[tuple[type[ToyFlavor], str]] = []


def sin(requirement: str) -> Callable[[AnyToy], AnyToy]:
    """Register a wrong toy with the requirement that names its sin."""

    def register(wrong: AnyToy) -> AnyToy:
        toys.append((type(wrong.__name__, (ToyFlavor,), {"implementation": wrong}), requirement))
        return wrong

    return register


@sin("RUN-1")
class Null(ToyOrchestrator):
    """Does nothing."""

    def execute(self, deployment: ToyDeployment) -> Any:
        return deployment.run_name


@sin("RUN-2")
class Backwards(ToyOrchestrator):
    """Runs the last step first."""

    def execute(self, deployment: ToyDeployment) -> Any:
        for name in reversed(deployment.workload.order()):
            self.run_step(deployment.workload[name])


@sin("RUN-3")
class FalsyIsNothing(ToyOrchestrator):
    """Drops parameters that are false."""

    def call(self, step: WorkloadStep, execution: ToyExecution) -> dict[str, Any]:
        given = {name: value for name, value in step.parameters.items() if value}
        return super().call(step.model_copy(update={"parameters": given}), execution)


@sin("RUN-4")
class LosesTheResult(ToyOrchestrator):
    """`run` returns nothing."""

    def run(self, deployment: ToyDeployment) -> Any:
        super().run(deployment)


@sin("RUN-8")
class RenamesTheRun(ToyOrchestrator):
    """Writes into the deployment."""

    def run(self, deployment: ToyDeployment) -> Any:
        deployment.run_name = deployment.run_name.upper()
        return super().run(deployment)


@sin("RUN-15")
class SilentAtRest(ToyOrchestrator):
    """A step outside a run is left out in silence."""

    def run_step(self, step: WorkloadStep, run_name: str | None = None) -> bool:
        return self.active is not None and super().run_step(step, run_name)


@sin("RUN-16")
class SourcesFirst(ToyOrchestrator):
    """Runs what reads nothing first."""

    def execute(self, deployment: ToyDeployment) -> Any:
        steps = [deployment.workload[name] for name in deployment.workload.order()]
        for step in sorted(steps, key=lambda step: bool(step.inputs)):
            self.run_step(step)
        return deployment.run_name


@sin("CLN-2")
class CleansUpAfterSuccess(ToyOrchestrator):
    """What is active stays so after a failure."""

    def run(self, deployment: ToyDeployment) -> Any:
        self.active = deployment
        if not deployment.workload:
            raise ValueError("the deployment holds no workload")
        self.warn(deployment)
        result = self.execute(deployment)
        self.active = None
        return result


@sin("WRN-1")
class Silent(ToyOrchestrator):
    """Warns of nothing."""

    def warn(self, deployment: ToyDeployment) -> None:
        pass


@sin("CCH-5")
class FailedIsDone(ToyOrchestrator):
    """Fills the cache before the step has run."""

    def call(self, step: WorkloadStep, execution: ToyExecution) -> dict[str, Any]:
        if step.cache and (step.name, str(step.parameters), step.edition) in self.done:
            raise RuntimeError(f"step {step.name} was done before")
        if not self.succeeds(step):
            self.done.add((step.name, str(step.parameters), step.edition))
        return super().call(step, execution)

    @property
    def done(self) -> set[tuple[str, str, str]]:
        """What was begun."""
        return self.__dict__.setdefault("_done", set())

    @staticmethod
    def succeeds(step: WorkloadStep) -> bool:
        """Nobody knows beforehand."""
        return False


@sin("FLR-1")
class SwallowsFailures(ToyOrchestrator):
    """A failure ends the run in peace."""

    def execute(self, deployment: ToyDeployment) -> Any:
        with contextlib.suppress(Exception):
            return super().execute(deployment)


@sin("CLN-9")
class SwallowsInterrupts(ToyOrchestrator):
    """An interrupt ends the run in peace."""

    def execute(self, deployment: ToyDeployment) -> Any:
        with contextlib.suppress(KeyboardInterrupt):
            return super().execute(deployment)


@sin("CLN-9")
class WrapsInterrupts(ToyOrchestrator):
    """Whatever ends a run becomes an error of its own."""

    def execute(self, deployment: ToyDeployment) -> Any:
        try:
            return super().execute(deployment)
        except BaseException as error:
            raise RuntimeError("the run failed") from error


@sin("CLN-10")
class TakesTheSecondForTheFirst(ToyOrchestrator):
    """A second run takes the place of the first."""

    def begin(self, deployment: ToyDeployment) -> None:
        self.active = deployment


@sin("CLN-10")
class Asserts(ToyOrchestrator):
    """A second run trips over an assertion."""

    def begin(self, deployment: ToyDeployment) -> None:
        assert self.active is None
        self.active = deployment


@sin("FLR-6")
class ExitIsNoFailure(ToyOrchestrator):
    """A step that exits ends the run in peace."""

    def execute(self, deployment: ToyDeployment) -> Any:
        with contextlib.suppress(SystemExit):
            return super().execute(deployment)


@sin("FLR-2")
class GoesOn(ToyOrchestrator):
    """Runs what comes after a failed step, and raises in the end."""

    def execute(self, deployment: ToyDeployment) -> Any:
        failures: list[BaseException] = []
        for name in deployment.workload.order():
            try:
                self.run_step(deployment.workload[name])
            except BaseException as error:
                failures.append(error)
        if failures:
            raise failures[0]
        return deployment.run_name


@sin("FLR-3")
class ClosesAsComplete(ToyOrchestrator):
    """In the end everything is complete."""

    def execute(self, deployment: ToyDeployment) -> Any:
        try:
            return super().execute(deployment)
        finally:
            for execution in self.store.executions:
                execution.state = "complete" if execution.state == "failed" else execution.state


@sin("CCH-2")
class IgnoresTheSwitch(ToyOrchestrator):
    """Every step may be cached."""

    def run_step(self, step: WorkloadStep, run_name: str | None = None) -> bool:
        return super().run_step(step.model_copy(update={"cache": True}), run_name)


@sin("RUN-17")
class RunNamePerStep(ToyOrchestrator):
    """Every step has a run name of its own."""

    def run_step(self, step: WorkloadStep, run_name: str | None = None) -> bool:
        return super().run_step(step, f"{self.active.run_name}-{step.name}" if self.active else None)


@sin("CLN-5")
class GoesOnInAThread(ToyOrchestrator):
    """A thread outlives the run."""

    def execute(self, deployment: ToyDeployment) -> Any:
        threading.Thread(target=threading.Event().wait, args=(30.0,), daemon=True).start()
        return super().execute(deployment)


@sin("CLN-6")
class NamesTheRunToAll(ToyOrchestrator):
    """Leaves the run's name in the environment."""

    def execute(self, deployment: ToyDeployment) -> Any:
        os.environ["TOY_RUN"] = deployment.run_name
        return super().execute(deployment)


@sin("CLN-7")
class LeavesAFile(ToyOrchestrator):
    """A temporary file is removed after success only."""

    def execute(self, deployment: ToyDeployment) -> Any:
        with tempfile.NamedTemporaryFile(delete=False) as file:
            pass
        result = super().execute(deployment)
        Path(file.name).unlink()
        return result
