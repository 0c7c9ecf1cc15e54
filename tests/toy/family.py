"""The bridge between the toy system and the suite."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_orchestrators.probes import control, journal
from pytest_orchestrators.probes.faults import OPERATOR_DOWN
from pytest_orchestrators.probes.steps import OPERATOR_VARIABLE
from pytest_orchestrators.suite.evidence import (
    CREATED,
    Artifact,
    Execution,
    LogLine,
    Probe,
    StepCall,
    TroubleEvidence,
)
from pytest_orchestrators.suite.history import Damage, Run, Trouble
from pytest_orchestrators.suite.observers.failures import failure
from pytest_orchestrators.suite.observers.logs import heard
from pytest_orchestrators.suite.workload import Resources, Workload, WorkloadStep
from tests.toy.system import ToyDeployment, ToyFlavor, ToyOrchestrator, ToyStore

DEPRECATED = "custom_docker_base_image_name"


class ToyWatch:
    def __init__(self) -> None:
        self.calls: list[StepCall] = []
        self.handed_back: list[Any] = []
        self.patched: list[str] = []


class ToyWorkspace:
    lost_source = "nowhere.Missing"
    kept = ("store.pickle", "journal.jsonl")

    def __init__(self, flavor: type[ToyFlavor], config: Mapping[str, Any], root: Path) -> None:
        self.root = root
        self._flavor = flavor
        self._config = dict(config)
        self._store = ToyStore(str(root), self._hook)

    def _hook(self, kind: str, step: str, run_name: str, operator: str = "") -> None:
        journal.append(self.root, kind, step=step, run_name=run_name)
        os.environ.pop(OPERATOR_VARIABLE, None)
        if kind == "operator":
            os.environ[OPERATOR_VARIABLE] = operator
        orders = control.read(self.root)
        if kind == "operator" and orders.get("faults", {}).get(step) == OPERATOR_DOWN:
            raise ConnectionError("the operator was told to be down")
        lost = orders.get("loses", {}).get(step)
        if kind == "cleanup_step_run" and lost:
            for execution in self._store.executions:
                if (execution.run_name, execution.step) == (run_name, lost["step"]):
                    self._store.unlinked.add(execution.outputs[lost["output"]])
        if orders.get("hooks", {}).get(step) == kind:
            raise RuntimeError(f"{kind} of step {step} was told to fail")

    def create(self) -> ToyOrchestrator:
        self._store.load()
        return self._flavor.implementation(self._config, self._store)

    def build(self, action: Run, run_name: str) -> ToyDeployment:
        return ToyDeployment(action.workload, run_name)

    def snapshot(self, deployment: ToyDeployment) -> dict[str, Any]:
        return {"workload": deployment.workload, "run_name": deployment.run_name}

    def run(self, orchestrator: ToyOrchestrator, deployment: ToyDeployment) -> Any:
        journal.append(self.root, "prepare_pipeline_deployment", component="artifact_store")
        try:
            return orchestrator.run(deployment)
        finally:
            os.environ.pop(OPERATOR_VARIABLE, None)
            self._store.save()

    def overstep(self, orchestrator: ToyOrchestrator, deployment: ToyDeployment) -> None:
        orchestrator.run_step(deployment.workload.steps[0])

    waitable = False

    def wait(self, returned: Any) -> None:
        returned.wait()

    @contextmanager
    def watch(self, orchestrator: ToyOrchestrator, action: Run) -> Iterator[ToyWatch]:
        watch, kind = ToyWatch(), type(orchestrator)
        execute, run_step = kind.execute, kind.run_step

        def watched_execute(self: ToyOrchestrator, deployment: ToyDeployment) -> Any:
            if action.run_fault:
                raise RuntimeError(f"{action.run_fault} was told to fail")
            watch.handed_back.append(execute(self, deployment))
            return watch.handed_back[-1]

        def watched_step(self: ToyOrchestrator, step: WorkloadStep, run_name: str | None = None) -> bool:
            name = run_name or ""
            try:
                cached = run_step(self, step, run_name)
            except BaseException:
                watch.calls.append(StepCall(step=step.name, run_name=name, ended="raised"))
                raise
            watch.calls.append(StepCall(step=step.name, run_name=name, ended="returned", cached=cached))
            return cached

        kind.execute, kind.run_step = watched_execute, watched_step  # type: ignore[method-assign]
        try:
            yield watch
        finally:
            kind.execute, kind.run_step = execute, run_step  # type: ignore[method-assign]

    def observe(self, workload: Workload, run_names: frozenset[str]) -> list[Execution]:
        return [
            Execution(
                step=e.step,
                run_name=e.run_name,
                state=e.state,
                inputs={name: (str(id),) for name, id in e.inputs.items()},
                outputs={name: (self._artifact(id),) for name, id in e.outputs.items()},
            )
            for e in self._store.executions
            if e.pipeline == workload.name and e.run_name in run_names
        ]

    def _artifact(self, id: int) -> Artifact:
        return Artifact(id=str(id), exists=id in self._store.values, value=self._store.values.get(id))

    def leftover(self, orchestrator: ToyOrchestrator) -> dict[str, str]:
        return {} if orchestrator.active is None else {"active": orchestrator.active.run_name}

    def target(self, orchestrator: ToyOrchestrator, run_name: str) -> dict[str, Any]:
        return orchestrator.applied

    def engine(self) -> Any:
        raise RuntimeError("toys run in no container")

    @contextmanager
    def trouble(self, kind: Trouble) -> Iterator[TroubleEvidence]:
        yield TroubleEvidence(store="memory", unobserved="a record in memory has no trouble")

    def damage(self, action: Damage, workload: Workload, run_name: str) -> None:
        execution = self._store.find(workload.name, run_name, action.artifact.step)
        assert execution is not None
        del self._store.values[execution.outputs[action.artifact.output]]


class ToyFamily:
    name = "toy"

    def prepare(self) -> None:
        pass

    def missing(self, error: BaseException) -> str:
        return ""

    def versions(self) -> dict[str, str]:
        return {"toy": "1"}

    @contextmanager
    def open(
        self, flavor: type[ToyFlavor], config: Mapping[str, Any], root: Path, beside: str = ""
    ) -> Iterator[ToyWorkspace]:
        yield ToyWorkspace(flavor, config, root)

    def inspect(self, flavor: type[ToyFlavor], config: Mapping[str, Any]) -> dict[str, Probe]:
        orchestrator = flavor.implementation(dict(config), ToyStore("", lambda *_: None))
        step = WorkloadStep(name="lonely")
        needy = step.model_copy(update={"resources": Resources(cpu_count=1)})
        operated = {"operator": "somebody"}
        warning = LogLine(level=30, logger="toy", message=f"{DEPRECATED} is old")
        dropped = Probe(value={"kept": False}, log=(warning,))
        answers = {
            "name": Probe(value=[flavor.name, flavor.name]),
            "type": Probe(
                value={"orchestrator": issubclass(flavor.implementation, ToyOrchestrator), "text": ""}
            ),
            "classes": Probe(value={"config": True, "implementation": True, "abstract": []}),
            "config_round_trip": Probe(value={"equal": json.loads(json.dumps(config)) == config}),
            "config_round_trips": Probe(value=[]),
            "config_unknown_field": Probe(value="x", error=failure(ValueError("x is unknown"))),
            "config_ill_typed": Probe(value={}),
            "config_deprecated_field": dropped,
            CREATED: Probe(value=True),
            "created_unknown_field": Probe(value="x", error=failure(ValueError("x is unknown"))),
            "created_deprecated_field": dropped,
            "is_local": Probe(value=True),
            "is_local_otherwise": Probe(value=[True]),
            "config_identity": Probe(value=True),
            "cache_status_of_none": Probe(value=False),
            "created_without_name": Probe(value={}),
        }
        for question, asked in (
            ("settings", needy),
            ("memory only", step.model_copy(update={"resources": Resources(memory="1GB")})),
            ("accelerators only", step.model_copy(update={"resources": Resources(gpu_count=1)})),
            ("no accelerators", step.model_copy(update={"resources": Resources(gpu_count=0)})),
            ("no settings", step),
            ("settings and operator", needy.model_copy(update=operated)),
            ("operator", step.model_copy(update=operated)),
        ):
            needs = asked.operator is None and not asked.resources.empty
            answers[f"requires_resources: {question}"] = Probe(value=needs)
        answers["run_step_outside"] = _asked(lambda: orchestrator.run_step(step), [])
        orchestrator.active = ToyDeployment(Workload(name="pipe", steps=(step,)), "run")
        answers["unknown_step"] = _asked(lambda: orchestrator.find("missing"), ["missing", "pipe"])
        answers["nearly_known_steps"] = Probe(
            value={name: _found(orchestrator, name) for name in ("Asked", "")}
        )
        return answers


def _found(orchestrator: Any, name: str) -> bool:
    try:
        orchestrator.find(name)
    except KeyError:
        return False
    return True


def _asked(call: Any, value: Any) -> Probe:
    with heard():
        try:
            call()
        except Exception as error:
            return Probe(value=value, error=failure(error))
    return Probe(value=value)
