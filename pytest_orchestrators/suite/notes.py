"""What a process has noted in a file, as it is found when the process is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from pytest_orchestrators.suite.data import Data

D = TypeVar("D", bound=Data)


def text_in(file: Path) -> str:
    """The text of a file; empty if there is none."""
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


def noted_in(file: Path, kind: type[D]) -> list[D]:
    """The data of one kind in a file, a line each; the last note may have been cut off."""
    found: list[D] = []
    for line in text_in(file).split("\n"):  # texts hold other line separators
        try:
            found.append(kind.model_validate_json(line))
        except ValidationError:
            break
    return found
