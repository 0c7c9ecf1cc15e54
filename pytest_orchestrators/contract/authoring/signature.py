"""What a function's signature says about the step that it is to be."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin, get_type_hints

from pytest_orchestrators.contract.errors import PipelineError

DEFAULT_OUTPUT = "output"


@dataclass(frozen=True)
class StepSignature:
    """The arguments, their types and defaults, and the outputs of a step function."""

    inputs: dict[str, Any]
    outputs: dict[str, Any]
    defaults: dict[str, Any]
    takes_others: bool


def inspect_signature(
    function: Callable[..., Any], name: str, outputs: Sequence[str] | Mapping[str, Any] | None
) -> StepSignature:
    """Read the signature of the function of step ``name``; ``outputs`` are names, or names with types.

    Raises PipelineError, naming the step, when it cannot be called as a step or its outputs are not clear.
    """
    try:
        hints = get_type_hints(function, include_extras=True)
    except Exception as error:
        raise PipelineError(f"Step {name!r} has annotations that cannot be evaluated: {error}") from error
    parameters = inspect.signature(function).parameters.values()
    for parameter in parameters:
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
            raise PipelineError(
                f"Step {name!r} takes {parameter} by position, and steps are called with keywords only: "
                "make it an ordinary parameter."
            )
    named = [parameter for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD]
    return StepSignature(
        inputs={parameter.name: hints.get(parameter.name, Any) for parameter in named},
        outputs=_declared_outputs(hints, name, outputs),
        defaults={
            parameter.name: parameter.default
            for parameter in named
            if parameter.default is not parameter.empty
        },
        takes_others=len(named) < len(parameters),
    )


def _declared_outputs(
    hints: Mapping[str, Any], name: str, outputs: Sequence[str] | Mapping[str, Any] | None
) -> dict[str, Any]:
    if isinstance(outputs, Mapping):
        return dict(outputs)
    if "return" not in hints:
        raise PipelineError(
            f"Step {name!r} does not say what it returns: annotate it (`-> int`, or `-> None` for no output)."
        )
    result = hints["return"]
    if outputs is None:
        return _outputs_of(result)
    if isinstance(outputs, str):
        raise PipelineError(f"The outputs of step {name!r} are a string: write `outputs=({outputs!r},)`.")
    types = _member_types(result, len(outputs))
    if len(types) != len(outputs) or len(set(outputs)) != len(outputs):
        raise PipelineError(
            f"Step {name!r} names the outputs {', '.join(map(repr, outputs)) or 'of nothing'}, and returns "
            f"{result!r}, which is {len(types)}: give every output one name of its own."
        )
    return dict(zip(outputs, types, strict=True))


def _outputs_of(result: Any) -> dict[str, Any]:
    if result is type(None):
        return {}
    if _is_named_tuple(result):
        hints = get_type_hints(result, include_extras=True)
        return {member: hints.get(member, Any) for member in result._fields}
    return {DEFAULT_OUTPUT: result}


def _member_types(result: Any, count: int) -> list[Any]:
    """The types of ``count`` outputs that are returned together as ``result``."""
    if result is type(None):
        return []
    if count == 1:
        return [result]
    if _is_named_tuple(result):
        return list(_outputs_of(result).values())
    if result in (tuple, Any):
        return [Any] * count
    if get_origin(result) is tuple:
        members = get_args(result)
        return [members[0]] * count if Ellipsis in members else list(members)
    return [result]


def _is_named_tuple(result: Any) -> bool:
    return isinstance(result, type) and issubclass(result, tuple) and hasattr(result, "_fields")
