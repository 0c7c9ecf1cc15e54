"""The fixtures themselves, bound to `local` because nothing else is said."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from pytest_orchestrators import (
    BaseOrchestrator,
    Client,
    GlobalConfiguration,
    Pipeline,
    PipelineDeployment,
    ResourceSettings,
    Schedule,
    Stack,
    step,
)
from pytest_orchestrators.fixtures.judging import Judge
from pytest_orchestrators.fixtures.running import PipelineRun
from pytest_orchestrators.selection.subject import subject_of_flavor
from pytest_orchestrators.suite.history import History, Run
from pytest_orchestrators.suite.workload import OutputRef, Resources, Workload, WorkloadStep
from reference_flavors.local import LocalOrchestrator, LocalOrchestratorFlavor
from tests.plugin.flavors import Forgetful, Hanging, Right, Silent

RunPipeline = Callable[..., PipelineRun]
MakePipeline = Callable[..., Pipeline]


@step
def load(n: int) -> int:
    return n


@step
def double(x: int) -> int:
    return 2 * x


@step(outputs=("low", "high"))
def split(x: int) -> tuple[int, int]:
    return x - 1, x + 1


@step
def fail(x: int) -> int:
    raise ValueError(f"no more than {x}")


@step
def leave(x: int) -> int:
    raise SystemExit(f"no more than {x}")


@step
def grumble(x: int) -> int:
    warnings.warn(f"grumble finds {x} too small", stacklevel=2)
    logging.getLogger("mine").warning("the step grumble is slow")
    return x


def test_local_is_what_is_meant_without_a_word(
    orchestrator_flavor: Any, orchestrator_config: Any, orchestrator: BaseOrchestrator, stack: Stack
) -> None:
    assert isinstance(orchestrator_flavor, LocalOrchestratorFlavor)
    assert orchestrator_config == {}
    assert isinstance(orchestrator, LocalOrchestrator)
    assert stack.orchestrator is orchestrator


def test_the_stack_is_active_and_keeps_to_temporary_folders(stack: Stack, tmp_path: Path) -> None:
    assert Client().active_stack is stack
    for path in (
        stack.artifact_store.path,
        stack.metadata.local_path,
        GlobalConfiguration().local_stores_path,
    ):
        assert tmp_path.parent in Path(str(path)).parents
    assert Pipeline("plain", load(n=1)).run() is None


def test_second_run_is_cached(run_pipeline: RunPipeline) -> None:
    pipeline = Pipeline("demo", double(load(n=21)))
    first = run_pipeline(pipeline)
    assert first["double"].output == 42
    assert first["double"].outputs == {"output": 42}
    assert first["double"].status == "executed"
    assert first.executed == {"load", "double"}
    assert list(first.steps) == ["load", "double"]
    second = run_pipeline(pipeline)
    assert second.cached == {"load", "double"}
    assert second.executed == second.failed == second.not_run == set()
    assert second["double"].output == 42
    assert second.run_name != first.run_name


def test_several_outputs(run_pipeline: RunPipeline, make_pipeline: MakePipeline) -> None:
    result = run_pipeline(make_pipeline(split(load(n=5))))
    assert result["split"].outputs == {"low": 4, "high": 6}
    with pytest.raises(LookupError, match=r"'split' \(executed\) has not one output but these: high, low"):
        _ = result["split"].output
    with pytest.raises(KeyError, match="no step 'splat'; its steps: load, split"):
        result["splat"]


def test_a_run_name_used_again(run_pipeline: RunPipeline, make_pipeline: MakePipeline) -> None:
    pipeline = make_pipeline(double(load(n=1)))
    run_pipeline(pipeline, run_name="once")
    again = run_pipeline(pipeline, run_name="once")
    assert (again["load"].status, again["double"].status) == ("skipped", "skipped")
    assert again["double"].output == 2


def test_a_deployment_is_run_as_it_is(
    make_pipeline: MakePipeline, make_deployment: Callable[..., PipelineDeployment], run_pipeline: RunPipeline
) -> None:
    deployment = make_deployment(make_pipeline(double(load(n=4))), run_name="mine")
    assert deployment.pipeline.name == "test_a_deployment_is_run_as_it_is"
    result = run_pipeline(deployment)
    assert (result.run_name, result["double"].output) == ("mine", 8)
    assert run_pipeline(deployment, run_name="other").run_name == "other"


def test_the_exception_of_a_run_comes_out(run_pipeline: RunPipeline, make_pipeline: MakePipeline) -> None:
    with pytest.raises(ValueError, match="no more than 7"):
        run_pipeline(make_pipeline(double(fail(load(n=7)))))


@pytest.mark.parametrize(("failing", "error"), [(fail, ValueError), (leave, SystemExit)])
def test_the_exception_of_a_run_is_kept(
    run_pipeline: RunPipeline, make_pipeline: MakePipeline, failing: Any, error: type[BaseException]
) -> None:
    bad = failing(load(n=7)).named("bad")
    result = run_pipeline(make_pipeline(double(bad)), check=False)
    assert isinstance(result.error, error)
    assert (result.executed, result.failed, result.not_run) == ({"load"}, {"bad"}, {"double"})
    assert result["double"].outputs == {}


def test_warnings_are_told_by_step(run_pipeline: RunPipeline, make_pipeline: MakePipeline) -> None:
    asking = load(n=1).with_options(resources=ResourceSettings(cpu_count=4))
    pipeline = make_pipeline(grumble(asking), schedule=Schedule(cron_expression="0 3 * * *"))
    with pytest.warns(UserWarning, match="too small"):
        result = run_pipeline(pipeline)
    assert result.warnings["grumble"] == ["the step grumble is slow", "grumble finds 1 too small"]
    [about_resources] = result.warnings["load"]
    assert "resources" in about_resources
    [about_schedule] = result.other_warnings
    assert "schedule" in about_schedule


def _workload(**options: Any) -> Workload:
    second = WorkloadStep(name="second", inputs={"x": OutputRef(step="first")}, **options)
    return Workload(name="pipe", steps=(second, WorkloadStep(name="first")))


@pytest.mark.parametrize(
    "workload",
    [
        _workload(),
        _workload(cache=False),
        _workload(resources=Resources(memory="1GB")),
        _workload(operator="probe_operator"),
        _workload(outputs=()),
        Workload(name="nightly", steps=_workload().steps, schedule="0 3 * * *"),
        Workload(name="order", steps=(WorkloadStep(name="b"), WorkloadStep(name="a", after=("b",)))),
    ],
    ids=["plain", "uncached", "needy", "operated", "no outputs", "scheduled", "order only"],
)
def test_local_is_judged_right_on_any_workload(judge: Judge, workload: Workload) -> None:
    judged = judge(workload)
    judged.assert_conforms()
    assert judged.conforms
    assert [run.outcome.kind for run in judged.evidence.runs] == ["returned", "returned"]


@pytest.mark.parametrize("fault", ["raise", "exit", "exit_zero", "missing_output", "interrupt"])
def test_local_is_judged_right_when_a_step_fails(judge: Judge, fault: Any) -> None:
    bad = Run(label="bad", workload=_workload(), faults={"first": fault})
    good = Run(label="good", workload=_workload())
    judge(History(name="failing", actions=(bad, good))).assert_conforms()


def test_a_broken_requirement_is_named() -> None:
    forgetful, silent = Judge(subject_of_flavor(Forgetful())), Judge(subject_of_flavor(Silent()))
    with pytest.raises(AssertionError, match=r"FAILED RUN-1 (?s:.*)step second is executed"):
        forgetful(_workload()).assert_conforms()
    silent(_workload()).assert_conforms()
    needy = silent(_workload(resources=Resources(cpu_count=1)))
    assert [judgement.id for judgement in needy.broken] == ["WRN-1"]


def test_a_machine_drives_a_flavor_until_something_is_broken() -> None:
    few = settings(
        max_examples=3, stateful_step_count=3, database=None, deadline=None, phases=[Phase.generate]
    )
    run_state_machine_as_test(Judge(subject_of_flavor(Right())).machine(), settings=few)
    with pytest.raises(AssertionError, match="FAILED RUN-1"):
        run_state_machine_as_test(Judge(subject_of_flavor(Forgetful())).machine(), settings=few)


def test_a_run_that_does_not_end_does_not_conform() -> None:
    judged = Judge(subject_of_flavor(Hanging()), budget=0.1)(_workload())
    assert not judged.conforms
    with pytest.raises(AssertionError, match="did not end within"):
        judged.assert_conforms()
