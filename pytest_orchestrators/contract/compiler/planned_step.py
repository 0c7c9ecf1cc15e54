"""One step of a plan, and how it comes out of an invocation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from pytest_orchestrators.contract.artifacts.registry import materializer_for
from pytest_orchestrators.contract.authoring.binding import BoundArguments, bind_arguments
from pytest_orchestrators.contract.authoring.invocation import StepInvocation
from pytest_orchestrators.contract.authoring.step import StepDefinition, load_step_function
from pytest_orchestrators.contract.authoring.values import NotJsonError, json_copy
from pytest_orchestrators.contract.compiler.payload import PayloadOutput, StepPayload
from pytest_orchestrators.contract.deployment.steps import (
    ArtifactConfiguration,
    OutputConfiguration,
    Step,
    StepConfiguration,
    StepSpec,
)
from pytest_orchestrators.contract.errors import MaterializationError, PipelineError, SourceError
from pytest_orchestrators.contract.names import check_name
from pytest_orchestrators.contract.sources import resolve_source, source_code_digest


@dataclass(frozen=True)
class PlannedStep:
    """A step as it goes into a deployment, with what only its node needs.

    ``data`` maps its inputs to (step, output) that they come from; ``artifact_types`` its outputs to classes.
    """

    step: Step
    payload: StepPayload
    data: dict[str, tuple[str, str]]
    artifact_types: dict[str, type]

    @property
    def upstream(self) -> list[str]:
        """The steps that must end before this one starts."""
        return self.step.spec.upstream_steps


@dataclass(frozen=True)
class _Output:
    configuration: OutputConfiguration
    artifact_type: type
    payload: PayloadOutput


class StepPlanner:
    """Plans the steps of one pipeline, all of which it is given by name."""

    def __init__(
        self,
        where: str,
        invocations: Mapping[str, StepInvocation],
        enable_cache: bool,
        step_operators: Mapping[str, Any],
    ) -> None:
        self._where = where
        self._invocations = invocations
        self._enable_cache = enable_cache
        self._step_operators = step_operators
        self._outputs: dict[int, dict[str, _Output]] = {}
        self._digests: dict[str, str] = {}

    def plan(self, invocation: StepInvocation) -> PlannedStep:
        """Check one step and resolve its names. Raises PipelineError."""
        where = f"Step {invocation.name!r} of {self._where}"
        definition = invocation.definition
        bound = bind_arguments(invocation, where)
        outputs = self._outputs_of(definition, where)
        return PlannedStep(
            step=Step(
                spec=StepSpec(
                    source=definition.source, upstream_steps=self._upstream(invocation, bound, where)
                ),
                config=self._configuration(invocation, bound, outputs, where),
            ),
            payload=StepPayload(
                source=definition.source,
                code=self._code_digest(definition, where),
                parameters=bound.parameters,
                outputs=tuple(output.payload for output in outputs.values()),
            ),
            data={name: (ref.invocation.name, ref.name) for name, ref in bound.data.items()},
            artifact_types={name: output.artifact_type for name, output in outputs.items()},
        )

    def _configuration(
        self, invocation: StepInvocation, bound: BoundArguments, outputs: Mapping[str, _Output], where: str
    ) -> StepConfiguration:
        options = invocation.options
        if options.step_operator is not None and options.step_operator not in self._step_operators:
            known = ", ".join(map(repr, self._step_operators)) or "none"
            raise PipelineError(
                f"{where} names the step operator {options.step_operator!r}, which the stack does not have "
                f"(it has {known})."
            )
        return StepConfiguration(
            name=invocation.name,
            enable_cache=self._enable_cache if options.enable_cache is None else options.enable_cache,
            step_operator=options.step_operator,
            parameters=bound.parameters,
            settings=plain_data(options.settings, f"{where} has settings"),
            resource_settings=options.resources,
            inputs={name: self._input(ref.invocation, ref.name, where) for name, ref in bound.data.items()},
            outputs={name: output.configuration for name, output in outputs.items()},
        )

    def _input(self, producer: StepInvocation, output: str, where: str) -> ArtifactConfiguration:
        produced = self._outputs_of(producer.definition, where)[output]
        return ArtifactConfiguration(artifact_source=produced.configuration.artifact_source)

    def _upstream(self, invocation: StepInvocation, bound: BoundArguments, where: str) -> list[str]:
        names = {reference.invocation.name for reference in bound.data.values()}
        for other in invocation.comes_after:
            name = other.name if isinstance(other, StepInvocation) else other
            if name not in self._invocations:
                raise PipelineError(f"{where} comes after {name!r}, which is no step of the pipeline.")
            names.add(name)
        return sorted(names)

    def _outputs_of(self, definition: StepDefinition, where: str) -> dict[str, _Output]:
        if id(definition) not in self._outputs:
            self._outputs[id(definition)] = {
                check_name("output", name, where, PipelineError): _resolved_output(name, data_type, where)
                for name, data_type in definition.outputs.items()
            }
        return self._outputs[id(definition)]

    def _code_digest(self, definition: StepDefinition, where: str) -> str:
        source = definition.source
        if source not in self._digests:
            try:
                self._digests[source] = source_code_digest(definition.function or load_step_function(source))
            except SourceError as error:
                raise PipelineError(f"{where} cannot be run: {error}") from error
        return self._digests[source]


def plain_data(values: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return a copy of ``values``, with models (such as Docker settings) as plain data.

    If JSON cannot hold them, PipelineError says so and ``what`` they are.
    """
    plain = {k: v.model_dump(mode="json") if isinstance(v, BaseModel) else v for k, v in values.items()}
    try:
        copy: dict[str, Any] = json_copy(plain)
    except NotJsonError as error:
        raise PipelineError(f"{what} that JSON cannot hold: {error}.") from error
    return copy


def _resolved_output(name: str, data_type: Any, where: str) -> _Output:
    try:
        materializer = materializer_for(data_type)
        materializer_source = resolve_source(materializer)
        artifact_source = resolve_source(materializer.ARTIFACT)
    except (MaterializationError, SourceError) as error:
        raise PipelineError(f"{where} cannot store its output {name!r}: {error}") from error
    return _Output(
        OutputConfiguration(artifact_source=artifact_source, materializer_source=materializer_source),
        materializer.ARTIFACT,
        PayloadOutput(
            name=name, materializer_source=materializer_source, type_source=_class_source(data_type)
        ),
    )


def _class_source(data_type: Any) -> str | None:
    """Name the class that all values of a declared type are instances of, if there is one to be named."""
    if get_origin(data_type) is Annotated:
        return _class_source(get_args(data_type)[0])
    kind = get_origin(data_type) or data_type
    if not isinstance(kind, type) or kind is UnionType:
        return None
    try:
        isinstance(
            None, kind
        )  # some classes refuse to be asked: TypedDict, Protocol, and Any where it is one
        return resolve_source(kind)
    except (TypeError, SourceError):
        return None
