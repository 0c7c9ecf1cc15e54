"""Sorting a step's arguments into data from other steps and parameters, and refusing what is wrong."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pytest_orchestrators.contract.authoring.compatibility import clearly_incompatible
from pytest_orchestrators.contract.authoring.invocation import OutputReference, StepInvocation
from pytest_orchestrators.contract.authoring.values import NotJsonError, json_copy, type_problem
from pytest_orchestrators.contract.errors import PipelineError


@dataclass(frozen=True)
class BoundArguments:
    """Arguments of a step: those that are other steps' outputs, and those that are plain values."""

    data: dict[str, OutputReference]
    parameters: dict[str, Any]


def bind_arguments(invocation: StepInvocation, where: str) -> BoundArguments:
    """Sort and check the arguments of ``invocation``; ``where`` names step and pipeline.

    Raises PipelineError for arguments that are missing, unknown, given twice, or of the wrong type.
    """
    definition = invocation.definition
    arguments = _by_name(invocation, where)
    for name in definition.inputs:
        if name not in arguments and name not in definition.defaults:
            raise PipelineError(f"{where} lacks the argument {name!r}: pass a step's output or a value.")
    data: dict[str, OutputReference] = {}
    parameters: dict[str, Any] = {}
    for name, value in arguments.items():
        if isinstance(value, (StepInvocation, OutputReference)):
            data[name] = _checked_reference(value, definition.inputs.get(name, Any), name, where)
        else:
            parameters[name] = _checked_parameter(value, definition.inputs.get(name, Any), name, where)
    for name, default in definition.defaults.items():
        if name not in arguments:
            _add_default(parameters, name, default)
    return BoundArguments(data, parameters)


def _by_name(invocation: StepInvocation, where: str) -> dict[str, Any]:
    definition = invocation.definition
    names = list(definition.inputs)
    if len(invocation.arguments) > len(names):
        raise PipelineError(
            f"{where} is given {len(invocation.arguments)} arguments by position, and takes {len(names)}."
        )
    arguments = dict(zip(names, invocation.arguments, strict=False))
    for name, value in invocation.keywords.items():
        if name in arguments:
            raise PipelineError(f"{where} is given the argument {name!r} twice.")
        if name not in definition.inputs and not definition.takes_others:
            known = ", ".join(map(repr, names)) or "none"
            raise PipelineError(f"{where} has no argument {name!r} (it has {known}).")
        arguments[name] = value
    return arguments


def _checked_reference(
    value: StepInvocation | OutputReference, expected: Any, name: str, where: str
) -> OutputReference:
    reference = value if isinstance(value, OutputReference) else _only_output(value, name, where)
    produced = reference.invocation.definition.outputs
    producer = reference.invocation.name
    if reference.name not in produced:
        known = ", ".join(map(repr, produced)) or "none"
        raise PipelineError(
            f"{where} takes {name!r} from the output {reference.name!r} of step {producer!r}, which has no "
            f"such output (it has {known})."
        )
    if clearly_incompatible(produced[reference.name], expected):
        raise PipelineError(
            f"{where} takes {name!r} as {_shown(expected)}, and the output {reference.name!r} of step "
            f"{producer!r} is {_shown(produced[reference.name])}."
        )
    return reference


def _only_output(invocation: StepInvocation, name: str, where: str) -> OutputReference:
    outputs = list(invocation.definition.outputs)
    if len(outputs) == 1:
        return OutputReference(invocation, outputs[0])
    advice = f"choose one of {', '.join(map(repr, outputs))}" if outputs else "use `.after(...)` for order"
    raise PipelineError(
        f"{where} takes {name!r} from step {invocation.name!r}, which has {len(outputs)} outputs: {advice}."
    )


def _checked_parameter(value: Any, expected: Any, name: str, where: str) -> Any:
    try:
        copy = json_copy({name: value})[name]
    except NotJsonError as error:
        raise PipelineError(
            f"{where} is given a parameter {name!r} that JSON cannot hold: {error}. Pass plain data, or let "
            "a step make the value and pass that step's output as an argument of its own."
        ) from error
    if problem := type_problem(copy, expected):
        raise PipelineError(
            f"{where} takes {name!r} as {_shown(expected)}, not as {value!r:.200}: {problem}."
        )
    return copy


def _add_default(parameters: dict[str, Any], name: str, default: Any) -> None:
    """Record a default, so that a change of it is seen; one that JSON cannot hold is left to Python."""
    with suppress(NotJsonError):
        parameters[name] = json_copy(default)


def _shown(annotation: Any) -> str:
    return annotation.__name__ if type(annotation) is type else str(annotation)
