"""Runs whose process is killed at any moment, and stores that several processes open and use at once."""

import multiprocessing
import os
import random
import signal
import time
from contextlib import contextmanager

from ml_metadata.proto import metadata_store_pb2 as pb
from sample_steps import constant, double, total

from pytest_orchestrators import Pipeline, SqliteMetadataConfig
from pytest_orchestrators.contract.runtime.connection import MetadataConnection, connected
from pytest_orchestrators.contract.runtime.metadata import ConnectedStore

_forking = multiprocessing.get_context("fork")
_PATIENCE_S = 60


def deployment_on(stack, n, run_name):
    start = constant(n=n)
    return Pipeline("demo", total(a=double(start), b=start)).compile(stack=stack, run_name=run_name)


def exit_code_of(target, *arguments):
    """Do something in a forked process, to its end; its exit code."""
    process = _forking.Process(target=target, args=arguments)
    process.start()
    process.join(_PATIENCE_S)
    return process.exitcode


@contextmanager
def killed_at_call(number, answered):
    """Kill this process at the so many-th call of the record: before it is answered, or just after."""
    answer, calls = MetadataConnection.call, 0

    def call(self, *arguments):
        nonlocal calls
        calls += 1
        if calls == number and not answered:
            os.kill(os.getpid(), signal.SIGKILL)
        answer(self, *arguments)
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)

    MetadataConnection.call = call
    try:
        yield lambda: calls
    finally:
        MetadataConnection.call = answer


def assert_right(stack, record, n, run_names):
    """Run it under each name: everything is there, nothing is left running, no output is half there."""
    for run_name in run_names:
        stack.deploy_pipeline(deployment_on(stack, n, run_name))
        good = [e for e in record(stack) if e.run == run_name and e.state in ("COMPLETE", "CACHED")]
        outputs = {e.step: e.outputs["output"] for e in good}
        assert outputs == {"constant": n, "double": 2 * n, "total": 3 * n}
        assert len(good) == len(outputs), "a step succeeded twice"
    assert {e.state for e in record(stack)} <= {"COMPLETE", "CACHED", "FAILED"}


def test_a_kill_at_any_call_of_the_record_leaves_the_next_run_right(make_stack, record):
    stack = make_stack(on_disk=True)
    stack.deploy_pipeline(deployment_on(stack, 0, "first"))  # which calls more: it registers types
    with killed_at_call(0, answered=False) as count:
        stack.deploy_pipeline(deployment_on(stack, -1, "whole"))
        calls = count()
    moments, kills = random.Random(7), 0

    def run_and_be_killed(n, number, answered):
        with killed_at_call(number, answered):
            stack.deploy_pipeline(deployment_on(stack, n, f"run {n}"))

    for n, number in enumerate(sorted(moments.sample(range(1, calls + 1), 16)), 1):
        code = exit_code_of(run_and_be_killed, n, number, bool(n % 2))
        kills += code == -signal.SIGKILL
        names = (f"run {n}", f"run {n} anew")
        assert_right(stack, record, n, names if n % 3 else names[::-1])
    assert kills == 16


def test_a_kill_at_any_moment_leaves_the_next_run_right(make_stack, record):
    """The seed is fixed, the moments are not: a run that is not killed says how long one takes."""
    stack = make_stack(on_disk=True)
    stack.deploy_pipeline(deployment_on(stack, 0, "first"))  # longer: it imports, and registers types
    begin = time.monotonic()
    assert exit_code_of(stack.deploy_pipeline, deployment_on(stack, -1, "whole")) == 0
    seconds, moments, kills = time.monotonic() - begin, random.Random(11), 0
    for n in range(1, 21):
        process = _forking.Process(target=stack.deploy_pipeline, args=(deployment_on(stack, n, f"run {n}"),))
        process.start()
        process.join(moments.uniform(0, seconds))
        process.kill()
        process.join(_PATIENCE_S)
        kills += process.exitcode == -signal.SIGKILL
        names = (f"run {n}", f"run {n} anew")
        assert_right(stack, record, n, names if n % 2 else names[::-1])
    assert kills > 5, kills


def test_processes_open_a_fresh_store_at_the_same_moment_many_times(tmp_path):
    def open_and_write(config, barrier, name):
        barrier.wait(_PATIENCE_S)
        with connected(config) as connection:
            ConnectedStore(connection).put_execution_type(pb.ExecutionType(name=name))

    for round_number in range(15):
        config = SqliteMetadataConfig(path=tmp_path / str(round_number) / "metadata.db")
        barrier = _forking.Barrier(3)
        names = ["one", "two", "three"]
        processes = [_forking.Process(target=open_and_write, args=(config, barrier, n)) for n in names]
        for process in processes:
            process.start()
        for process in processes:
            process.join(_PATIENCE_S)
        assert [process.exitcode for process in processes] == [0, 0, 0]
        with connected(config) as connection:
            assert {kind.name for kind in ConnectedStore(connection).get_execution_types()} >= set(names)


def test_processes_run_pipelines_on_fresh_stores_at_the_same_moment(make_stack, record):
    stack = make_stack(on_disk=True)
    barrier = _forking.Barrier(3)

    def run(n):
        barrier.wait(_PATIENCE_S)
        for number in range(5):
            stack.deploy_pipeline(deployment_on(stack, 10 * n + number, f"run {n} {number}"))

    processes = [_forking.Process(target=run, args=(n,)) for n in (1, 2, 3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(2 * _PATIENCE_S)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    outputs = {(e.run, e.step): e.outputs["output"] for e in record(stack)}
    for n in (1, 2, 3):
        for number in range(5):
            assert outputs[f"run {n} {number}", "total"] == 3 * (10 * n + number)
    assert {e.state for e in record(stack)} == {"COMPLETE"}
