"""Documents that are nearly right: valid ones that were changed as data, as text, or as bytes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import strategies as st

#: A place in a document: the container, and the key or index in it.
Place: TypeAlias = tuple[Any, Any]

DEEP = 100_000
#: What stands in the place of something else: other types, the ends of what types hold, what is no JSON.
STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**63, 10**400, -(10**400), 1e308),
    *(float("nan"), float("inf"), float("-inf")),
    *("", "x", "..", "../../etc", "\x00", "\ud800", "NaN", "9" * 5000, "2030-02-30", "\x1b[31m"),
    *([], {}, [[]], [None], {"": None}, {"x": {"x": []}}, ["x"] * 50, {"value": "\udfff"}),
)

strange = st.sampled_from(STRANGE) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(document: Any) -> list[Place]:
    """All places of a document, the outer ones first."""
    found: list[Place] = []
    waiting = [document]
    for container in waiting:
        keys = container if isinstance(container, dict) else range(len(container))
        found += [(container, key) for key in keys]
        waiting += [container[key] for key in keys if isinstance(container[key], dict | list)]
    return found


def _drop(place: Place, others: list[Place], draw: st.DrawFn) -> None:
    del place[0][place[1]]


def _replace(place: Place, others: list[Place], draw: st.DrawFn) -> None:
    place[0][place[1]] = copy.deepcopy(draw(strange))


def _take_from_elsewhere(place: Place, others: list[Place], draw: st.DrawFn) -> None:
    container, key = draw(st.sampled_from(others))
    place[0][place[1]] = copy.deepcopy(container[key])


def _rename(place: Place, others: list[Place], draw: st.DrawFn) -> None:
    container, key = place
    if isinstance(container, dict):
        container[draw(st.sampled_from(["", "x", f"{key}x", "..", "\ud800"]))] = container.pop(key)
    else:
        container.insert(0, container.pop(key))


def _repeat(place: Place, others: list[Place], draw: st.DrawFn) -> None:
    container, key = place
    if isinstance(container, dict):
        container[f"{key}2"] = copy.deepcopy(container[key])
    else:
        container.insert(key, copy.deepcopy(container[key]))


def _retype(place: Place, others: list[Place], draw: st.DrawFn) -> None:
    container, key = place
    value = container[key]
    container[key] = draw(st.sampled_from([str(value), [value], {"x": value}, bool(value)]))


def _bend(place: Place, others: list[Place], draw: st.DrawFn) -> None:
    """Another value of the same type, where there is one: what is wrong then is what it refers to."""
    container, key = place
    value = container[key]
    like = [c[k] for c, k in others if _kind(c[k]) == _kind(value) and c[k] != value]
    shorter = [value[:-1], value[1:], value[::-1], value[:0]] if isinstance(value, list) else []
    other = [not value] if isinstance(value, bool) else [value + 1, -value] if isinstance(value, int) else []
    if like + shorter + other:
        container[key] = copy.deepcopy(draw(st.sampled_from(like + shorter + other)))


def _kind(value: Any) -> object:
    """The type, and of a dictionary its keys: such a one may stand where another does."""
    return (dict, *sorted(value)) if isinstance(value, dict) else type(value)


_CHANGES: tuple[Callable[[Place, list[Place], st.DrawFn], None], ...] = (
    *(_drop, _replace, _take_from_elsewhere, _rename, _repeat, _retype),
)


@st.composite
def mutated(draw: st.DrawFn, document: Any, changes: int = 3, bent: bool = False) -> Any:
    """A document with one to several changes; what it is made of is copied, the document stays as it is.

    One that is only bent has the types that it had, so that most readers take it.
    """
    changed = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, changes))):
        found = places(changed)
        if not found:
            break
        # The outer places are few and lost among the inner ones: some of the time only these are chosen from.
        near = found[: draw(st.sampled_from([10, 100, len(found)]))]
        change = _bend if bent else draw(st.sampled_from(_CHANGES))
        change(draw(st.sampled_from(near)), found if bent else near, draw)
    return changed


def as_json(document: Any) -> bytes:
    """JSON as Python writes it: NaN and infinity are words of it, lone surrogates are escaped."""
    return json.dumps(document).encode()


def nested(opening: str, closing: str = "", depth: int = DEEP) -> str:
    """Something deep: all of its brackets open, and closed if there is something to close them with."""
    return opening * depth + closing * depth


#: JSON that is none, or that is too much.
BAD_JSON: tuple[bytes, ...] = (
    *(b"", b" ", b"\x00", b"\xff", b"null", b"[]", b"{}", b"3", b'"x"', b"{", b'{"a":', b"[1,]", b"nul"),
    *(nested("[").encode(), nested("[", "]").encode(), nested('{"a":').encode()),
    *(b"9" * 100_000, b"1e999999999", b"-Infinity", b'"\\ud800"', b'{"a": 1, "a": 2}', b"\xef\xbb\xbf{}"),
)


@st.composite
def spoilt(draw: st.DrawFn, whole: bytes) -> bytes:
    """Bytes of something that are cut, spliced, flipped, in another encoding, or deep somewhere inside."""
    at = draw(st.integers(0, len(whole)))
    end = draw(st.integers(at, min(len(whole), at + 20)))
    how = draw(st.sampled_from(("cut", "splice", "remove", "flip", "encode", "twice", "deep", "long")))
    if how == "cut":
        return whole[:at]
    if how == "splice":
        return whole[:at] + draw(st.binary(max_size=8)) + whole[end:]
    if how == "remove":
        return whole[:at] + whole[end:]
    if how == "flip":
        flipped = bytes([byte ^ (1 << draw(st.integers(0, 7))) for byte in whole[at : at + 1]])
        return whole[:at] + flipped + whole[at + 1 :]
    if how == "encode":
        encoding = draw(st.sampled_from(["utf-16", "utf-8-sig", "utf-32", "utf-7", "cp037"]))
        return whole.decode(errors="replace").encode(encoding, errors="replace")
    if how == "twice":
        return whole[:at] + whole[at:end] * 2 + whole[end:]
    # In the place of a value, where there is one behind: that is where a parser goes in.
    colon = whole.find(b":", at) + 1
    inside = (
        nested(draw(st.sampled_from(["[", '{"a":'])))
        if how == "deep"
        else "9" * draw(st.sampled_from([400, 9999]))
    )
    return whole[:colon] + inside.encode() + whole[colon:]


def documents(valid: Any) -> st.SearchStrategy[bytes]:
    """JSON of a document that was changed in one way or another, and what has nothing to do with it."""
    whole = json.dumps(valid).encode()
    changed = (mutated(valid) | mutated(valid, bent=True)).map(as_json)
    return st.one_of(
        changed, changed, changed, spoilt(whole), st.sampled_from(BAD_JSON), st.binary(max_size=40)
    )
