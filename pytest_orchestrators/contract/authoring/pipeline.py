"""Pipelines: graphs of steps under one name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_orchestrators.contract.authoring.invocation import OutputReference, StepInvocation
from pytest_orchestrators.contract.deployment.schedule import Schedule
from pytest_orchestrators.contract.errors import PipelineError
from pytest_orchestrators.contract.session import Client

if TYPE_CHECKING:
    from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
    from pytest_orchestrators.contract.stack.stack import Stack


class Pipeline:
    """A pipeline of the given steps and everything that they depend on.

    ``steps`` are invocations, in any order; those that others depend on need not be given. ``enable_cache``
    holds for all steps that do not say otherwise. ``settings`` and ``extra`` have to be plain data.
    """

    def __init__(
        self,
        name: str,
        *steps: StepInvocation | OutputReference,
        enable_cache: bool = True,
        schedule: Schedule | None = None,
        settings: Mapping[str, Any] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.given = tuple(
            given.invocation if isinstance(given, OutputReference) else given for given in steps
        )
        self.enable_cache = enable_cache
        self.schedule = schedule
        self.settings = dict(settings or {})
        self.extra = dict(extra or {})

    @property
    def steps(self) -> list[StepInvocation]:
        """The given steps and all that they depend on, each once.

        Raises PipelineError if something else than steps was given.
        """
        found: dict[int, StepInvocation] = {}
        waiting = list(reversed(self.given))
        while waiting:
            invocation = waiting.pop()
            if not isinstance(invocation, StepInvocation):
                raise PipelineError(
                    f"{invocation!r} is no step of pipeline {self.name!r}: call the step, as in `load(n=1)`."
                )
            if id(invocation) not in found:
                found[id(invocation)] = invocation
                waiting.extend(invocation.upstream())
        return list(found.values())

    def compile(self, stack: Stack | None = None, run_name: str | None = None) -> PipelineDeployment:
        """Compile for ``stack`` (by default the active one), under ``run_name`` or a new name.

        Raises PipelineError, naming the step, for whatever is wrong with the pipeline.
        """
        from pytest_orchestrators.contract.compiler.compiler import compile_pipeline

        return compile_pipeline(self, stack or Client().active_stack, run_name)

    def run(self, run_name: str | None = None, stack: Stack | None = None) -> Any:
        """Compile, prepare and run on ``stack`` (by default the active one), and return what that returns."""
        stack = stack or Client().active_stack
        deployment = self.compile(stack, run_name)
        stack.prepare_pipeline_deployment(deployment)
        return stack.deploy_pipeline(deployment)

    def __repr__(self) -> str:
        return f"<pipeline {self.name!r}>"
