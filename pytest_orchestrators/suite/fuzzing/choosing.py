"""Choosing among what was drawn before, so that this can become less without the choice being lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
#: Draws a value from a strategy.
Draw = Callable[[st.SearchStrategy[Any]], Any]

#: Can be divided by as many steps as most pipelines have.
_MANY = 60


def chosen(draw: Draw, options: Sequence[T]) -> T:
    """One of several; the first in what has shrunk.

    `sampled_from` draws another kind of choice for every number of options, and none for a single one: a
    pipeline with a step less would then be another pipeline, and shrinking would stop there.
    """
    at: int = draw(st.integers(0, _MANY - 1))
    return options[at % len(options)]


def lists_of(draw: Draw, elements: st.SearchStrategy[T], least: int, most: int) -> list[T]:
    """So many values of a strategy, many as often as few.

    The size of a list that hypothesis draws is mostly small; a number of elements drawn before would keep
    all but the last ones from being left out. So the number that is drawn before is one that there are at
    least, and shrinks by itself.
    """
    # Less than the most: where there is no choice, hypothesis draws none, and what is drawn next is another.
    at_least = max(least, draw(st.integers(2 * least - most, max(least, most - 1))))
    drawn: list[T] = draw(st.lists(elements, min_size=at_least, max_size=most))
    return drawn


def seldom(times: int) -> st.SearchStrategy[bool]:
    """True about once in so many times, and never in what has shrunk, unless it has to be."""
    return st.integers(1, times).map(lambda drawn: drawn == times)
