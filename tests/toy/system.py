"""A toy kind of orchestrator: no TFX, no files, a record in memory. Small, and right unless a subclass is
wrong.
"""

from __future__ import annotations

import logging
import pickle
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_orchestrators.probes.steps import EDITIONS, INPUT, PARAMETER, PROBE
from pytest_orchestrators.probes.values import canonical
from pytest_orchestrators.suite.workload import Workload, WorkloadStep

logger = logging.getLogger("toy")
Hook = Callable[..., None]


@dataclass
class ToyDeployment:
    workload: Workload
    run_name: str
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass
class ToyExecution:
    pipeline: str
    run_name: str
    step: str
    state: str = "running"
    inputs: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, int] = field(default_factory=dict)


@dataclass
class ToyStore:
    """The record and the artifacts: ids to values; a value that was deleted is not there."""

    root: str
    hook: Hook
    executions: list[ToyExecution] = field(default_factory=list)
    values: dict[int, Any] = field(default_factory=dict)
    unlinked: set[int] = field(default_factory=set)
    cache: dict[str, dict[str, int]] = field(default_factory=dict)
    next_id: int = 1

    @property
    def _file(self) -> Path:
        return Path(self.root) / "store.pickle"

    def save(self) -> None:
        """Leave it to other processes."""
        kept = {name: value for name, value in vars(self).items() if name not in ("root", "hook")}
        self._file.write_bytes(pickle.dumps(kept))

    def load(self) -> None:
        """Take over what was saved last, if anything was."""
        if self._file.exists():
            vars(self).update(pickle.loads(self._file.read_bytes()))

    def find(self, pipeline: str, run_name: str, step: str) -> ToyExecution | None:
        key = (pipeline, run_name, step)
        return next((e for e in self.executions if (e.pipeline, e.run_name, e.step) == key), None)


class ToyOrchestrator:
    """Override `execute`, and call `run_step` for every step."""

    def __init__(self, config: dict[str, Any], store: ToyStore) -> None:
        self.config = config
        self.store = store
        self.active: ToyDeployment | None = None
        #: What is shown of a target environment: `resources` by step, `schedule`.
        self.applied: dict[str, Any] = {}

    def execute(self, deployment: ToyDeployment) -> Any:
        for name in deployment.workload.order():
            self.run_step(deployment.workload[name])
        return deployment.run_name

    def run(self, deployment: ToyDeployment) -> Any:
        if not isinstance(deployment.workload, Workload):
            raise ValueError("the deployment holds no workload")
        self.begin(deployment)
        try:
            self.warn(deployment)
            return self.execute(deployment)
        finally:
            self.active = None

    def begin(self, deployment: ToyDeployment) -> None:
        """One deployment at a time."""
        if self.active is not None:
            raise RuntimeError(f"run {self.active.run_name} is going on: use another orchestrator")
        self.active = deployment

    def warn(self, deployment: ToyDeployment) -> None:
        if deployment.workload.schedule:
            warnings.warn("the schedule is ignored, the pipeline runs at once", stacklevel=2)
        for step in deployment.workload.steps:
            if not step.resources.empty and step.operator is None:
                logger.warning("resources of step %s are ignored", step.name)

    def find(self, name: str) -> WorkloadStep:
        assert self.active is not None
        try:
            return self.active.workload[name]
        except KeyError:
            raise KeyError(f"step {name} is not in pipeline {self.active.workload.name}") from None

    def run_step(self, step: WorkloadStep, run_name: str | None = None) -> bool:
        """Launch a step; says whether it was cached."""
        if self.active is None:
            raise RuntimeError(f"no run is active, so step {step.name} cannot be run")
        run_name = run_name or self.active.run_name
        if step.operator:
            self.store.hook("operator", step.name, run_name, step.operator)
            return self.launch(step, run_name)
        try:
            self.store.hook("prepare_step_run", step.name, run_name)
            return self.launch(step, run_name)
        finally:
            self.store.hook("cleanup_step_run", step.name, run_name)

    def launch(self, step: WorkloadStep, run_name: str) -> bool:
        assert self.active is not None
        begin, store, pipeline = time.perf_counter(), self.store, self.active.workload.name
        logger.info("Step %s has started.", step.name)
        execution = store.find(pipeline, run_name, step.name)
        if execution is None:
            execution = ToyExecution(pipeline, run_name, step.name)
            store.executions.append(execution)
        elif execution.state in ("complete", "cached"):
            return False
        for name, ref in step.inputs.items():
            source = store.find(pipeline, run_name, ref.step)
            id = source.outputs.get(ref.output) if source else None
            if id is None or id in store.unlinked:
                execution.state = "failed"
                raise RuntimeError(f"input {name} of step {step.name} cannot be found")
            execution.inputs[name] = id
        key = canonical(
            [
                pipeline,
                step.model_dump(include={"name", "parameters", "edition", "rewritten", "outputs"}),
                execution.inputs,
            ]
        )
        hit = store.cache.get(key) if step.cache else None
        if hit is not None and not store.values.keys() >= set(hit.values()):
            logger.warning("the cache of step %s is not used: its values are gone", step.name)
        elif hit is not None:
            execution.outputs, execution.state = dict(hit), "cached"
            logger.info("Using cached version of %s.", step.name)
            logger.info("Step %s has finished in %.3f s.", step.name, time.perf_counter() - begin)
            return True
        execution.state = "failed"
        try:
            values = self.call(step, execution)
        except BaseException:
            logger.info("Step %s has failed after %.3f s.", step.name, time.perf_counter() - begin)
            raise
        for output in step.outputs:
            store.values[store.next_id] = values[output]
            execution.outputs[output] = store.next_id
            store.next_id += 1
        execution.state, store.cache[key] = "complete", execution.outputs
        logger.info("Step %s has finished in %.3f s.", step.name, time.perf_counter() - begin)
        return False

    def call(self, step: WorkloadStep, execution: ToyExecution) -> dict[str, Any]:
        received = {INPUT + name: self.store.values[id] for name, id in execution.inputs.items()}
        received |= {PARAMETER + name: value for name, value in step.parameters.items()}
        received[PROBE] = {"root": self.store.root, "step": step.name, "outputs": list(step.outputs)}
        returned = EDITIONS[step.edition](**received)
        values = [returned] if len(step.outputs) == 1 else list(returned or ())
        if len(values) != len(step.outputs):
            raise ValueError(f"step {step.name} returned {len(values)} outputs")
        for value in values:
            if not isinstance(value, dict):
                raise TypeError(f"step {step.name} returned {type(value).__name__}, not a dict")
            canonical(value)
        return dict(zip(step.outputs, values, strict=True))


class ToyFlavor:
    """A flavor is a class that names the orchestrator and the family."""

    __orchestrator_family__ = "tests.toy.family:ToyFamily"
    name = "toy"
    capabilities = frozenset({"step_operator"})
    implementation: type[ToyOrchestrator] = ToyOrchestrator


def toy_flavor(orchestrator: type[ToyOrchestrator], **members: Any) -> type[ToyFlavor]:
    """A flavor of an orchestrator, and whatever else is to be said about it."""
    return type("Flavor", (ToyFlavor,), {"implementation": orchestrator, **members})
