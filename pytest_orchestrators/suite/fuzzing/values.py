"""Parameters of steps: JSON of every kind, with the falsy and the huge ones, and those that look alike."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st
from pydantic import JsonValue

from pytest_orchestrators.probes.values import canonical
from pytest_orchestrators.suite.fuzzing.choosing import seldom

#: Values that something takes for each other: by `==`, by `or`, by `str()`, or by their JSON.
ALIKE: tuple[Any, ...] = (
    *(0, False, None, "", [], {}, 0.0, -0.0, "0", "False", "None", "null", "[]", "{}"),
    *(1, True, 1.0, "1", "1.0", "true", [1], {"1": 1}, [[1]], [True]),
)
_HUGE: tuple[Any, ...] = (
    *(10**20, -(2**63), 1.7e308, 5e-324, "x" * 300, "é" * 5_000),
    *(list(range(200)), {"deep": [[[[{}]]]]}),
)
#: Whole numbers up to this one are floating-point numbers, too.
_EXACT = 2**53
#: Of so many values that replace another one has nothing to do with it.
_UNLIKE = 4
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
#: Letters of everyday texts, and what is cut off or taken for each other in these.
_LETTERS = "abcABC12 _-é"
#: Names that any function can take, and names that may rightly be refused.
_NAMES = ("n", "m", "data", "self", "step", "class", "root", "input_1")
_ODD_NAMES = ("Ünicode", "with space", "")
#: The most parameters of one step: they have no more names.
MOST_PARAMETERS = len(_NAMES)


def texts(max_size: int) -> st.SearchStrategy[str]:
    """Any text without control characters, which not every way to another process can take."""
    return st.text(max_size=max_size).map(lambda text: _CONTROLS.sub("?", text))


def parameter_values() -> st.SearchStrategy[JsonValue]:
    """Any JSON value, numbers being finite."""
    plain: st.SearchStrategy[Any] = st.one_of(
        st.integers(-5, 5),
        st.sampled_from(ALIKE),
        st.text(_LETTERS, max_size=6),
        texts(8),
        st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(_HUGE),
    )
    nested = st.lists(plain, max_size=3) | st.dictionaries(texts(3), plain, max_size=3)
    return plain | nested


def parameters(max_size: int = 3, odd_names: bool = False) -> st.SearchStrategy[dict[str, JsonValue]]:
    """Parameters of one step by name; odd names are those that a run may be refused for."""
    names = st.sampled_from((*_NAMES, *_ODD_NAMES) if odd_names else _NAMES)
    return st.dictionaries(names, parameter_values(), max_size=max_size)


def look_alikes(value: JsonValue) -> list[JsonValue]:
    """Values that something takes for this one: its text, what its text says, one that is equal, wrapped or
    unwrapped, or different in its end, its case, its spaces or its order only.
    """
    alike: list[Any] = [canonical(value), str(value), [value], *(one for one in ALIKE if one == value)]
    if not value:
        alike += [one for one in ALIKE if not one]
    if isinstance(value, int | float):
        alike += [-value, value + 1, float(value) if abs(value) < _EXACT else -1, int(value)]
    elif isinstance(value, str):
        alike += [f"{value} ", value.strip(), value.swapcase(), value[:-1], f"{value}x"]
    elif isinstance(value, list):
        alike += [value[::-1], value[:-1], [*value, None], value[0] if value else None]
    elif isinstance(value, dict):
        alike += [{**value, "new": None}, dict([*value.items()][1:]), [*value]]
    others = {canonical(one): one for one in alike}
    others.pop(canonical(value), None)
    return [*others.values()]


def other_value(value: JsonValue) -> st.SearchStrategy[JsonValue]:
    """A value that is another one, more often than not one that is taken for this one."""

    def differs(other: JsonValue) -> bool:
        return canonical(other) != canonical(value)

    alike, any_other = st.sampled_from(look_alikes(value)), parameter_values().filter(differs)
    return seldom(_UNLIKE).flatmap(lambda unlike: any_other if unlike else alike)
