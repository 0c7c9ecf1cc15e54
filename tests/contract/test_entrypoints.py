"""Steps and pipelines in processes of their own."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sample_steps import Odd, constant, die_once, double, fail, fail_pickily, leave, process_id, speak

from pytest_orchestrators import (
    BaseOrchestrator,
    InMemoryMetadataConfig,
    Pipeline,
    PipelineEntrypointConfiguration,
    RemoteStepError,
    SessionError,
    StepEntrypointConfiguration,
    handover,
    raise_step_error,
)
from pytest_orchestrators.contract.entrypoints import step as step_entrypoint
from pytest_orchestrators.contract.entrypoints.handover import handover_folder
from pytest_orchestrators.contract.session import GlobalConfiguration


class InSubprocesses(BaseOrchestrator):
    """Runs every step in a process of its own."""

    def prepare_or_run_pipeline(self, deployment, stack):
        with handover(deployment, stack) as environment:
            for name in deployment.steps:
                command = [
                    *StepEntrypointConfiguration.get_entrypoint_command(),
                    *StepEntrypointConfiguration.get_entrypoint_arguments(step_name=name),
                ]
                try:
                    run(command, environment)
                except subprocess.CalledProcessError as error:
                    raise_step_error(environment, name, otherwise=error)


class InOneSubprocess(BaseOrchestrator):
    """Runs the whole pipeline in a process of its own."""

    def prepare_or_run_pipeline(self, deployment, stack):
        with handover(deployment, stack) as environment:
            command = [
                *PipelineEntrypointConfiguration.get_entrypoint_command(),
                *PipelineEntrypointConfiguration.get_entrypoint_arguments(),
            ]
            try:
                run(command, environment)
            except subprocess.CalledProcessError as error:
                raise_step_error(environment, "", otherwise=error)


def run(command, environment):
    subprocess.run(command, env={**os.environ, **environment}, check=True)


@pytest.fixture
def stack(make_stack):
    return make_stack(InSubprocesses(), on_disk=True)


@pytest.mark.parametrize("orchestrator", [InSubprocesses, InOneSubprocess])
def test_steps_run_elsewhere_and_are_cached_like_any(make_stack, record, orchestrator):
    stack = make_stack(orchestrator(), on_disk=True)
    for run_name in ("one", "two"):
        pipeline = Pipeline("demo", double(constant(n=2)), process_id())
        stack.deploy_pipeline(pipeline.compile(stack=stack, run_name=run_name))
    first, second = record(stack, "one"), record(stack, "two")
    assert first["double"].outputs == {"output": 4}
    assert first["process_id"].outputs["output"] != os.getpid()
    assert {step.state for step in first.values()} == {"COMPLETE"}
    assert {step.state for step in second.values()} == {"CACHED"}


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (fail(message="far away"), Odd, "^far away$"),
        (
            fail_pickily(),
            RemoteStepError,
            "Step 'fail_pickily' failed in its own process(.|\n)*7: no way back",
        ),
        (leave(), SystemExit, "3"),
    ],
)
def test_a_failure_comes_back_with_class_and_message(stack, record, capfd, step, error, message):
    with pytest.raises(error, match=message) as caught:
        stack.deploy_pipeline(Pipeline("demo", step).compile(stack=stack))
    assert type(caught.value) is error
    assert isinstance(caught.value.__cause__, subprocess.CalledProcessError)
    assert [each.state for each in record(stack)] == ["FAILED"]
    assert "Traceback" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["--help", "--step_name=x", 'it\'s "a" $(true)', "日本"])
def test_a_step_may_be_called_like_an_option(stack, record, name):
    stack.deploy_pipeline(Pipeline("demo", constant(n=1).named(name)).compile(stack, "run"))
    assert record(stack, "run")[name].state == "COMPLETE"


@pytest.mark.parametrize("arguments", [[], ["--step_name"], ["--step", "x"], ["--step_name", "x", "y"]])
def test_other_arguments_are_refused(capfd, arguments):
    with pytest.raises(SystemExit):
        step_entrypoint.main(arguments)
    assert "usage: python -m pytest_orchestrators.contract.entrypoints.step" in capfd.readouterr().err


def test_a_process_that_dies_is_a_failure_and_the_step_can_be_repeated(stack, record, tmp_path):
    def deployment():
        return Pipeline("demo", die_once(flag=str(tmp_path / "flag"))).compile(stack=stack, run_name="one")

    with pytest.raises(subprocess.CalledProcessError):
        stack.deploy_pipeline(deployment())
    stack.deploy_pipeline(deployment())
    assert [each.state for each in record(stack)] == ["FAILED", "COMPLETE"]
    assert record(stack)[-1].outputs == {"output": 5}


def test_the_log_of_a_step_is_on_stderr(stack, capfd):
    stack.deploy_pipeline(Pipeline("demo", speak()).compile(stack=stack))
    said = capfd.readouterr()
    assert "spoken in the step's own process" in said.out
    assert "Step `speak` has started." in said.err


def test_what_is_handed_over_is_for_this_user_only_and_removed(stack):
    deployment = Pipeline("demo", constant(n=1)).compile(stack=stack)
    with handover(deployment, stack) as environment:
        folder = Path(environment["PYTEST_ORCHESTRATORS_HANDOVER"])
        assert folder.is_relative_to(GlobalConfiguration().local_stores_path)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "stack.json").stat().st_mode) == 0o600
    assert list(GlobalConfiguration().local_stores_path.iterdir()) == []


def test_an_unknown_step_is_refused_by_the_process(stack, capfd):
    deployment = Pipeline("demo", constant(n=1)).compile(stack=stack)
    command = [sys.executable, "-m", "pytest_orchestrators.contract.entrypoints.step", "--step_name", "other"]
    with handover(deployment, stack) as environment, pytest.raises(subprocess.CalledProcessError):
        run(command, environment)
    assert "Pipeline 'demo' has no step 'other'." in capfd.readouterr().err


def test_a_store_in_memory_is_refused_by_the_process(make_stack):
    stack = make_stack(InSubprocesses(), metadata=InMemoryMetadataConfig(name="here"))
    with pytest.raises(SessionError, match="in-memory store 'here' cannot be seen by other processes"):
        stack.deploy_pipeline(Pipeline("demo", constant(n=1)).compile(stack=stack))


def test_a_process_without_handover_says_what_is_missing(monkeypatch, tmp_path):
    with pytest.raises(SessionError, match="PYTEST_ORCHESTRATORS_HANDOVER is not set"):
        handover_folder()
    monkeypatch.setenv("PYTEST_ORCHESTRATORS_HANDOVER", str(tmp_path / "gone"))
    with pytest.raises(SessionError, match="is not here: is it mounted"):
        handover_folder()


def test_a_steps_process_imports_no_test_tools():
    command = (
        "import sys, pytest_orchestrators.contract.entrypoints.step, reference_flavors.local\n"
        "import pytest_orchestrators.contract.entrypoints.execution\n"
        "print({'pytest', 'hypothesis', 'pytest_orchestrators.suite'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True)
    assert said.stdout == "set()\n"
