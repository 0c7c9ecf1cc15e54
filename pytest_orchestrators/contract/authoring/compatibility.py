"""Whether what one step gives can be what another takes, by their annotations."""

from __future__ import annotations

import types
from typing import Annotated, Any, Union, get_args, get_origin

_NUMERIC_TOWER = ((int, float), (int, complex), (float, complex))


def clearly_incompatible(produced: Any, expected: Any) -> bool:
    """Whether no value of type ``produced`` can be of type ``expected``, as far as annotations tell.

    In doubt (type variables, protocols, literals, anything unusual) the answer is False: the step finds out.
    """
    alternatives, wanted = _alternatives(produced), _alternatives(expected)
    return all(_clash(one, other) for one in alternatives for other in wanted)


def _alternatives(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [kind for member in get_args(annotation) for kind in _alternatives(member)]
    return [type(None) if annotation is None else annotation]


def _clash(produced: Any, expected: Any) -> bool:
    kind, wanted = get_origin(produced) or produced, get_origin(expected) or expected
    if not (_is_ordinary_class(kind) and _is_ordinary_class(wanted)):
        return False
    if (kind, wanted) in _NUMERIC_TOWER:
        return False
    if not (issubclass(kind, wanted) or issubclass(wanted, kind)):
        return True
    given, asked = get_args(produced), get_args(expected)
    return (
        len(given) == len(asked)
        and Ellipsis not in (*given, *asked)
        and any(clearly_incompatible(one, other) for one, other in zip(given, asked, strict=True))
    )


def _is_ordinary_class(kind: Any) -> bool:
    # From Python 3.11 on, Any is a class.
    return isinstance(kind, type) and kind is not Any and not getattr(kind, "_is_protocol", False)
