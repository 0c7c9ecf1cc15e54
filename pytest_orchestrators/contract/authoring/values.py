"""Which values can be parameters: what JSON keeps exactly, and what fits the declared type."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError


class NotJsonError(ValueError):
    """A value does not survive JSON. The message says why."""


def json_copy(value: Any) -> Any:
    """Return a copy of ``value`` that went through JSON. NotJsonError if that would change it."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()
        copy = json.loads(text)
        problem = _difference(value, copy)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJsonError(str(error)) from error
    if problem:
        raise NotJsonError(problem)
    return copy


def _difference(value: Any, copy: Any) -> str | None:
    """Say what JSON would change in a value, e.g. a tuple into a list; None if nothing."""
    if type(value) is not type(copy):
        return f"a {type(value).__name__} would come back as a {type(copy).__name__}"
    if isinstance(value, dict):
        if not all(type(key) is str for key in value):
            return "a dictionary needs strings as keys"
        return next(filter(None, (_difference(value[key], copy[key]) for key in value)), None)
    if isinstance(value, list):
        return next(filter(None, map(_difference, value, copy)), None)
    return None


def type_problem(value: Any, annotation: Any) -> str | None:
    """Say why ``value`` is not of the type ``annotation``; None if it is, or if nobody can tell.

    Nothing is converted on the way to a step, so nothing is converted here: "1" is no int, True is no int.
    """
    if annotation is Any:
        return None
    try:
        json_copy(_adapter(annotation).validate_python(value, strict=True))
    except ValidationError as error:
        return "; ".join(mistake["msg"] for mistake in error.errors(include_url=False, include_context=False))
    except NotJsonError:
        return "a parameter is plain data, which nobody makes an instance of that type from"
    except (PydanticUserError, TypeError):
        return None
    return None


@lru_cache(maxsize=256)
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(annotation)
    except PydanticUserError:
        return TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))
