"""From a workload to a deployment: probe steps as definitions, put together and compiled like any
pipeline.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from pytest_orchestrators.contract.authoring.invocation import StepInvocation
from pytest_orchestrators.contract.authoring.pipeline import Pipeline
from pytest_orchestrators.contract.authoring.step import StepDefinition
from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
from pytest_orchestrators.contract.deployment.resources import ResourceSettings
from pytest_orchestrators.contract.deployment.schedule import Schedule
from pytest_orchestrators.contract.stack.stack import Stack
from pytest_orchestrators.families.native.smuggling import Aliases
from pytest_orchestrators.families.native.storing import ProbeValue
from pytest_orchestrators.probes.steps import EDITIONS, INPUT, PARAMETER, PROBE, rewritten
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.workload import Workload, WorkloadStep

#: The artifact class that a deployment names when it is to be missing.
LOST_SOURCE = "pytest_orchestrators_nowhere.MissingArtifact"


def pipeline_of(workload: Workload, root: Path) -> Pipeline:
    """The pipeline of a workload, its probe steps journaling under `root`."""
    invocations: dict[str, StepInvocation] = {}
    for name in workload.order():
        invocations[name] = _invocation(workload[name], invocations, root)
    return Pipeline(
        workload.name, *(invocations[name] for name in workload.names), schedule=_schedule_of(workload)
    )


def _schedule_of(workload: Workload) -> Schedule | None:
    if workload.interval is not None:
        return Schedule(interval_second=timedelta(seconds=workload.interval))
    if workload.start is not None:
        return Schedule(start_time=workload.start)
    return Schedule(cron_expression=workload.cron) if workload.cron else None


def _invocation(step: WorkloadStep, done: dict[str, StepInvocation], root: Path) -> StepInvocation:
    function = EDITIONS[step.edition]
    definition = StepDefinition(
        source=f"{function.__module__}.{function.__qualname__}",
        outputs=dict.fromkeys(step.outputs, ProbeValue),
        function=rewritten if step.rewritten else None,  # its code alone is looked at
    )
    arguments: dict[str, Any] = {INPUT + k: done[ref.step][ref.output] for k, ref in step.inputs.items()}
    arguments |= {PARAMETER + k: value for k, value in step.parameters.items()}
    arguments[PROBE] = {"root": str(root), "step": step.name, "outputs": list(step.outputs)}
    resources = ResourceSettings(**step.resources.model_dump())
    return (
        definition(**arguments)
        .named(step.name)
        .after(*(done[name] for name in step.after))
        .with_options(enable_cache=step.cache, step_operator=step.operator, resources=resources)
    )


def deployment_of(action: Run, run_name: str, stack: Stack, root: Path) -> PipelineDeployment:
    """The deployment of an action, tampered with as the action wants it."""
    if action.smuggled:
        aliases = Aliases(action.workload, run_name)
        harmless = pipeline_of(aliases.workload, root).compile(stack=stack, run_name=aliases.run_name)
        return aliases.taken_off(harmless, action.by_half)
    deployment = pipeline_of(action.workload, root).compile(stack=stack, run_name=run_name)
    if action.lost_class:
        deployment = _without_class(
            deployment, action.lost_class, "inputs" if action.lost_inputs else "outputs"
        )
    if action.run_fault == "preparation":
        deployment = deployment.model_copy(update={"proto_pipeline": "this is no pipeline"})
    return deployment


def _without_class(deployment: PipelineDeployment, name: str, which: str) -> PipelineDeployment:
    """The deployment with a step whose inputs or outputs are of a class that cannot be loaded."""
    step = deployment.steps[name]
    lost = {
        key: artifact.model_copy(update={"artifact_source": LOST_SOURCE})
        for key, artifact in getattr(step.config, which).items()
    }
    config = step.config.model_copy(update={which: lost})
    steps = {**deployment.steps, name: step.model_copy(update={"config": config})}
    return deployment.model_copy(update={"steps": steps})
