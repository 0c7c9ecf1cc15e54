"""The compiler: a pipeline becomes a deployment."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from tfx.dsl.compiler.compiler import Compiler
from tfx.orchestration.pipeline import Pipeline as TfxPipeline
from tfx.proto.orchestration import pipeline_pb2

from pytest_orchestrators.contract.compiler.nodes import make_nodes
from pytest_orchestrators.contract.compiler.plan import plan_pipeline
from pytest_orchestrators.contract.compiler.planned_step import PlannedStep, plain_data
from pytest_orchestrators.contract.compiler.representation import encode_pipeline
from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
from pytest_orchestrators.contract.deployment.pipeline_configuration import PipelineConfiguration
from pytest_orchestrators.contract.errors import PipelineError
from pytest_orchestrators.contract.names import check_name

if TYPE_CHECKING:
    from pytest_orchestrators.contract.authoring.pipeline import Pipeline
    from pytest_orchestrators.contract.stack.stack import Stack


def compile_pipeline(pipeline: Pipeline, stack: Stack, run_name: str | None = None) -> PipelineDeployment:
    """Compile ``pipeline`` for ``stack``. Without a ``run_name`` a new one is made from the time.

    Raises PipelineError, naming the step, for whatever is wrong with the pipeline.
    """
    steps = plan_pipeline(pipeline, stack)
    where = f"pipeline {pipeline.name!r}"
    if run_name is not None:
        check_name("run", run_name, where, PipelineError)
    root = f"{stack.artifact_store.path.rstrip('/')}/{pipeline.name}"
    representation = _compile_with_tfx(pipeline.name, root, steps)
    return PipelineDeployment(
        run_name=run_name or new_run_name(pipeline.name),
        schedule=pipeline.schedule,
        stack_id=stack.id,
        pipeline=PipelineConfiguration(
            name=pipeline.name,
            enable_cache=pipeline.enable_cache,
            settings=plain_data(pipeline.settings, f"The {where} has settings"),
            extra=plain_data(pipeline.extra, f"The {where} has an extra"),
        ),
        proto_pipeline=encode_pipeline(representation),
        steps={name: planned.step for name, planned in steps.items()},
    )


def new_run_name(pipeline_name: str) -> str:
    """Make a run name that nobody else makes: pipeline, time (UTC, microseconds), four random digits."""
    now = datetime.now(timezone.utc).strftime("%Y_%m_%d-%H_%M_%S_%f")
    return f"{pipeline_name}-{now}-{secrets.token_hex(2)}"


def _compile_with_tfx(name: str, root: str, steps: dict[str, PlannedStep]) -> pipeline_pb2.Pipeline:
    """Let TFX compile, in a thread of its own.

    TFX notes every node in a registry of the thread that makes it, and never takes it out again: in a thread
    that ends, pipelines do not pile up, and do not meet with nodes that somebody else has made.
    """

    def compile_all() -> pipeline_pb2.Pipeline:
        pipeline = TfxPipeline(pipeline_name=name, pipeline_root=root, components=make_nodes(steps))
        return Compiler().compile(pipeline)

    with ThreadPoolExecutor(max_workers=1) as thread:
        representation = thread.submit(compile_all).result()
    for node in representation.nodes:
        options = node.pipeline_node.execution_options
        options.caching_options.enable_cache = steps[node.pipeline_node.node_info.id].step.config.enable_cache
    return representation
