"""Data as TOML, also such data as nobody would write by hand."""

from __future__ import annotations

import json
import math
from typing import Any


def as_toml(document: dict[str, Any]) -> str:
    """A document, each of its keys on a line."""
    return "\n".join(f"{json.dumps(key)} = {_value(value)}" for key, value in document.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None:
        return "2030-06-30"  # TOML has no nothing; instead it has dates
    return json.dumps(value)
