"""What a probe step produces: a value that tells everything that went into it.

The value of an output holds a digest over the step's edition, its parameters and the values of all its
inputs. One wrong value anywhere upstream therefore shows in every value below it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(value: Any) -> str:
    """JSON with sorted keys, so that equal values have equal text (and `1`, `1.0` and `True` have not)."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


#: Characters of what `swollen` adds.
_HUGE = 1 << 20
#: Characters beyond which a text is told by its digest.
_LONG = 100_000


def swollen(value: Mapping[str, str]) -> dict[str, str]:
    """A value with a megabyte more in it."""
    return {**value, "padding": "x" * _HUGE}


def condensed(value: Any) -> Any:
    """A value in which very long texts stand as their length and digest: equal if the values are."""
    if isinstance(value, str) and len(value) > _LONG:
        digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
        return {"characters": len(value), "sha256": digest}
    if isinstance(value, dict):
        return {name: condensed(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [condensed(one) for one in value]
    return value


def produce(
    step: str, output: str, edition: str, inputs: Mapping[str, Any], parameters: Mapping[str, Any]
) -> dict[str, str]:
    """The value of one output of a probe step."""
    text = canonical([step, output, edition, dict(inputs), dict(parameters)])
    return {"step": step, "output": output, "digest": hashlib.sha256(text.encode()).hexdigest()}
