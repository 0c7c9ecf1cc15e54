"""Right orchestrators that run the steps in this process: other orders, threads, names, errors, warnings."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, Field, SecretStr

from pytest_orchestrators import (
    BaseOrchestrator,
    BaseOrchestratorConfig,
    PipelineDeployment,
    Stack,
    Step,
)
from reference_flavors.local import LocalOrchestrator
from tests.right.flavors import right, right_with
from tests.right.telling import End, TellsOfSteps
from tests.warns import Warns

logger = logging.getLogger(__name__)


def sorter_of(deployment: PipelineDeployment) -> TopologicalSorter[str]:
    """The steps, each after its upstream steps."""
    return TopologicalSorter({name: step.spec.upstream_steps for name, step in deployment.steps.items()})


class Handle:
    """What a run is known by, equal to nothing else."""

    def __init__(self, run_name: str) -> None:
        self.run_name = run_name


class PipelineFailed(Exception):
    """What it calls the failure of a pipeline."""


class WarnsByWarnings(Warns):
    """Gives Python warnings where others log. Not a whole orchestrator."""

    def warn_schedule_ignored(self, deployment: PipelineDeployment) -> None:
        if deployment.schedule is not None:
            warnings.warn("It has a schedule, and runs now and never again.", UserWarning, stacklevel=2)

    def warn_resources_ignored(self, step: Step) -> None:
        if self.requires_resources_in_orchestration_environment(step):
            warnings.warn(f"{step.config.name} gets no CPU of its own.", UserWarning, stacklevel=2)


class WarnsOfAllAtOnce(LocalOrchestrator):
    """One warning names all steps whose resources are ignored. A part of the next one."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        steps = deployment.steps.items()
        needy = [n for n, s in steps if self.requires_resources_in_orchestration_environment(s)]
        if needy:
            logger.warning("No resources are set aside for %s.", ", ".join(needy))
        super().prepare_or_run_pipeline(deployment, stack)

    def warn_resources_ignored(self, step: Step) -> None:
        pass


class WrapsErrors(Warns):
    """Raises an error of its own from the one of the step. Not a whole orchestrator."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().run(deployment, stack)
        except (Exception, SystemExit) as error:
            raise PipelineFailed(f"The pipeline {deployment.pipeline.name} failed.") from error


class Limits(BaseModel):
    """A part of a configuration."""

    steps: int = 100
    patience: timedelta = timedelta(seconds=1.5)


class ConfiguredConfig(BaseOrchestratorConfig):
    """Fields of many types."""

    workers: int = 2
    label: str | None = None
    token: SecretStr = SecretStr("not to be seen")
    labels: dict[str, str] = Field(default_factory=dict)
    zones: tuple[str, ...] = ("here",)
    limits: Limits = Limits()
    folder: Path = Path("somewhere")
    anything: Any = None

    @property
    def is_local(self) -> bool:
        return self.workers < 10


@right_with("parallel_steps")
class LayersOfThreads(WarnsByWarnings):
    """Runs one layer of steps after the other, each layer in threads; gives Python warnings."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        sorter = sorter_of(deployment)
        sorter.prepare()
        with ThreadPoolExecutor(4) as pool:
            while sorter.is_active():
                ready = sorter.get_ready()
                futures = [pool.submit(self.run_step, deployment.steps[name]) for name in ready]
                wait(futures)
                for future in futures:
                    future.result()
                sorter.done(*ready)


@right
class LastReadyFirst(Warns):
    """Of the steps that are ready it runs the last one first; returns an object of its own."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        sorter, ready = sorter_of(deployment), []
        sorter.prepare()
        while sorter.is_active():
            ready += sorted(sorter.get_ready())
            name = ready.pop()
            self.run_step(deployment.steps[name])
            sorter.done(name)
        return Handle(deployment.run_name)


@right_with("parallel_steps")
class QueueOfThreads(WrapsErrors):
    """Several threads take whatever is ready from one queue; nothing waits for a layer.

    Its errors are of its own making.
    """

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        ready: queue.Queue[str | None] = queue.Queue()
        done: queue.Queue[tuple[str, BaseException | None]] = queue.Queue()

        def work() -> None:
            while (name := ready.get()) is not None:
                try:
                    self.run_step(deployment.steps[name])
                    done.put((name, None))
                except BaseException as error:
                    done.put((name, error))

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            self._feed(sorter_of(deployment), ready, done)
        finally:
            for _ in threads:
                ready.put(None)
            for thread in threads:
                thread.join()

    @staticmethod
    def _feed(sorter: TopologicalSorter[str], ready: Any, done: Any) -> None:
        sorter.prepare()
        while sorter.is_active():
            for name in sorter.get_ready():
                ready.put(name)
            name, error = done.get()
            if error is not None:
                raise error
            sorter.done(name)


@right
class OwnRunName(WarnsOfAllAtOnce):
    """Gives the run a name of its own, made from the deployment's, and hands it to every step.

    One warning names all steps that ask for resources.
    """

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if self._active_run is None:
            return super().run_step(step)  # which says what is wrong
        assert self._active_deployment is not None
        return super().run_step(step, run_name=f"mine: {self._active_deployment.run_name}")


@right
class FreshRunName(LocalOrchestrator):
    """Gives every run a new name, also when it is asked for the same one again."""

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        return super().run(deployment.with_run_name(f"{deployment.run_name}-{uuid4().hex[:8]}"), stack)


@right_with(operators=False)
class RefusesOperators(LocalOrchestrator):
    """Declares no step operators, and refuses a deployment with one before any step is run."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        operated = [name for name, step in deployment.steps.items() if step.config.step_operator]
        if operated:
            raise ValueError(f"There are no step operators here: take them from {', '.join(operated)}.")
        super().prepare_or_run_pipeline(deployment, stack)


@right
class RefusesUsedRunNames(LocalOrchestrator):
    """A run name under which it has succeeded before is refused."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._used: set[tuple[str, str]] = set()

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        key = (deployment.pipeline.name, deployment.run_name)
        if key in self._used:
            raise ValueError(f"there is a run {deployment.run_name} already: choose another run name")
        super().prepare_or_run_pipeline(deployment, stack)
        self._used.add(key)


@right
class OverridesEverything(LocalOrchestrator):
    """Overrides all that may be overridden, and calls the base class each time.

    Its configuration has fields of many types, with a secret among them.
    """

    CONFIG_CLASS = ConfiguredConfig  # type: ignore[assignment]

    _runs = 0

    def prepare_pipeline_deployment(self, deployment: PipelineDeployment, stack: Stack) -> None:
        super().prepare_pipeline_deployment(deployment, stack)
        deployment.add_extra("prepared by", self.name)

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        logger.info("Run %d of this orchestrator.", self._runs)
        return super().run(deployment, stack)

    def _prepare_run(self, deployment: PipelineDeployment) -> None:
        super()._prepare_run(deployment)
        self._runs += 1

    def _cleanup_run(self) -> None:
        super()._cleanup_run()

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        return super().run_step(step=step, run_name=run_name)

    @staticmethod
    def requires_resources_in_orchestration_environment(step: Step) -> bool:
        return LocalOrchestrator.requires_resources_in_orchestration_environment(step)

    @staticmethod
    def _execute_step(tfx_launcher: Any) -> Any:
        return LocalOrchestrator._execute_step(tfx_launcher)


@right
class GoesOnWithBranches(Warns):
    """After a failure it runs all that does not depend on it, and raises the failure in the end."""

    outlived: tuple[type[BaseException], ...] = (Exception, SystemExit)

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        spoilt: set[str] = set()
        failures: list[BaseException] = []
        for name, step in deployment.steps.items():
            if spoilt.intersection(step.spec.upstream_steps):
                spoilt.add(name)
                continue
            try:
                self.run_step(step)
            except self.outlived as error:
                spoilt.add(name)
                failures.append(error)
        if failures:
            raise failures[0]


@right
class SignsForWords(TellsOfSteps):
    """Marks where a step starts and ends by signs, and by no word."""

    def begins(self, name: str) -> None:
        logger.info(">>> %s", name)

    def ends(self, name: str, how: End, seconds: float) -> None:
        sign = {"done": "|", "cached": "| cached |", "failed": "✗"}[how]
        logger.info("<<< %s %s %.0f ms", name, sign, 1000 * seconds)


@right
class TriesAgain(LocalOrchestrator):
    """Gives a step that fails two more attempts, under the same run name, before it raises."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        for _ in range(2):
            with contextlib.suppress(Exception):
                return super().run_step(step, run_name)
        return super().run_step(step, run_name)


@right
class OtherParameters(BaseOrchestrator):
    """Its parameters have other names, or are taken by keyword only."""

    def prepare_pipeline_deployment(self, *, deployment: PipelineDeployment, stack: Stack) -> None:  # type: ignore[override]
        deployment.add_extra("steps", len(deployment.steps))

    def prepare_or_run_pipeline(self, pipeline: PipelineDeployment, where: Stack) -> Any:  # type: ignore[override]
        self.warn_schedule_ignored(pipeline)
        for step in pipeline.steps.values():
            self.warn_resources_ignored(step)
            self.run_step(step=step, run_name=pipeline.run_name)

    def run_step(self, step: Step, *, run_name: str | None = None) -> Any:  # type: ignore[override]
        return super().run_step(step, run_name)
