"""Names inside the intermediate representation.

Inputs and outputs carry prefixes there, so that an input may be named like an output, and either of them like
something that TFX or Python keeps for itself (``self``, say).
"""

from __future__ import annotations

INPUT_PREFIX = "in_"
OUTPUT_PREFIX = "out_"
#: The one execution property of a node: a `StepPayload` as text.
PAYLOAD_KEY = "step"
#: The type name of all nodes. It is part of the cache key: changing it empties every cache.
NODE_TYPE = "pytest_orchestrators.Step"


def input_key(name: str) -> str:
    """The key of an input in the intermediate representation."""
    return INPUT_PREFIX + name


def output_key(name: str) -> str:
    """The key of an output in the intermediate representation."""
    return OUTPUT_PREFIX + name


def input_name(key: str) -> str:
    """The input that a key in the intermediate representation stands for."""
    return key.removeprefix(INPUT_PREFIX)


def output_name(key: str) -> str:
    """The output that a key in the intermediate representation stands for."""
    return key.removeprefix(OUTPUT_PREFIX)
