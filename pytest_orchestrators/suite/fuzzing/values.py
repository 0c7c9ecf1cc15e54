"""Parameters of steps: JSON of every kind, with the falsy and the huge ones, and those that look alike."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from pydantic import JsonValue

from pytest_orchestrators.probes.values import canonical

#: Values that something takes for each other: by `==`, by `or`, by `str()`, or by their JSON.
ALIKE: tuple[Any, ...] = (
    *(0, False, None, "", [], {}, 0.0, -0.0, "0", "False", "None", "null", "[]", "{}"),
    *(1, True, 1.0, "1", "1.0", "true", [1], {"1": 1}, [[1]], [True]),
)
_HUGE: tuple[Any, ...] = (
    *(10**20, -(2**63), 1.7e308, 5e-324, "x" * 300, "é" * 5_000),
    *(list(range(200)), {"deep": [[[[{}]]]]}),
)
_NAMES = ("n", "m", "data", "self", "step", "class", "root", "input_1", "Ünicode", "with space", "")
#: The most parameters of one step: they have no more names.
MOST_PARAMETERS = len(_NAMES)


def parameter_values() -> st.SearchStrategy[JsonValue]:
    """Any JSON value, numbers being finite."""
    plain: st.SearchStrategy[Any] = st.one_of(
        st.integers(-5, 5),
        st.sampled_from(ALIKE),
        st.text(max_size=8),
        st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(_HUGE),
    )
    nested = st.lists(plain, max_size=3) | st.dictionaries(st.text(max_size=3), plain, max_size=3)
    return plain | nested


def parameters(max_size: int = 3) -> st.SearchStrategy[dict[str, JsonValue]]:
    """Parameters of one step by name."""
    return st.dictionaries(st.sampled_from(_NAMES), parameter_values(), max_size=max_size)


def other_value(value: JsonValue) -> st.SearchStrategy[JsonValue]:
    """A value that is another one, more often than not one that is taken for this one."""

    def differs(other: JsonValue) -> bool:
        return canonical(other) != canonical(value)

    return st.sampled_from([one for one in ALIKE if differs(one)]) | parameter_values().filter(differs)
