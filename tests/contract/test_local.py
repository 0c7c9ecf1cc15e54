"""The local flavor."""

import logging
import threading
from datetime import timedelta
from pathlib import Path

import psutil
from sample_steps import constant, double, total

from pytest_orchestrators import Pipeline, ResourceSettings, Schedule
from reference_flavors.local import LocalOrchestrator, LocalOrchestratorConfig, LocalOrchestratorFlavor


def test_the_flavor():
    flavor = LocalOrchestratorFlavor()
    assert (flavor.name, flavor.type.value) == ("local", "orchestrator")
    assert flavor.capabilities == {"step_operator"}
    orchestrator = flavor.create()
    assert type(orchestrator) is LocalOrchestrator
    assert type(orchestrator.config) is LocalOrchestratorConfig
    assert orchestrator.config.is_local


def test_a_pipeline_runs_in_order_and_is_cached(stack, calls, record):
    left, right = constant(n=1).named("left"), constant(n=2).named("right")
    pipeline = Pipeline("demo", double(total(a=left, b=right)))
    assert pipeline.run(stack=stack) is None
    assert calls == ["constant 1", "constant 2", "total 1 2", "double 3"]
    pipeline.run(stack=stack)
    assert len(calls) == 4
    assert [each.state for each in record(stack)] == ["COMPLETE"] * 4 + ["CACHED"] * 4


def test_it_warns_of_schedules_and_resources_and_goes_on(stack, calls, caplog):
    step = constant(n=1).with_options(resources=ResourceSettings(memory="1GB"))
    schedule = Schedule(interval_second=timedelta(days=1), start_time="2030-01-01T00:00:00")
    Pipeline("demo", step, schedule=schedule).run(stack=stack)
    warnings = [each.message for each in caplog.records if each.levelno == logging.WARNING]
    assert len(warnings) == 2
    assert "does not support the use of schedules" in warnings[0]
    assert (
        "not supported for the local orchestrator, ignoring resource configuration for step constant."
        in (warnings[1])
    )
    assert calls == ["constant 1"]


def test_a_run_leaves_no_thread_and_no_open_file(make_stack):
    stack = make_stack(on_disk=True)
    Pipeline("demo", constant(n=0)).run(stack=stack)
    process = psutil.Process()
    before = (process.num_threads(), process.num_fds(), threading.active_count(), Path.cwd())
    Pipeline("demo", double(constant(n=1))).run(stack=stack)
    assert (process.num_threads(), process.num_fds(), threading.active_count(), Path.cwd()) == before


def test_nothing_is_written_outside_the_stores(make_stack, tmp_path):
    Pipeline("demo", constant(n=1)).run(stack=make_stack(on_disk=True))
    assert {entry.name for entry in tmp_path.iterdir()} == {"artifacts", "metadata.db"}
