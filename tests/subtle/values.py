"""Wrong with parameters of some value or name."""

from __future__ import annotations

import json
from typing import Any

from tests.broken.nodes import RewritesNodes, change_parameters
from tests.subtle.registry import subtly


class Converts(RewritesNodes):
    """Puts every parameter through `converted`; on its own it changes none."""

    def converted(self, name: str, value: Any) -> Any:
        """What becomes of a parameter."""
        del name
        return value

    def rewrite(self, node: Any) -> None:
        change_parameters(node, self.converted)


@subtly("RUN-3")
class DigitsInTexts(Converts):
    """A text of one digit becomes a number."""

    def converted(self, name: str, value: Any) -> Any:
        digit = isinstance(value, str) and len(value) == 1 and value in "0123456789"
        return int(value) if digit else value


@subtly("RUN-3")
class WordsInTexts(Converts):
    """A text that reads true, false or null becomes what it reads."""

    words = {"true": True, "false": False, "null": None, "none": None}

    def converted(self, name: str, value: Any) -> Any:
        return self.words.get(value.lower(), value) if isinstance(value, str) else value


@subtly("RUN-3")
class CollectionsInTexts(Converts):
    """A text that looks like a list or a mapping is parsed."""

    def converted(self, name: str, value: Any) -> Any:
        return json.loads(value) if value in ("[]", "{}") else value


@subtly("RUN-3")
class WholeFloats(Converts):
    """A float that is a whole number other than zero becomes an integer."""

    def converted(self, name: str, value: Any) -> Any:
        return int(value) if isinstance(value, float) and value and value.is_integer() else value


@subtly("RUN-3")
class SingleItems(Converts):
    """A list of one becomes what is in it."""

    def converted(self, name: str, value: Any) -> Any:
        return value[0] if isinstance(value, list) and len(value) == 1 else value


@subtly("RUN-3")
class LargeNegatives(Converts):
    """Numbers below the smallest of 32 bits are cut off there."""

    def converted(self, name: str, value: Any) -> Any:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return max(value, -(2**31)) if number else value


@subtly("RUN-3")
class SmallFractions(Converts):
    """Fractions are written with five decimals."""

    def converted(self, name: str, value: Any) -> Any:
        return round(value, 5) if isinstance(value, float) and abs(value) < 1 else value


@subtly("RUN-3")
class LongLists(Converts):
    """A list ends after a hundred items."""

    def converted(self, name: str, value: Any) -> Any:
        return value[:100] if isinstance(value, list) else value


@subtly("RUN-3")
class LongForeignTexts(Converts):
    """A text with other than ASCII characters is cut at 255 bytes."""

    def converted(self, name: str, value: Any) -> Any:
        if not isinstance(value, str) or value.isascii():
            return value
        return value.encode("utf-8", "surrogatepass")[:255].decode("utf-8", "ignore")


@subtly("RUN-3")
class EmptyInside(Converts):
    """Empty collections within a list are left out, those deep in mappings are not."""

    def converted(self, name: str, value: Any) -> Any:
        return [one for one in value if one not in ([], {})] if isinstance(value, list) else value


@subtly("RUN-3")
class KeysByNumber(Converts):
    """A mapping whose keys are all numbers becomes a list."""

    def converted(self, name: str, value: Any) -> Any:
        numbers = isinstance(value, dict) and value and all(key.isdecimal() for key in value)
        return [*value.values()] if numbers else value


@subtly("RUN-3")
class Trims(Converts):
    """A text loses line breaks and spaces at its end, if it is short."""

    def converted(self, name: str, value: Any) -> Any:
        return value.rstrip() if isinstance(value, str) and len(value) < 10 else value
