"""The registry of materializers: which one stores values of a declared type."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin

from typing_extensions import is_typeddict

from pytest_orchestrators.contract.artifacts.materializers import (
    BaseMaterializer,
    BytesMaterializer,
    JsonMaterializer,
    RecordMaterializer,
    TextMaterializer,
)
from pytest_orchestrators.contract.errors import MaterializationError

_registered: dict[type, type[BaseMaterializer]] = {}


def register_materializer(materializer: type[BaseMaterializer], *data_types: type) -> type[BaseMaterializer]:
    """Let ``materializer`` store the given types, or its ASSOCIATED_TYPES when none are given.

    Subclasses of a registered type are stored by it too, unless registered themselves; a later registration
    of the same type replaces the earlier. Returns the materializer, so it serves as a class decorator.
    """
    if not (isinstance(materializer, type) and issubclass(materializer, BaseMaterializer)):
        raise TypeError(f"{materializer!r} is not a subclass of BaseMaterializer.")
    chosen = data_types or materializer.ASSOCIATED_TYPES
    if not chosen:
        raise ValueError(
            f"{materializer.__qualname__} names no ASSOCIATED_TYPES: name the types it stores, there or here."
        )
    for data_type in chosen:
        _registered[data_type] = materializer
    return materializer


for _built_in in (JsonMaterializer, RecordMaterializer, TextMaterializer, BytesMaterializer):
    register_materializer(_built_in)


def materializer_for(data_type: Any) -> type[BaseMaterializer]:
    """Find the materializer for a declared type: a class, or a form from `typing` over plain data.

    What is not declared (Any, object) is taken for plain data. Raises MaterializationError, naming the type,
    when nothing is registered for it.
    """
    if data_type in (Any, object, None) or _is_plain_form(data_type):
        return JsonMaterializer
    if get_origin(data_type) is Annotated:
        return materializer_for(get_args(data_type)[0])
    if isinstance(data_type, NewType):
        return materializer_for(data_type.__supertype__)
    if isinstance(data_type, type) and get_origin(data_type) is None:
        for base in data_type.__mro__:
            if base in _registered and _may_inherit(data_type, base):
                return _registered[base]
    raise MaterializationError(
        f"No materializer is registered for {data_type!r}: return plain data (JSON), a pydantic model, "
        "str or bytes, or register a materializer for this type with `register_materializer`."
    )


def _may_inherit(data_type: type, base: type) -> bool:
    """A subclass of a built-in (an IntEnum, say) would not be read back as itself."""
    return data_type is base or base not in (*JsonMaterializer.ASSOCIATED_TYPES, str, bytes)


def _is_plain_form(data_type: Any) -> bool:
    """Whether a form from `typing` can only be satisfied by plain data."""
    origin, arguments = get_origin(data_type), get_args(data_type)
    if is_typeddict(data_type):
        return True
    if origin is Literal:
        return all(value is None or type(value) in (bool, int, str) for value in arguments)
    if origin in (Union, types.UnionType, list):
        return all(map(_is_plain, arguments))
    return origin is dict and arguments[0] is str and _is_plain(arguments[1])


def _is_plain(data_type: Any) -> bool:
    plain = (*JsonMaterializer.ASSOCIATED_TYPES, str)
    return data_type in (Any, object, None, *plain) or _is_plain_form(data_type)
