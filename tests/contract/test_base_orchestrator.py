"""Running deployments: order, state, names, failures, and what is left afterwards."""

import json
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sample_steps
from sample_steps import (
    Odd,
    constant,
    double,
    fail,
    fails_while,
    interrupted,
    leave,
    nothing,
    sleep,
    total,
)
from tfx.orchestration.portable import launcher as tfx_launcher
from tfx.orchestration.portable.python_executor_operator import PythonExecutorOperator

from pytest_orchestrators import (
    ArtifactSourceError,
    BaseOrchestrator,
    Client,
    NoActiveRunError,
    Pipeline,
    ResourceSettings,
    RunInProgressError,
    RunNameError,
    Schedule,
    StackComponent,
    StepExecutorOperator,
    StepInProgressError,
    get_cache_status,
)


class Recording(BaseOrchestrator):
    """Runs the steps in order and returns what `run_step` told."""

    def prepare_or_run_pipeline(self, deployment, stack):
        return {name: self.run_step(step) for name, step in deployment.steps.items()}


class InThreads(BaseOrchestrator):
    """Runs every step in a thread of its own as soon as its upstream steps have ended."""

    def prepare_or_run_pipeline(self, deployment, stack):
        ended = {name: threading.Event() for name in deployment.steps}
        errors = []

        def run(name, step):
            for upstream in step.spec.upstream_steps:
                ended[upstream].wait()
            try:
                self.run_step(step)
            except BaseException as error:
                errors.append(error)
            ended[name].set()

        threads = [threading.Thread(target=run, args=item) for item in deployment.steps.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return errors


def left_on(orchestrator):
    return (orchestrator._active_deployment, orchestrator._active_pb2_pipeline, orchestrator._active_run)


def test_run_returns_what_the_author_returns(make_stack):
    stack = make_stack(Recording())
    deployment = Pipeline("demo", double(constant(n=2))).compile(stack=stack)
    infos = stack.orchestrator.run(deployment, stack)
    assert list(infos) == ["constant", "double"]
    assert [get_cache_status(info) for info in infos.values()] == [False, False]
    assert left_on(stack.orchestrator) == (None, None, None)


def test_every_execution_is_on_the_record_with_its_contexts(make_stack, record):
    stack = make_stack(Recording())
    deployment = Pipeline("demo", double(constant(n=2)), extra={"k": 1}).compile(stack=stack, run_name="one")
    stack.deploy_pipeline(deployment)
    for name, execution in record(stack, "one").items():
        contexts = set(execution.contexts)
        assert contexts == {
            "pipeline", "pipeline_run", "node", "execution_cache", "pytest_orchestrators.step_run"
        }  # fmt: skip
        assert execution.contexts["node"] == f"demo.{name}"
        assert execution.properties["run"] == "one"
        assert json.loads(execution.properties["stack"])["name"] == "test"
        assert json.loads(execution.properties["pipeline_configuration"])["extra"] == {"k": 1}
        assert json.loads(execution.properties["step_configuration"])["name"] == name


def test_many_steps_run_in_threads_on_one_connection(make_stack, record):
    stack = make_stack(InThreads(), on_disk=True)
    layer = [double(constant(n=n).named(f"c{n}")).named(f"d{n}") for n in range(12)]
    deployment = Pipeline("demo", *layer).compile(stack=stack)
    assert stack.deploy_pipeline(deployment) == []
    steps = record(stack, deployment.run_name)
    assert {steps[f"d{n}"].outputs["output"] for n in range(12)} == {2 * n for n in range(12)}
    assert {step.state for step in steps.values()} == {"COMPLETE"}


@pytest.mark.parametrize(
    ("step", "error"),
    [(fail(message="as it was"), Odd), (leave(), SystemExit), (interrupted(), KeyboardInterrupt)],
)
def test_every_failure_comes_out_unwrapped_and_is_on_the_record(stack, record, step, error):
    deployment = Pipeline("demo", step, double(step).named("after")).compile(stack=stack)
    with pytest.raises(error) as caught:
        stack.deploy_pipeline(deployment)
    assert type(caught.value) is error
    [execution] = record(stack)
    assert execution.state == "FAILED"
    assert left_on(stack.orchestrator) == (None, None, None)
    again = Pipeline("other", constant(n=1)).compile(stack=stack)
    stack.deploy_pipeline(again)
    assert record(stack, again.run_name)["constant"].state == "COMPLETE"


def test_a_success_that_cannot_be_published_is_settled_as_failed(make_stack, record, monkeypatch):
    class Watching(Recording):
        @staticmethod
        def _execute_step(launcher):
            def refuse(*arguments, **keywords):
                raise OSError("the disk is full")

            launcher._publish_successful_execution = refuse
            return BaseOrchestrator._execute_step(launcher)

    stack = make_stack(Watching())
    with pytest.raises(OSError, match="disk is full"):
        stack.deploy_pipeline(Pipeline("demo", constant(n=1)).compile(stack=stack))
    assert [execution.state for execution in record(stack)] == ["FAILED"]


def test_a_record_that_fails_with_the_step_does_not_hide_the_steps_own_error(make_stack, caplog):
    class Unsettled(Recording):
        @staticmethod
        def _execute_step(launcher):
            try:
                return BaseOrchestrator._execute_step(launcher)
            finally:
                launcher._step_store._connection.close()

    stack = make_stack(Unsettled())
    with pytest.raises(Odd, match="the first error"):
        stack.deploy_pipeline(Pipeline("demo", fail(message="the first error")).compile(stack=stack))
    assert "still says that step 'fail' of run" in caplog.text


def test_missing_inputs_are_an_error_that_names_the_step(make_stack, record):
    class Backwards(BaseOrchestrator):
        def prepare_or_run_pipeline(self, deployment, stack):
            for step in reversed(deployment.steps.values()):
                self.run_step(step)

    stack = make_stack(Backwards())
    deployment = Pipeline("demo", double(constant(n=1))).compile(stack=stack)
    before = dict(vars(tfx_launcher.Launcher))
    with pytest.raises(
        RuntimeError, match="some input artifacts for the step double could not be found in the"
    ):
        stack.deploy_pipeline(deployment)
    assert [(each.step, each.state) for each in record(stack)] == [("double", "FAILED")]
    assert dict(vars(tfx_launcher.Launcher)) == before


def test_a_step_that_has_succeeded_is_not_run_again_under_the_same_name(make_stack, record, calls):
    stack = make_stack(Recording())
    for n in (1, 2):
        deployment = Pipeline("demo", constant(n=n), enable_cache=False).compile(stack=stack, run_name="one")
        infos = stack.deploy_pipeline(deployment)
    assert calls == ["constant 1"]
    assert not get_cache_status(infos["constant"])
    assert [(each.step, each.state) for each in record(stack)] == [("constant", "COMPLETE")]


def test_a_failed_attempt_can_be_repeated_under_the_same_name(make_stack, record, calls, tmp_path):
    stack = make_stack(Recording())
    flag = tmp_path / "flag"
    flag.touch()

    def deployment(n, run_name):
        return Pipeline("demo", double(fails_while(flag=str(flag), n=n))).compile(
            stack=stack, run_name=run_name
        )

    with pytest.raises(Odd):
        stack.deploy_pipeline(deployment(1, "one"))
    flag.unlink()
    stack.deploy_pipeline(deployment(2, "one"))
    assert record(stack, "one")["double"].outputs == {"output": 4}
    assert [(each.step, each.state) for each in record(stack)] == [
        ("fails_while", "FAILED"),
        ("fails_while", "COMPLETE"),
        ("double", "COMPLETE"),
    ]
    # What succeeded with n=2 must not be taken for the result of n=1, which has never succeeded.
    calls.clear()
    stack.deploy_pipeline(deployment(1, "two"))
    assert calls == ["fails_while", "double 1"]
    assert record(stack, "two")["double"].outputs == {"output": 2}


def test_all_steps_of_a_run_go_under_one_name(make_stack, record):
    class TwoNames(BaseOrchestrator):
        def prepare_or_run_pipeline(self, deployment, stack):
            first, second = deployment.steps.values()
            self.run_step(first, run_name="another")
            with pytest.raises(RunNameError, match="'another', and now 'one' is asked for"):
                self.run_step(second)
            with pytest.raises(RunNameError, match="holds a slash"):
                self.run_step(second, run_name="../another")
            self.run_step(second, run_name="another")

    stack = make_stack(TwoNames())
    stack.deploy_pipeline(Pipeline("demo", double(constant(n=1))).compile(stack=stack, run_name="one"))
    assert set(record(stack, "another")) == {"constant", "double"}
    assert len(record(stack)) == 2


def test_run_step_needs_an_active_run(stack):
    deployment = Pipeline("demo", constant(n=1)).compile(stack=stack)
    with pytest.raises(NoActiveRunError, match="No deployment is active"):
        stack.orchestrator.run_step(deployment.steps["constant"])
    with pytest.raises(NoActiveRunError, match="No deployment is active"):
        stack.orchestrator._get_node_with_step_name("constant")


def test_a_second_run_at_the_same_time_is_refused(make_stack):
    class Nested(BaseOrchestrator):
        def prepare_or_run_pipeline(self, deployment, stack):
            with pytest.raises(RunInProgressError, match="already running a deployment"):
                self.run(deployment, stack)
            assert self._active_deployment is deployment

    stack = make_stack(Nested())
    stack.deploy_pipeline(Pipeline("demo", constant(n=1)).compile(stack=stack))


def test_an_unknown_step_is_a_key_error_that_names_step_and_pipeline(stack):
    deployment = Pipeline("demo", constant(n=1)).compile(stack=stack)
    other = Pipeline("other", double(constant(n=1))).compile(stack=stack)
    with (
        stack.orchestrator.active_run(deployment, stack),
        pytest.raises(KeyError, match="Step double not found in Pipeline demo"),
    ):
        stack.orchestrator.run_step(other.steps["double"])


@pytest.mark.parametrize("source", ["no.such.Class", "builtins.dict"])
def test_an_artifact_class_that_cannot_be_used_is_named_before_anything_runs(stack, record, source):
    deployment = Pipeline("demo", constant(n=1)).compile(stack=stack)
    step = deployment.steps["constant"]
    output = step.config.outputs["output"].model_copy(update={"artifact_source": source})
    broken = step.model_copy(
        update={"config": step.config.model_copy(update={"outputs": {"output": output}})}
    )
    with (
        stack.orchestrator.active_run(deployment, stack),
        pytest.raises(ArtifactSourceError, match=f"'{source}' of output 'output' of step 'constant'"),
    ):
        stack.orchestrator.run_step(broken)
    assert record(stack) == []


def test_the_same_step_is_not_launched_twice_at_once(make_stack, record, tmp_path):
    journal = tmp_path / "journal"

    class Twice(BaseOrchestrator):
        def prepare_or_run_pipeline(self, deployment, stack):
            [step] = deployment.steps.values()
            thread = threading.Thread(target=self.run_step, args=(step,))
            thread.start()
            while not journal.exists():
                time.sleep(0.01)
            with pytest.raises(StepInProgressError, match="step 'sleep' of run 'one' of pipeline 'demo'"):
                self.run_step(step)
            thread.join()

    stack = make_stack(Twice())
    pipeline = Pipeline("demo", sleep(seconds=1.5, journal=str(journal)))
    stack.deploy_pipeline(pipeline.compile(stack=stack, run_name="one"))
    [execution] = record(stack)
    assert (execution.state, execution.outputs) == ("COMPLETE", {"output": 1})


class Hooked(Recording):
    """Notes every hook; fails in the one that it is told to."""

    def __init__(self, *arguments, failing=None, **keywords):
        super().__init__(*arguments, **keywords)
        self.seen, self.failing = [], failing

    def prepare_step_run(self, info):
        self.seen.append(("prepare", info.config.name, info.run_name, info.pipeline.name))
        if self.failing == "prepare":
            raise Odd("prepare")

    def cleanup_step_run(self, info):
        self.seen.append(("cleanup", info.config.name, info.run_name, info.pipeline.name))
        if self.failing == "cleanup":
            raise Odd("cleanup")


def test_hooks_pair_up_also_for_cached_and_failed_steps(make_stack):
    stack = make_stack(Hooked())
    for run in ("one", "two"):
        stack.deploy_pipeline(Pipeline("demo", constant(n=1)).compile(stack=stack, run_name=run))
    with pytest.raises(Odd):
        stack.deploy_pipeline(Pipeline("demo", fail(message="x")).compile(stack=stack, run_name="three"))
    runs = [("constant", "one"), ("constant", "two"), ("fail", "three")]
    assert stack.orchestrator.seen == [
        (hook, *run, "demo") for run in runs for hook in ("prepare", "cleanup")
    ]


@pytest.mark.parametrize("failing", ["prepare", "cleanup"])
def test_a_failing_hook_fails_the_run_and_leaves_nothing(make_stack, failing):
    stack = make_stack(Hooked(failing=failing))
    with pytest.raises(Odd, match=failing):
        stack.deploy_pipeline(Pipeline("demo", constant(n=1)).compile(stack=stack))
    assert [hook for hook, *_ in stack.orchestrator.seen] == ["prepare", "cleanup"]
    assert left_on(stack.orchestrator) == (None, None, None)


def test_a_failing_cleanup_does_not_hide_the_steps_own_error(make_stack, caplog):
    stack = make_stack(Hooked(failing="cleanup"))
    with pytest.raises(Odd, match="the first error"):
        stack.deploy_pipeline(Pipeline("demo", fail(message="the first error")).compile(stack=stack))
    assert "Cleaning up after step `fail` failed as well." in caplog.text


def test_what_is_logged_of_a_step(make_stack, caplog):
    caplog.set_level(logging.INFO, logger="pytest_orchestrators")
    stack = make_stack(Recording())
    for _ in range(2):
        stack.deploy_pipeline(Pipeline("demo", constant(n=1)).compile(stack=stack))
    lines = [record.message for record in caplog.records if record.name.startswith("pytest_orchestrators")]
    assert lines[0::2][:1] == ["Step `constant` has started."]
    assert [line[:35] for line in lines] == [
        "Step `constant` has started.",
        "Step `constant` has finished in 0.0",
        "Step `constant` has started.",
        "Using cached version of `constant`.",
        "Step `constant` has finished in 0.0",
    ]


def test_warnings_come_once_per_run_and_only_where_due(make_stack, caplog):
    class Warning(BaseOrchestrator):
        def prepare_or_run_pipeline(self, deployment, stack):
            for _ in range(2):
                self.warn_schedule_ignored(deployment)
                for step in deployment.steps.values():
                    self.warn_resources_ignored(step)

    gpu = ResourceSettings(gpu_count=1)
    stack = make_stack(Warning(name="mine"))
    pipeline = Pipeline(
        "demo",
        constant(n=1).with_options(resources=gpu),
        nothing().with_options(resources=gpu, step_operator="subprocess"),
        total(a=1, b=2),
        schedule=Schedule(interval_second=timedelta(hours=1), start_time="2030-01-01T00:00:00"),
    )
    deployment = pipeline.compile(stack=stack)
    stack.deploy_pipeline(deployment)
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == [
        "The mine orchestrator does not support the use of schedules. The `schedule` will be ignored and the "
        "pipeline will be run immediately.",
        "Specifying step resources is not supported for the mine orchestrator, "
        "ignoring resource configuration for step constant.",
    ]
    needed = BaseOrchestrator.requires_resources_in_orchestration_environment
    steps = deployment.steps
    assert [needed(steps[name]) for name in ("constant", "nothing", "total")] == [True, False, False]


def test_operators_are_chosen_by_the_step():
    assert BaseOrchestrator._get_executor_operator(None) is PythonExecutorOperator
    assert BaseOrchestrator._get_executor_operator("subprocess") is StepExecutorOperator


def test_prepare_run_falls_back_on_the_active_stack(stack, record):
    deployment = Pipeline("demo", constant(n=1)).compile(stack=stack)
    with Client().temporary_stack(stack):
        stack.orchestrator._prepare_run(deployment)
        assert stack.orchestrator._active_deployment is deployment
        stack.orchestrator.run_step(deployment.steps["constant"])
        stack.orchestrator._cleanup_run()
    assert left_on(stack.orchestrator) == (None, None, None)
    assert record(stack, deployment.run_name)["constant"].state == "COMPLETE"


def test_the_deployment_and_the_node_are_left_as_they_were(make_stack):
    class Looking(BaseOrchestrator):
        def prepare_or_run_pipeline(self, deployment, stack):
            before = self._active_pb2_pipeline.SerializeToString(deterministic=True)
            for step in deployment.steps.values():
                self.run_step(step)
                self.run_step(step)
            assert self._active_pb2_pipeline.SerializeToString(deterministic=True) == before

    stack = make_stack(Looking())
    deployment = Pipeline("demo", double(constant(n=1))).compile(stack=stack)
    before = deployment.to_json()
    stack.deploy_pipeline(deployment)
    assert deployment.to_json() == before


def test_a_step_starts_from_empty_output_folders(stack, record):
    folder = stack.artifact_store.config.path / "demo" / "constant" / "out_output" / "1"
    folder.mkdir(parents=True)
    (folder / "left by a lost record").touch()
    Pipeline("demo", constant(n=1)).run(stack=stack)
    assert record(stack)[0].artifacts["output"].uri == str(folder)
    assert [file.name for file in folder.iterdir()] == ["value.json"]


def test_interrupts_at_any_time_leave_nothing_running(make_stack, record):
    """Signals at random moments of runs; the seed is fixed, the moments are not."""
    stack = make_stack(on_disk=True)
    Pipeline("demo", constant(n=0)).run(stack=stack)
    moments, interrupted_runs, armed = random.Random(4), 0, False

    def interrupt(signal_number, frame):
        if armed:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for n in range(1, 26):
            deployment = Pipeline("demo", double(double(constant(n=n)).named("d"))).compile(stack=stack)
            try:
                armed = True
                signal.setitimer(signal.ITIMER_REAL, moments.uniform(0.001, 0.06))
                stack.deploy_pipeline(deployment)
                armed = False
            except KeyboardInterrupt:
                interrupted_runs += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert left_on(stack.orchestrator) == (None, None, None)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert interrupted_runs > 5
    assert not {each.state for each in record(stack)} & {"RUNNING", "NEW"}


RUN_AND_BE_KILLED = """
import sys
from pytest_orchestrators import PipelineDeployment, Stack
stack = Stack.load(sys.argv[1])
stack.deploy_pipeline(PipelineDeployment.load(sys.argv[2]))
"""


@pytest.mark.parametrize("same_name", [True, False])
def test_after_a_kill_the_next_run_settles_and_works(make_stack, record, tmp_path, same_name):
    stack = make_stack(on_disk=True)
    journal = tmp_path / "journal"
    steps = sleep(seconds=60.0, journal=str(journal))
    Pipeline("demo", steps).compile(stack=stack, run_name="one").save(tmp_path / "deployment.json")
    stack.save(tmp_path / "stack.json")
    here = os.pathsep.join([str(Path(sample_steps.__file__).parent), str(Path.cwd())])
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            RUN_AND_BE_KILLED,
            str(tmp_path / "stack.json"),
            str(tmp_path / "deployment.json"),
        ],
        env={**os.environ, "PYTHONPATH": here},
    )
    while not journal.exists():
        assert process.poll() is None
        time.sleep(0.02)
    living = Pipeline("demo", constant(n=1)).compile(stack=stack)
    stack.deploy_pipeline(living)
    assert record(stack, "one")["sleep"].state == "RUNNING"
    process.send_signal(signal.SIGKILL)
    process.wait()
    next_name = "one" if same_name else "two"
    quick = sleep(seconds=0.0, journal=str(journal))
    stack.deploy_pipeline(Pipeline("demo", quick).compile(stack=stack, run_name=next_name))
    states = [(each.run, each.state) for each in record(stack) if each.step == "sleep"]
    assert states == [("one", "FAILED"), (next_name, "COMPLETE")]
    assert not list((tmp_path / "artifacts" / ".running").iterdir())


def test_components_have_hooks_that_do_nothing():
    assert StackComponent.prepare_step_run(Recording(), None) is None
