"""How a protobuf message travels inside JSON: base64 over its canonical JSON form."""

from __future__ import annotations

import base64
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from pytest_orchestrators.contract.errors import DeploymentError

#: What comes of text that is none: beside their own errors, base64 raises ValueError for what is not ASCII,
#: and protobuf whatever its code meets in JSON of another shape: null or a number in the place of a message,
#: a lone surrogate in a key, brackets without an end.
_UNREADABLE = (
    json_format.ParseError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    RecursionError,
    SystemError,
)
#: Characters of a reason that are shown at most: it quotes what could not be read.
_SHOWN = 300

MessageT = TypeVar("MessageT", bound=Message)


def proto_to_base64_json(message: Message) -> str:
    """Encode ``message`` as base64 text of its protobuf JSON."""
    return base64.b64encode(json_format.MessageToJson(message, indent=None).encode()).decode("ascii")


def base64_json_to_proto(text: str, message: MessageT) -> MessageT:
    """Decode what `proto_to_base64_json` made into ``message``, which is filled and returned.

    Raises DeploymentError when ``text`` is not base64, or not the JSON of such a message.
    """
    try:
        decoded = base64.b64decode(text, validate=True).decode()
        return json_format.Parse(decoded, message)
    except _UNREADABLE as error:
        kind = message.DESCRIPTOR.full_name
        reason = f"{type(error).__name__}: {error}"[:_SHOWN]
        raise DeploymentError(
            f"This is not the base64 of a {kind} in protobuf JSON: {reason}. "
            "Take the text as the compiler made it, or compile the pipeline again."
        ) from error
