"""Deployments that are drawn: they run, and come to what the model says."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from pytest_orchestrators import (
    LocalArtifactStore,
    PipelineDeployment,
    ResourceSettings,
    Schedule,
    SqliteMetadataConfig,
    Stack,
    StepConfiguration,
)
from pytest_orchestrators.families.native.record import opened, read_executions
from pytest_orchestrators.probes.steps import OPERATOR
from pytest_orchestrators.strategies import (
    deployments,
    resource_settings,
    schedules,
    step_configurations,
    workloads,
)
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.model import Model
from pytest_orchestrators.suite.stores import temporary_stores
from reference_flavors.local import LocalOrchestratorFlavor
from tests.fuzzing.drawing import drawn, least


def stack_in(folder: Path) -> Stack:
    return Stack(
        name="mine",
        orchestrator=LocalOrchestratorFlavor().create({}),
        artifact_store=LocalArtifactStore.at(folder / "artifacts"),
        metadata=SqliteMetadataConfig(path=folder / "metadata.db"),
    )


@settings(max_examples=6, database=None, derandomize=True, deadline=None)
@hypothesis.given(st.data())
def test_what_is_drawn_runs_on_any_stack_and_gives_the_values_of_the_model(data: st.DataObject) -> None:
    workload = data.draw(workloads(max_steps=4))
    deployment = data.draw(deployments(st.just(workload)))
    with temporary_stores() as folder:
        stack = stack_in(folder)
        stack.prepare_pipeline_deployment(deployment)
        stack.deploy_pipeline(deployment)
        with opened(stack.metadata) as store:
            executions = read_executions(store, workload.name, [deployment.run_name])
        found = {e.step: {name: one.value for name, [one] in e.outputs.items()} for e in executions}
    expected = Model().expect(Run(label="first", workload=workload))
    assert found == {name: step.values for name, step in expected.steps.items()}


def test_a_deployment_is_what_its_workload_says() -> None:
    for deployment in drawn(deployments(workloads(names="hostile", operator=OPERATOR)), 40):
        assert PipelineDeployment.from_json(deployment.to_json()) == deployment
    named = drawn(deployments(workloads(stems=["mine"]), run_names=st.just("tonight")), 20)
    assert {deployment.run_name for deployment in named} == {"tonight"}
    assert {deployment.pipeline.name for deployment in named} == {"mine_pipeline"}
    nightly = Schedule(cron_expression="0 3 * * *")
    assert {d.schedule for d in drawn(deployments(schedule=st.just(nightly)), 10)} == {nightly}


def test_a_deployment_is_compiled_for_the_stack_that_is_given(tmp_path: Path) -> None:
    stack = stack_in(tmp_path)
    made = drawn(deployments(stack=stack), 10) + drawn(deployments(stack=lambda: stack), 10)
    assert {deployment.stack_id for deployment in made} == {stack.id}
    own = drawn(deployments(workloads(max_steps=1)), 20)
    assert len({deployment.stack_id for deployment in own}) == len({d.proto_pipeline for d in own})


def test_deployments_shrink_as_workloads_do() -> None:
    found = least(deployments(), lambda deployment: len(deployment.steps) >= 3)
    assert [step.spec.upstream_steps for step in found.steps.values()] == [[], ["amber_1"], ["amber_2"]]


def test_configurations_are_those_of_steps() -> None:
    found = drawn(step_configurations(workloads(operator=OPERATOR)), 80)
    assert {config.enable_cache for config in found} == {True, False}
    assert {config.step_operator for config in found} == {None, OPERATOR}
    inputs = {len(config.inputs) for config in found}
    assert inputs >= {0, 1}
    assert max(inputs) > 1
    assert {len(config.outputs) for config in found} >= {0, 1, 2}
    assert {config.resource_settings.empty for config in found} == {True, False}


def test_resources_are_of_every_kind() -> None:
    found = drawn(resource_settings(), 120)
    for kind in ("cpu_count", "gpu_count", "memory"):
        assert {getattr(settings, kind) is None for settings in found} == {True, False}
        alone = drawn(resource_settings(kinds=[kind], empty=False), 20)
        assert {settings.model_dump(exclude_none=True).keys() == {kind} for settings in alone} == {True}
    assert any(settings.empty for settings in found)
    assert least(resource_settings(), lambda settings: True) == ResourceSettings()


def test_schedules_are_of_every_kind() -> None:
    found = drawn(schedules(), 160)
    assert {schedule.cron_expression is None for schedule in found} == {True, False}
    assert all((s.cron_expression is None) != (s.interval_second is None) for s in found)
    assert all(s.interval_second >= timedelta(seconds=1) for s in found if s.interval_second)
    bounded = [schedule for schedule in found if schedule.start_time and schedule.end_time]
    assert bounded
    assert all(schedule.start_time <= schedule.end_time for schedule in bounded)
    assert {schedule.catchup for schedule in found} == {True, False}
    plain = drawn(schedules(kinds=["interval"], bounds=False, catchup=False), 20)
    assert {tuple(s.model_dump(exclude_defaults=True)) for s in plain} == {("interval_second",)}
    assert least(schedules(), lambda schedule: True) == Schedule(cron_expression="0 3 * * *")


@settings(
    max_examples=5, database=None, derandomize=True, deadline=None, suppress_health_check=[*HealthCheck]
)
@hypothesis.given(
    st.from_type(PipelineDeployment),
    st.from_type(StepConfiguration),
    st.from_type(ResourceSettings),
    st.from_type(Schedule),
)
def test_hypothesis_knows_the_types(
    deployment: PipelineDeployment, config: StepConfiguration, settings: ResourceSettings, schedule: Schedule
) -> None:
    assert deployment.proto_pipeline
    assert config.parameters["probe"]["step"] == config.name
    assert settings.gpu_count is None or settings.gpu_count <= 8
    assert schedule.cron_expression or schedule.interval_second


HYPOTHESIS_FIRST = "import hypothesis; from pytest_orchestrators import Schedule"
PACKAGE_FIRST = "from pytest_orchestrators import Schedule; import hypothesis"


@pytest.mark.parametrize("begin", [HYPOTHESIS_FIRST, PACKAGE_FIRST])
def test_types_are_known_whoever_is_imported_first(begin: str) -> None:
    code = (
        f"{begin}; import sys; from hypothesis import strategies as st; strategy = st.from_type(Schedule); "
        "assert 'tfx' not in sys.modules; "
        "made = hypothesis.find(strategy, lambda schedule: True); print(made.cron_expression)"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("0 3 * * *\n", "")


def test_hypothesis_alone_imports_nothing_heavy_of_ours() -> None:
    code = "import sys, hypothesis; print(*{'tfx', 'ml_metadata', 'pydantic'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_strategies_wait_for_tfx_until_something_is_drawn() -> None:
    made = "from pytest_orchestrators import strategies; strategies.deployments()"
    code = f"import sys; {made}; print('tfx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
