"""The arguments of strategies: what they may be, and what is said of those that they may not be."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy


def check_range(strategy: str, name: str, least: int, most: int, floor: int = 0) -> None:
    """See that `min_NAME` and `max_NAME` are whole numbers, not below a floor, and in order.

    Raises:
        InvalidArgument: they are not; the message names the strategy, the arguments and their values.
    """
    for which, value in (("min", least), ("max", most)):
        if isinstance(value, bool) or not isinstance(value, int) or value < floor:
            raise InvalidArgument(
                f"{strategy}({which}_{name}={value!r}): a whole number of at least {floor} is needed"
            )
    if least > most:
        raise InvalidArgument(
            f"{strategy}(min_{name}={least}, max_{name}={most}): the least is more than the most"
        )


def check_most(strategy: str, name: str, most: int, floor: int = 0, ceiling: int | None = None) -> None:
    """See that `max_NAME` is a whole number within bounds.

    Raises:
        InvalidArgument: it is not; the message says what is.
    """
    high = most if ceiling is None else ceiling
    if isinstance(most, bool) or not isinstance(most, int) or not floor <= most <= high:
        bounds = f"of at least {floor}" if ceiling is None else f"from {floor} to {ceiling}"
        raise InvalidArgument(f"{strategy}(max_{name}={most!r}): a whole number {bounds} is needed")


def check_flags(strategy: str, **flags: bool) -> None:
    """See that arguments are `True` or `False`.

    Raises:
        InvalidArgument: one is something else.
    """
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise InvalidArgument(f"{strategy}({name}={value!r}): True or False is needed")


def check_texts(strategy: str, name: str, given: Collection[str]) -> None:
    """See that an argument is a collection of at least one text, none of them empty.

    Raises:
        InvalidArgument: it is not.
    """
    if isinstance(given, str) or not given or not all(isinstance(one, str) and one for one in given):
        raise InvalidArgument(f"{strategy}({name}={given!r}): at least one text is needed, and none empty")


def check_strategy(strategy: str, name: str, given: object) -> None:
    """See that an argument is a strategy or None.

    Raises:
        InvalidArgument: it is something else.
    """
    if given is not None and not isinstance(given, SearchStrategy):
        raise InvalidArgument(f"{strategy}({name}={given!r}): a strategy is needed")


def check_choice(strategy: str, name: str, given: str, known: Collection[str]) -> None:
    """See that an argument is one of those that are known.

    Raises:
        InvalidArgument: it is not; the message lists those that are.
    """
    if given not in known:
        raise InvalidArgument(f"{strategy}({name}={given!r}): known are {', '.join(map(repr, known))}")


def check_choices(strategy: str, name: str, given: Collection[str], known: Collection[str]) -> None:
    """See that an argument is a collection of at least one, all of which are known.

    Raises:
        InvalidArgument: it is not; the message lists those that are.
    """
    if isinstance(given, str) or not given:
        raise InvalidArgument(f"{strategy}({name}={given!r}): at least one of {', '.join(map(repr, known))}")
    for one in given:
        check_choice(strategy, name, one, known)
