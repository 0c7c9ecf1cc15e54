"""The model says what TFX does that is nobody's flavor, and what the contract's own base class does."""

from __future__ import annotations

from pathlib import Path

import pytest
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.proto.orchestration import pipeline_pb2

from pytest_orchestrators import LocalArtifactStore, SqliteMetadataConfig, Stack
from pytest_orchestrators.contract.compiler.representation import decode_pipeline
from pytest_orchestrators.families.native.building import pipeline_of
from pytest_orchestrators.families.native.record import opened, read_executions
from pytest_orchestrators.probes import journal
from pytest_orchestrators.selection.subject import subject_of_flavor
from pytest_orchestrators.strategies import histories, workloads
from pytest_orchestrators.suite.attempting import Limits
from pytest_orchestrators.suite.carrying import carry_out
from pytest_orchestrators.suite.case import Case, walk
from pytest_orchestrators.suite.evidence import Execution
from pytest_orchestrators.suite.fuzzing.histories import MOVES
from pytest_orchestrators.suite.history import History, Run
from pytest_orchestrators.suite.model import Model, Status
from pytest_orchestrators.suite.stores import temporary_stores
from pytest_orchestrators.suite.workload import Workload
from reference_flavors.local import LocalOrchestratorFlavor
from tests.fuzzing.drawing import drawn

#: What TFX's runner knows nothing of: faults, processes, run names that are given, files that are gone.
WITH_TFX = ("again", "edit", "back", "rename", "other")


#: What becomes of steps, at least, in histories of one kind of move.
SEEN: dict[str, set[Status]] = {
    "again": {"executed", "cached"},
    "edit": {"executed", "cached"},
    "fail": {"executed", "cached", "failed", "not_run"},
    "repeat": {"executed", "skipped"},
    "damage": {"executed", "cached"},
    "anew": {"executed", "cached"},
    "back": {"executed", "cached"},
    "rename": {"executed"},
    "other": {"executed"},
}


class Tfx:
    """TFX's own runner, on stores in a folder."""

    def __init__(self, folder: Path) -> None:
        self._record = SqliteMetadataConfig(path=folder / "metadata.db")
        self._journal = folder / "journal"
        self._offset = 0
        self._runs: list[str] = []
        self._stack = Stack(
            name="tfx",
            orchestrator=LocalOrchestratorFlavor().create({}),
            artifact_store=LocalArtifactStore.at(folder / "artifacts"),
            metadata=self._record,
        )

    def run(self, workload: Workload) -> tuple[list[str], dict[str, Execution]]:
        """The steps in the order in which they were entered, and what the record says of each."""
        deployment = pipeline_of(workload, self._journal).compile(self._stack)
        representation = decode_pipeline(deployment.proto_pipeline)
        LocalDagRunner().run_with_ir(self._recorded(representation))
        events, self._offset = (
            journal.read(self._journal, self._offset) if self._journal.exists() else ([], 0)
        )
        with opened(self._record) as store:
            names = [context.name for context in store.get_contexts_by_type("pipeline_run")]
            [new] = set(names) - set(self._runs)
            self._runs.append(new)
            executions = read_executions(store, workload.name, [new])
        return [e["step"] for e in events if e["kind"] == "started"], {e.step: e for e in executions}

    def _recorded(self, pipeline: pipeline_pb2.Pipeline) -> pipeline_pb2.Pipeline:
        """The pipeline with what ours leave to the stack: where its record is."""
        config = pipeline_pb2.IntermediateDeploymentConfig()
        pipeline.deployment_config.Unpack(config)
        connection: metadata_store_pb2.ConnectionConfig = self._record.connection_config()
        config.metadata_connection_config.Pack(connection)
        pipeline.deployment_config.Pack(config)
        return pipeline


def histories_with_tfx() -> list[History]:
    pipelines = workloads(max_steps=5, schedules=False)
    return drawn(histories(pipelines, moves=WITH_TFX, max_runs=3, min_runs=2, long_run_names=False), 20)


@pytest.mark.parametrize("history", histories_with_tfx(), ids=lambda history: f"{len(history.actions)}_runs")
def test_the_model_says_what_tfx_does(history: History) -> None:
    model = Model()
    with temporary_stores() as folder:
        tfx = Tfx(folder)
        for action in history.actions:
            assert isinstance(action, Run)
            expected = model.expect(action)
            started, found = tfx.run(action.workload)
            cached = {name for name, execution in found.items() if execution.state == "cached"}
            assert found.keys() == expected.steps.keys()
            assert set(started) == expected.certainly("executed")
            assert cached == expected.certainly("cached")
            assert len(started) == len(set(started))
            for before, after, _ in action.workload.edges():
                if before in started and after in started:
                    assert started.index(before) < started.index(after)
            for name, step in expected.steps.items():
                outputs = {output: one.value for output, [one] in found[name].outputs.items()}
                assert outputs == step.values
            model.settle(expected, frozenset(started), frozenset(cached))


def status_of(case: Case, name: str, again: bool) -> Status:
    """What became of a step, as what was seen of the run has it; `again`: the run name was used before."""
    if case.started(name):
        return "executed" if name in case.completed() else "failed"
    states = case.states(name)
    if not states:
        return "not_run"
    if again and states[-1] in ("complete", "cached"):
        return "skipped"
    assert states[-1] in ("cached", "failed")
    return "cached" if states[-1] == "cached" else "failed"


@pytest.mark.parametrize("move", MOVES)
def test_the_model_allows_what_the_base_class_does(move: str) -> None:
    subject = subject_of_flavor(LocalOrchestratorFlavor())
    subject.family.prepare()
    strategy = histories(workloads(max_steps=4), moves=[move], min_runs=2, max_runs=3)
    seen: set[Status] = set()
    for history in drawn(strategy, 6):
        with temporary_stores() as folder:
            evidence = carry_out(history, subject, folder, Limits(60.0))
        assert not evidence.broken
        labels: set[str] = set()
        for case in walk(evidence):
            if case.refused:  # a run name that is too long
                continue
            for name, step in case.expected.steps.items():
                status = status_of(case, name, case.label in labels)
                assert status in step.allowed, (case.where, name)
                seen.add(status)
            assert case.expected.raises == (case.seen.outcome.kind == "raised")
            labels.add(case.label)
    assert seen >= SEEN[move]
