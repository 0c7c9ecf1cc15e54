"""Runs that are interrupted or killed, and steps that are launched twice at once."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sample_steps
from pydantic_core import PydanticSerializationError
from recording import left_on
from sample_steps import constant, double, sleep

from pytest_orchestrators import BaseOrchestrator, Pipeline, StepInProgressError


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


# An interrupt in a callback of Python's import locks is swallowed by Python itself; that run goes on.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
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
            except PydanticSerializationError as error:  # what pydantic makes of an interrupt within it
                if "KeyboardInterrupt" not in str(error):
                    raise
                interrupted_runs += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert left_on(stack.orchestrator) == (None, None, None)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
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
