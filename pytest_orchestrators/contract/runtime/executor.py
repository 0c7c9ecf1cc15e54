"""The executor of every node: it calls the step's function and stores what that returns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.orchestration.portable import outputs_utils
from tfx.proto.orchestration import execution_result_pb2
from tfx.types.artifact import Artifact

from pytest_orchestrators.contract.artifacts.inventory import inventory_of
from pytest_orchestrators.contract.artifacts.materializers import BaseMaterializer
from pytest_orchestrators.contract.authoring.step import load_step_function
from pytest_orchestrators.contract.compiler.naming import PAYLOAD_KEY, input_name, output_key
from pytest_orchestrators.contract.compiler.payload import PayloadOutput, StepPayload
from pytest_orchestrators.contract.errors import MaterializationError, SourceError, StepOutputError
from pytest_orchestrators.contract.runtime.cache import FILES_PROPERTY
from pytest_orchestrators.contract.sources import load_source, resolve_source, validate_source_class

_MATERIALIZER_PROPERTY = "materializer"
_TYPE_PROPERTY = "data_type"


class StepExecutor(BaseExecutor):  # type: ignore[misc]
    """Runs a step's function as TFX's launcher wants it run."""

    def Do(
        self,
        input_dict: dict[str, list[Artifact]],
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> execution_result_pb2.ExecutorOutput:
        """Load the inputs, call the function with them and its parameters, store its outputs.

        The function's own exceptions come out as they are. Raises StepOutputError for outputs that are
        missing, surplus or of the wrong type, and MaterializationError for values that cannot be stored or
        loaded.
        """
        step = self._context.pipeline_node.node_info.id
        payload = StepPayload.from_text(exec_properties[PAYLOAD_KEY])
        inputs = {
            input_name(key): _load(artifact, f"input {input_name(key)!r} of step {step!r}")
            for key, [artifact] in input_dict.items()
        }
        returned = load_step_function(payload.source)(**inputs, **payload.parameters)
        for output, value in _match_outputs(step, payload.outputs, returned):
            where = f"output {output.name!r} of step {step!r}"
            _check_type(value, output, where)
            [artifact] = output_dict[output_key(output.name)]
            _save(value, artifact, output.materializer_source, where)
        result = execution_result_pb2.ExecutorOutput()
        outputs_utils.populate_output_artifact(result, output_dict)
        return result


def _match_outputs(
    step: str, outputs: tuple[PayloadOutput, ...], returned: Any
) -> list[tuple[PayloadOutput, Any]]:
    """Pair the declared outputs with what the function returned: nothing, one value, or a tuple of them."""
    if len(outputs) == 1:
        return [(outputs[0], returned)]
    names = ", ".join(repr(output.name) for output in outputs)
    if not outputs:
        if returned is not None:
            raise StepOutputError(
                f"Step {step!r} declares no output, but returned a {type(returned).__qualname__}."
            )
        return []
    if not isinstance(returned, tuple):
        raise StepOutputError(
            f"Step {step!r} has to return a tuple of its outputs ({names}), "
            f"but returned a {type(returned).__qualname__}."
        )
    if len(returned) < len(outputs):
        missing = ", ".join(repr(output.name) for output in outputs[len(returned) :])
        raise StepOutputError(f"Step {step!r} returned {len(returned)} of its outputs; missing: {missing}.")
    if len(returned) > len(outputs):
        raise StepOutputError(
            f"Step {step!r} returned {len(returned)} values, more than its outputs: {names}."
        )
    return list(zip(outputs, returned, strict=True))


def _check_type(value: Any, output: PayloadOutput, where: str) -> None:
    """Raise StepOutputError unless the value is of the declared class (an int is also a float)."""
    if output.type_source is None:
        return
    declared = load_source(output.type_source)
    if not isinstance(value, declared) and not (declared is float and type(value) is int):
        raise StepOutputError(
            f"The {where} is declared as {output.type_source}, but is a "
            f"{type(value).__module__}.{type(value).__qualname__}."
        )


def _save(value: Any, artifact: Artifact, materializer_source: str, where: str) -> None:
    folder = Path(artifact.uri)
    try:
        _materializer(materializer_source).save(value, folder)
    except MaterializationError as error:
        raise MaterializationError(f"The {where} cannot be stored: {error}") from error
    except Exception as error:
        raise MaterializationError(
            f"The {where} cannot be stored: {materializer_source} failed with {type(error).__name__}: {error}"
        ) from error
    artifact.set_string_custom_property(FILES_PROPERTY, inventory_of(folder))
    artifact.set_string_custom_property(_MATERIALIZER_PROPERTY, materializer_source)
    artifact.set_string_custom_property(_TYPE_PROPERTY, _type_source_of(value))


def _load(artifact: Artifact, where: str) -> Any:
    materializer_source = artifact.get_string_custom_property(_MATERIALIZER_PROPERTY)
    type_source = artifact.get_string_custom_property(_TYPE_PROPERTY)
    try:
        data_type = load_source(type_source) if type_source else Any
        return _materializer(materializer_source).load(data_type, Path(artifact.uri))
    except Exception as error:
        raise MaterializationError(
            f"The {where} cannot be loaded from {artifact.uri!r} by {materializer_source!r}: {error}"
        ) from error


def _materializer(source: str) -> BaseMaterializer:
    materializer: BaseMaterializer = validate_source_class(source, BaseMaterializer)()
    return materializer


def _type_source_of(value: Any) -> str:
    """The class of a value, for its materializer when it is loaded; empty where no other process finds it."""
    if type(value).__module__ == "builtins":
        return ""
    try:
        return resolve_source(type(value))
    except SourceError:
        return ""


def load_value(artifact: Artifact) -> Any:
    """Load the value that an artifact on the record holds. Raises MaterializationError if that fails."""
    return _load(artifact, f"artifact {artifact.id}")
