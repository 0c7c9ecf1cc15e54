"""What `--orchestrator-config` gives: single values and JSON files, later ones over earlier ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pytest_orchestrators.selection.errors import SelectionError

OPTION = "--orchestrator-config"
#: Of JSON that Python cannot read for that reason.
_TOO_DEEP = "is nested too deeply: no configuration needs so many brackets in each other"
_KEY_AND_VALUE = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)


def parse_configuration(given: Iterable[str], folder: Path) -> dict[str, Any]:
    """Put together a configuration.

    Args:
        given: each `KEY=VALUE`, the value as JSON or else as text, or the name of a JSON file.
        folder: what names of files are relative to.

    Raises:
        SelectionError: neither of the two, a file that does not hold a JSON object, or JSON that is too deep.
    """
    configuration: dict[str, Any] = {}
    for text in given:
        found = _KEY_AND_VALUE.fullmatch(text)
        if found:
            configuration[found[1]] = _value(found[1], found[2])
        else:
            configuration.update(_from_file(folder / text, text))
    return configuration


def _value(key: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
    except RecursionError:
        raise SelectionError(f"{OPTION} {key!r}: its value {_TOO_DEEP}") from None


def _from_file(file: Path, text: str) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or error
        raise SelectionError(
            f"{OPTION} {text!r} is neither KEY=VALUE nor a JSON file that can be read: {reason}"
        ) from error
    except ValueError as error:
        raise SelectionError(f"{OPTION} {text!r}: {file} does not hold JSON: {error}") from error
    except RecursionError:
        raise SelectionError(f"{OPTION} {text!r}: what {file} holds {_TOO_DEEP}") from None
    if not isinstance(content, dict):
        raise SelectionError(f"{OPTION} {text!r}: {file} holds {type(content).__name__}, not a JSON object")
    return content
