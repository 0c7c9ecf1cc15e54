"""Durations, as people and programs spell them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_SECONDS = {"ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_UNITS = (
    "ns|nanosec(?:ond)?s?|µs|us|microsec(?:ond)?s?|ms|msecs?|millisec(?:ond)?s?|seconds?|secs?|s|minutes?|mins?|m|"
    "hours?|h"
)
#: How the units begin that another one's first letter would be taken for.
_BELOW_A_SECOND = {"nano": 1e-9, "micro": 1e-6, "milli": 1e-3, "msec": 1e-3}
#: Thousands may be set off by commas, and a comma may stand for the point.
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?"
_PART = re.compile(rf"({_NUMBER})\s*({_UNITS})(?![a-zµ])", re.IGNORECASE)
#: It stands by itself, as `2h` does not in the name of a folder, or after the letters of ISO 8601.
_WHOLE = re.compile(
    rf"(?:(?<![a-z0-9_])(?<!\d[.,])|(?<=\bpt))"
    rf"(?:(?:{_PART.pattern}(?:,|\s|and)*)+|\d+(?::\d\d)+(?:\.\d+)?)(?![a-z0-9_µ])",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
#: What stands before a number below zero, and not between words.
_BELOW_ZERO = re.compile(r"(?:^|[\s(=:])-$")


class Duration(NamedTuple):
    """A duration as it is told: in seconds, and to how many seconds exactly."""

    seconds: float
    grain: float


def durations(text: str) -> Iterator[Duration]:
    """The durations in a text, which nothing below zero is: `0.2 s`, `2m5.0s`, `1 hour and 3 minutes`,
    `0:02:05`, `3,100 ms`. What can be read in two ways, as `3,100 s`, is two of them.
    """
    for whole in _WHOLE.finditer(text):
        if _BELOW_ZERO.search(text, 0, whole.start()):
            continue
        if ":" in whole[0]:
            seconds = 0.0
            for part in whole[0].split(":"):
                seconds = 60 * seconds + float(part)
            yield Duration(seconds, _grain(whole[0]))
        else:
            found = [(number, _in_seconds(unit.lower())) for number, unit in _PART.findall(whole[0])]
            ways = (_with_thousands, _with_decimals)
            for parts in dict.fromkeys(
                tuple((read(number), unit) for number, unit in found) for read in ways
            ):
                number, unit = parts[-1]
                yield Duration(sum(float(number) * unit for number, unit in parts), unit * _grain(number))


def _with_thousands(number: str) -> str:
    return number.replace(",", "") if _THOUSANDS.fullmatch(number) else number.replace(",", ".")


def _with_decimals(number: str) -> str:
    return (
        number.replace(",", ".") if number.count(",") == 1 and "." not in number else _with_thousands(number)
    )


def _grain(number: str) -> float:
    """What the last digit of a number counts."""
    return 10.0 ** -len(number.partition(".")[2])


def _in_seconds(unit: str) -> float:
    below = (seconds for prefix, seconds in _BELOW_A_SECOND.items() if unit.startswith(prefix))
    return _SECONDS[unit] if unit in _SECONDS else next(below, None) or _SECONDS[unit[0]]
