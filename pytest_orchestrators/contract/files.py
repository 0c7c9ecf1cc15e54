"""Files that are either whole or not there, and errors that say which file it is about."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pytest_orchestrators.contract.errors import ContractError


def absolute_path(path: Path) -> Path:
    """Return a path from the root on, ``~`` as the user's folder; ValueError if it cannot be any file's."""
    if "\0" in str(path):
        raise ValueError("a path holds no NUL character")
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:  # ``~name`` of a user who is not known here
        raise ValueError(f"{str(path)!r} does not lead anywhere: {error}") from error


def write_text_atomically(path: str | os.PathLike[str], text: str) -> Path:
    """Write ``text`` to ``path`` so that readers see the old file or the new one, never half of it.

    Missing folders are made. Only the owner can read the file, at any time, which makes it fit for secrets.
    Returns the path.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target


def read_file(path: str | os.PathLike[str], what: str, refusal: type[ContractError]) -> bytes:
    """Read a file; raises ``refusal``, which says ``what`` could not be read, if that is not possible."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise refusal(f"The {what} file '{path}' cannot be read: {error}") from error
