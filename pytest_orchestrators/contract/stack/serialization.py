"""A stack as JSON: its components by class source and configuration, secrets included."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretBytes, SecretStr, ValidationError
from pydantic_core import to_jsonable_python

from pytest_orchestrators.contract.errors import SourceError, StackError
from pytest_orchestrators.contract.mistakes import mistakes_of
from pytest_orchestrators.contract.sources import resolve_source, validate_source_class
from pytest_orchestrators.contract.stack.component import StackComponent, StackComponentConfig
from pytest_orchestrators.contract.stack.metadata import MetadataStoreConfig

if TYPE_CHECKING:
    from pytest_orchestrators.contract.stack.stack import Stack


class ComponentRecord(BaseModel):
    """One component as data."""

    model_config = ConfigDict(extra="forbid")

    source: str
    name: str
    id: UUID
    config_source: str
    config: dict[str, Any]


class StackRecord(BaseModel):
    """A stack as data."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    name: str
    orchestrator: ComponentRecord
    artifact_store: ComponentRecord
    container_registry: ComponentRecord | None
    step_operators: dict[str, ComponentRecord] = Field(default_factory=dict)
    metadata: MetadataStoreConfig


def stack_to_json(stack: Stack) -> str:
    """Return a stack as JSON text, secrets in the clear. StackError if a class of it cannot be imported."""
    registry = stack.container_registry
    record = {
        "id": stack.id,
        "name": stack.name,
        "orchestrator": _record_of(stack.orchestrator),
        "artifact_store": _record_of(stack.artifact_store),
        "container_registry": _record_of(registry) if registry else None,
        "step_operators": {name: _record_of(operator) for name, operator in stack.step_operators.items()},
        "metadata": _revealed(stack.metadata.model_dump()),
    }
    return json.dumps(to_jsonable_python(record), indent=2)


def read_record(text: str | bytes, where: str) -> StackRecord:
    """Parse JSON text into a record; StackError naming ``where`` when it is none."""
    try:
        return StackRecord.model_validate_json(text)
    except ValidationError as error:
        raise StackError(f"No stack can be read from {where}: {mistakes_of(error)}") from None


def load_component(record: ComponentRecord) -> StackComponent:
    """Build the component that a record describes; StackError if its class or configuration is not valid."""
    try:
        component_class = validate_source_class(record.source, StackComponent)
        config_class = validate_source_class(record.config_source, StackComponentConfig)
        config = config_class.model_validate(record.config)  # type: ignore[attr-defined]
    except SourceError as error:
        raise _not_loaded(record, str(error)) from error
    except ValidationError as error:
        raise _not_loaded(record, mistakes_of(error)) from None
    if inspect.isabstract(component_class):
        raise _not_loaded(record, f"{record.source!r} is abstract: name a class that is made from it.")
    wanted: type[StackComponentConfig] = component_class.CONFIG_CLASS  # type: ignore[attr-defined]
    if not isinstance(config, wanted):
        source = resolve_source(wanted)
        raise _not_loaded(record, f"its config_source is {record.config_source!r}, and has to be {source!r}.")
    component: StackComponent = component_class(name=record.name, config=config, id=record.id)
    return component


def _not_loaded(record: ComponentRecord, why: str) -> StackError:
    return StackError(f"The stack component {record.name!r} cannot be loaded: {why}")


def _record_of(component: StackComponent) -> dict[str, Any]:
    try:
        source, config_source = resolve_source(type(component)), resolve_source(type(component.config))
    except SourceError as error:
        raise StackError(f"The stack component {component.name!r} cannot be stored: {error}") from error
    return {
        "source": source,
        "name": component.name,
        "id": component.id,
        "config_source": config_source,
        "config": plain_config(component.config),
    }


def plain_config(config: StackComponentConfig) -> dict[str, Any]:
    """Return a configuration as data that JSON can hold, secrets in the clear."""
    data: dict[str, Any] = to_jsonable_python(_revealed(config.model_dump()))
    return data


def _revealed(value: Any) -> Any:
    if isinstance(value, (SecretStr, SecretBytes)):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {key: _revealed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_revealed(item) for item in value]
    return value
