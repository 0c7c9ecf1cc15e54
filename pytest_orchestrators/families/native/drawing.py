"""Deployments, and what they are made of, as strategies: drawn as workloads, compiled as any pipeline is.

What is heavy is imported when something is drawn: hypothesis loads these strategies wherever it is imported
beside this package.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
from pytest_orchestrators.contract.deployment.resources import ResourceSettings
from pytest_orchestrators.contract.deployment.schedule import Schedule
from pytest_orchestrators.contract.deployment.steps import StepConfiguration
from pytest_orchestrators.contract.names import check_name
from pytest_orchestrators.suite.fuzzing.asks import CRONS, SIZES
from pytest_orchestrators.suite.fuzzing.choosing import chosen
from pytest_orchestrators.suite.fuzzing.knobs import check_choices, check_flags, check_strategy
from pytest_orchestrators.suite.fuzzing.workloads import workloads
from pytest_orchestrators.suite.workload import Workload

if TYPE_CHECKING:
    from pytest_orchestrators.contract.stack.stack import Stack

#: What can be asked of the machine.
RESOURCES = ("cpu_count", "gpu_count", "memory")
#: What can make a schedule.
KINDS = ("cron", "interval")
_BEGIN, _END = datetime(2000, 1, 1), datetime(2100, 1, 1)
_LONGEST = timedelta(days=366)


def deployments(
    workload: st.SearchStrategy[Workload] | None = None,
    *,
    stack: Stack | Callable[[], Stack] | None = None,
    run_names: st.SearchStrategy[str] | None = None,
    schedule: st.SearchStrategy[Schedule | None] | None = None,
) -> st.SearchStrategy[PipelineDeployment]:
    """Compiled pipelines of probe steps, which any `BaseOrchestrator` can run.

    They shrink as workloads do. What has names that no deployment can have is not drawn.

    Args:
        workload: the pipelines, by default those of `workloads()`.
        stack: the stack to compile for, or what makes it for each. By default one in a temporary folder of
            this process, with nothing on its record: such a deployment can be run on any stack, and puts its
            artifacts into a folder of its own.
        run_names: what runs are called; by default new names, as `Pipeline.compile` makes them.
        schedule: schedules in place of those of the workloads.

    Raises:
        InvalidArgument: `workload`, `run_names` or `schedule` is no strategy, `stack` no stack.
        PipelineError: when drawn: a step names an operator that the stack does not have.
    """
    check_strategy("deployments", "workload", workload)
    check_strategy("deployments", "run_names", run_names)
    check_strategy("deployments", "schedule", schedule)
    if stack is not None and not callable(stack) and not hasattr(stack, "deploy_pipeline"):
        raise InvalidArgument(f"deployments(stack={stack!r}): a Stack is needed, or what makes one")
    pipelines = (workloads() if workload is None else workload).filter(_nameable)

    @st.composite
    def draw_deployment(draw: st.DrawFn) -> PipelineDeployment:
        from pytest_orchestrators.families.native.building import pipeline_of

        drawn = draw(pipelines)
        run_name = None if run_names is None else draw(run_names)
        made = _own_stack(drawn) if stack is None else stack() if callable(stack) else stack
        pipeline = pipeline_of(drawn, Path(made.artifact_store.path) / "journal")
        if schedule is not None:
            pipeline.schedule = draw(schedule)
        return pipeline.compile(made, run_name)

    return draw_deployment()


def step_configurations(
    workload: st.SearchStrategy[Workload] | None = None, *, stack: Stack | Callable[[], Stack] | None = None
) -> st.SearchStrategy[StepConfiguration]:
    """Configurations of steps as `StepSpec` has them beside it: those of compiled pipelines.

    Args:
        workload: the pipelines, by default those of `workloads()`.
        stack: the stack to compile for, as in `deployments`.

    Raises:
        InvalidArgument: `workload` is no strategy, `stack` no stack.
    """
    check_strategy("step_configurations", "workload", workload)
    compiled = deployments(workload, stack=stack)

    @st.composite
    def draw_configuration(draw: st.DrawFn) -> StepConfiguration:
        return chosen(draw, list(draw(compiled).steps.values())).config

    return draw_configuration()


def resource_settings(
    *, kinds: Collection[str] = RESOURCES, empty: bool = True
) -> st.SearchStrategy[ResourceSettings]:
    """What a step asks of the machine that it runs on: cores, devices, memory; falsy and odd amounts too.

    Args:
        kinds: some of `cpu_count` (cores), `gpu_count` (devices), `memory` (with its unit).
        empty: whether nothing at all may be asked for.

    Raises:
        InvalidArgument: an argument is none of these.
    """
    check_choices("resource_settings", "kinds", kinds, RESOURCES)
    check_flags("resource_settings", empty=empty)
    amounts: dict[str, st.SearchStrategy[float | int | str]] = {
        "cpu_count": st.integers(1, 64) | st.floats(0.01, 256.0),
        "gpu_count": st.integers(0, 8),
        "memory": st.sampled_from(SIZES) | st.integers(1, 1024).map("{}MB".format),
    }
    asked = {kind: st.none() | amounts[kind] for kind in RESOURCES if kind in kinds}
    drawn = st.builds(ResourceSettings, **asked)
    return drawn if empty else drawn.filter(lambda settings: not settings.empty)


def schedules(
    *, kinds: Collection[str] = KINDS, bounds: bool = True, catchup: bool = True
) -> st.SearchStrategy[Schedule]:
    """Wishes to run a pipeline again and again.

    Args:
        kinds: some of `cron` (an expression) and `interval` (from a second to a year).
        bounds: whether some have a start or an end, the end after the start; without time zones.
        catchup: whether some ask for runs that were missed.

    Raises:
        InvalidArgument: an argument is none of these.
    """
    check_choices("schedules", "kinds", kinds, KINDS)
    check_flags("schedules", bounds=bounds, catchup=catchup)
    known = [kind for kind in KINDS if kind in kinds]

    @st.composite
    def draw_schedule(draw: st.DrawFn) -> Schedule:
        kind = draw(st.sampled_from(known))
        start, end = None, None
        if bounds:
            start = draw(st.none() | st.datetimes(_BEGIN, _END))
            end = draw(st.none() | st.datetimes(start or _BEGIN, _END))
        return Schedule(
            cron_expression=draw(st.sampled_from(CRONS)) if kind == "cron" else None,
            interval_second=draw(_intervals()) if kind == "interval" else None,
            start_time=start,
            end_time=end,
            catchup=catchup and draw(st.booleans()),
        )

    return draw_schedule()


def _intervals() -> st.SearchStrategy[timedelta]:
    """Whole seconds."""
    return st.integers(1, int(_LONGEST.total_seconds())).map(lambda seconds: timedelta(seconds=seconds))


def _nameable(workload: Workload) -> bool:
    """Whether a deployment can have the names of a workload."""
    try:
        check_name("pipeline", workload.name, "a workload")
        for name in workload.names:
            check_name("step", name, "a workload")
    except ValueError:
        return False
    return workload.name not in workload.names


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Removed with the process."""
    return tempfile.TemporaryDirectory(prefix="pytest-orchestrators-")


def _own_stack(workload: Workload) -> Stack:
    """A stack for a workload: the same for the same one, and with stores of its own."""
    from pytest_orchestrators.contract.stack.artifact_store import LocalArtifactStore
    from pytest_orchestrators.contract.stack.metadata import SqliteMetadataConfig
    from pytest_orchestrators.contract.stack.stack import Stack
    from pytest_orchestrators.families.native.observed import ProbeOperatorConfig, ProbeStepOperator
    from pytest_orchestrators.families.native.warm_up import WarmUpFlavor
    from pytest_orchestrators.probes.steps import OPERATOR

    digest = hashlib.sha256(workload.model_dump_json().encode("utf-8", "surrogatepass")).hexdigest()
    stores = Path(_folder().name, digest[:16])
    operator = ProbeStepOperator(OPERATOR, ProbeOperatorConfig(root=stores / "artifacts"))
    return Stack(
        name="generated",
        orchestrator=WarmUpFlavor().create({}),
        artifact_store=LocalArtifactStore.at(stores / "artifacts"),
        metadata=SqliteMetadataConfig(path=stores / "metadata.db"),
        step_operators={OPERATOR: operator},
        id=uuid5(NAMESPACE_OID, digest),
    )
