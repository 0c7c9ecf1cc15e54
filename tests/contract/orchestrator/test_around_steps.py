"""What happens around a step: hooks, log lines, warnings."""

import logging
import re
from datetime import timedelta

import pytest
from recording import Recording, left_on
from sample_steps import Odd, constant, fail, nothing, total

from pytest_orchestrators import BaseOrchestrator, Pipeline, ResourceSettings, Schedule, StackComponent


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
    assert [line.partition(" in ")[0] for line in lines] == [
        "Step `constant` has started.",
        "Step `constant` has finished",
        "Step `constant` has started.",
        "Using cached version of `constant`.",
        "Step `constant` has finished",
    ]
    assert all(re.fullmatch(r".* in \d+\.\d{3}s\.", line) for line in (lines[1], lines[4]))


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


def test_components_have_hooks_that_do_nothing():
    assert StackComponent.prepare_step_run(Recording(), None) is None
