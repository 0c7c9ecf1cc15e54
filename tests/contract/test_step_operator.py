"""Steps that a step operator executes."""

import logging
import os
import signal

import psutil
import pytest
from sample_steps import Odd, constant, die_once, double, fail, process_id, speak

from pytest_orchestrators import (
    BaseStepOperator,
    LocalArtifactStore,
    Pipeline,
    PipelineConfiguration,
    Stack,
    StackError,
    StepConfiguration,
    StepOperatorError,
    StepRunInfo,
    SubprocessStepOperator,
)
from reference_flavors.local import LocalOrchestratorFlavor

SUBPROCESS = {"step_operator": "subprocess"}


def test_only_the_steps_that_name_it_run_in_the_operators_process(stack, record):
    pipeline = Pipeline(
        "demo",
        double(constant(n=4)).with_options(**SUBPROCESS),
        process_id().named("here"),
        process_id().named("there").with_options(**SUBPROCESS),
    )
    deployment = pipeline.compile(stack=stack)
    stack.deploy_pipeline(deployment)
    steps = record(stack, deployment.run_name)
    assert steps["double"].outputs == {"output": 8}
    assert steps["here"].outputs["output"] == os.getpid() != steps["there"].outputs["output"]
    again = pipeline.compile(stack=stack)
    stack.deploy_pipeline(again)
    assert {step.state for step in record(stack, again.run_name).values()} == {"CACHED"}


def test_a_failure_in_the_operators_process_comes_back(stack, record):
    deployment = Pipeline("demo", fail(message="over there").with_options(**SUBPROCESS)).compile(stack=stack)
    with pytest.raises(Odd, match=r"^over there$") as caught:
        stack.deploy_pipeline(deployment)
    assert isinstance(caught.value.__cause__, StepOperatorError)
    assert [each.state for each in record(stack)] == ["FAILED"]


def test_a_process_that_dies_is_a_failure(stack, record, tmp_path):
    step = die_once(flag=str(tmp_path / "flag")).with_options(**SUBPROCESS)
    with pytest.raises(StepOperatorError, match="step 'die_once' ended with exit code 9"):
        stack.deploy_pipeline(Pipeline("demo", step).compile(stack=stack))
    assert [each.state for each in record(stack)] == ["FAILED"]


def test_what_the_process_prints_is_logged(stack, caplog):
    caplog.set_level(logging.INFO, logger="pytest_orchestrators")
    stack.deploy_pipeline(Pipeline("demo", speak().with_options(**SUBPROCESS)).compile(stack=stack))
    assert "[speak] spoken in the step's own process" in caplog.text


def test_an_interrupt_ends_the_process(tmp_path):
    config = StepConfiguration(name="slow")
    info = StepRunInfo(config=config, pipeline=PipelineConfiguration(name="demo"), run_name="one")

    def interrupt(signal_number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(KeyboardInterrupt):
            SubprocessStepOperator().launch(info, ["sleep", "60"], {})
    finally:
        signal.signal(signal.SIGALRM, before)
    assert psutil.Process().children() == []


class Idle(BaseStepOperator):
    def launch(self, info, entrypoint_command, environment):
        self.seen = (info.config.name, entrypoint_command, environment)


def test_an_operator_that_does_nothing_has_failed(make_stack, record):
    base, idle = make_stack(), Idle()
    stack = Stack(
        "idle", base.orchestrator, base.artifact_store, base.metadata, step_operators={"idle": idle}
    )
    deployment = Pipeline("demo", constant(n=1).with_options(step_operator="idle")).compile(stack=stack)
    with pytest.raises(
        StepOperatorError, match="'idle' reported that step 'constant' has ended, but left no"
    ):
        stack.deploy_pipeline(deployment)
    assert idle.seen[0] == "constant"
    assert [each.state for each in record(stack)] == ["FAILED"]


def test_an_operator_that_the_stack_lacks_is_an_error(stack, record, tmp_path):
    deployment = Pipeline("demo", constant(n=1).with_options(**SUBPROCESS)).compile(stack=stack)
    poor = Stack(
        "poor", LocalOrchestratorFlavor().create(), LocalArtifactStore.at(tmp_path / "a"), stack.metadata
    )
    with pytest.raises(
        StackError, match="'constant' needs the step operator 'subprocess', which stack 'poor'"
    ):
        poor.deploy_pipeline(deployment)
    assert [each.state for each in record(poor)] == ["FAILED"]
