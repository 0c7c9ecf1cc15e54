"""The arguments of strategies: what they may be, and what is said of those that they may not be."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis.errors import InvalidArgument


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
