"""Errors of a person's own code, in a few lines: where in their files, and what."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

#: Top-level module or distribution to the extra of ours that brings it.
EXTRAS = {
    **dict.fromkeys(("tfx", "ml_metadata", "google", "ml-pipelines-sdk", "ml-metadata", "protobuf"), "tfx"),
    "docker": "docker",
    "zenml": "zenml",
}
#: Frames and lines of message that are shown at most.
FRAMES = 5
LINES = 12

_PACKAGE = Path(__file__).resolve().parents[1]


def blame(error: BaseException) -> str:
    """File, line and text of the frames that are not ours or the import system's, then class and message."""
    lines = [f"  {frame}" for frame in _frames(error)]
    if isinstance(error, SyntaxError) and error.filename:
        lines.append(f"  {_near(error.filename)}:{error.lineno}\n    {(error.text or '').strip()}")
    message = traceback.format_exception_only(type(error), error)[-1].strip().splitlines()
    shown = message[:LINES] + ["..."] * (len(message) > LINES)
    return "\n".join([*lines, *(f"  {line}" for line in shown)])


def missing_extra(error: BaseException) -> str | None:
    """What to install when the error, or what led to it, is that a backend is not installed."""
    current: BaseException | None = error
    while current is not None:
        name = current.name if isinstance(current, ModuleNotFoundError) else None
        extra = EXTRAS.get((name or "").split(".")[0])
        if extra and name:
            return f"{name} is not installed; to install it: pip install 'pytest-orchestrators[{extra}]'"
        current = current.__cause__ or current.__context__
    return None


def _frames(error: BaseException) -> Iterator[str]:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not _foreign(f.filename)]
    own = [f for f in frames if "site-packages" not in f.filename]
    chosen = own[-FRAMES:] if not frames or frames[-1] in own[-FRAMES:] else [*own[1 - FRAMES :], frames[-1]]
    for frame in chosen:
        yield f"{_near(frame.filename)}:{frame.lineno} in {frame.name}\n    {frame.line}"


def _foreign(filename: str) -> bool:
    return (
        filename.startswith("<frozen") or "importlib" in filename or Path(filename).is_relative_to(_PACKAGE)
    )


def _near(filename: str) -> str:
    """The name relative to the current folder where it is in it."""
    try:
        return str(Path(filename).relative_to(Path.cwd()))
    except ValueError:
        return filename
