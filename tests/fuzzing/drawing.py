"""Drawing from strategies in tests: the same values every time."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

#: The first that a seed draws is always the least there is.
_OF_A_SEED = 4


def drawn(strategy: SearchStrategy[T], count: int = 200) -> list[T]:
    """So many values of a strategy; by several seeds, because what one seed draws is much alike."""
    found: list[T] = []
    for seed in range(0, count, _OF_A_SEED):

        @hypothesis.seed(seed)
        @settings(
            max_examples=min(_OF_A_SEED, count - seed),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(strategy)
        def keep(value: T) -> None:
            found.append(value)

        keep()
    return found


def least(strategy: SearchStrategy[T], condition: Callable[[T], object], seed: int = 1) -> T:
    """What hypothesis shrinks a value of a strategy to, if a condition is to hold."""
    return hypothesis.find(
        strategy,
        lambda value: bool(condition(value)),
        settings=settings(
            max_examples=3_000, database=None, deadline=None, phases=[Phase.generate, Phase.shrink]
        ),
        random=random.Random(seed),
    )
