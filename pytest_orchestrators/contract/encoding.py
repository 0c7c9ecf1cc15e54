"""How a protobuf message travels inside JSON: base64 over its canonical JSON form."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from pytest_orchestrators.contract.errors import DeploymentError

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
    except (binascii.Error, UnicodeError, json_format.ParseError) as error:
        kind = message.DESCRIPTOR.full_name
        raise DeploymentError(f"This is not the base64 of a {kind} in protobuf JSON: {error}") from error
