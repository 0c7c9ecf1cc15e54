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


def produce(
    step: str, output: str, edition: str, inputs: Mapping[str, Any], parameters: Mapping[str, Any]
) -> dict[str, str]:
    """The value of one output of a probe step."""
    text = canonical([step, output, edition, dict(inputs), dict(parameters)])
    return {"step": step, "output": output, "digest": hashlib.sha256(text.encode()).hexdigest()}
