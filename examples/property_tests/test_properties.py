"""Properties by `judge`, and of one's own."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from sorted_flavor import SortedFlavor

from pytest_orchestrators import LocalArtifactStore, PipelineDeployment, SqliteMetadataConfig, Stack
from pytest_orchestrators.strategies import deployments, histories, workloads

# A run takes longer than hypothesis gives an example by default.
settings.register_profile("pipelines", max_examples=10, deadline=None, derandomize=True)
settings.load_profile("pipelines")


@given(workload=workloads(max_steps=6))
def test_any_dag(judge, workload):
    judge(workload).assert_conforms()


@given(history=histories(workloads(max_steps=3), max_runs=3))
def test_any_history(judge, history):
    judge(history).assert_conforms()


def test_any_order_of_moves(judge):
    few = settings(max_examples=3, stateful_step_count=4)
    run_state_machine_as_test(judge.machine(workloads(max_steps=3)), settings=few)


@given(workload=workloads(min_steps=2, caching=False, schedules=False))
def test_what_does_not_change_is_executed_once(judge, workload):
    first, again = judge(workload).evidence.runs
    started = {fact.step for fact in first.events("started")}
    assert started == set(workload.names)
    assert not again.events("started")


@given(deployment=deployments(workloads(max_steps=3, resources=False), schedule=st.none()))
def test_a_deployment_is_left_as_it_was(deployment):
    before = deployment.to_json()
    with tempfile.TemporaryDirectory() as folder:  # not `tmp_path`: that is one folder for all examples
        stack = Stack(
            name="mine",
            orchestrator=SortedFlavor().create(),
            artifact_store=LocalArtifactStore.at(Path(folder, "artifacts")),
            metadata=SqliteMetadataConfig(path=Path(folder, "metadata.db")),
        )
        stack.deploy_pipeline(deployment)
    assert PipelineDeployment.from_json(before) == deployment
