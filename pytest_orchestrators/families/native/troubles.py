"""What can be wrong with a sqlite record: made, and taken away again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from pytest_orchestrators.families.native.privileges import without_privileges
from pytest_orchestrators.suite.history import Trouble

#: Longer than a database's own header.
_SPOILT = b"this is no database any more. " * 8
#: Another process: a second copy of sqlite in this one would drop the locks of the first.
_HOLDER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


def in_trouble(kind: Trouble, file: Path) -> AbstractContextManager[str]:
    """Let something be wrong with a database file until the block ends.

    Yields why it could not be made so; empty if it could. What somebody else has put in the place of the
    file meanwhile is left there.
    """
    return _MAKERS[kind](file)


@contextmanager
def _locked(file: Path) -> Iterator[str]:
    command = [sys.executable, "-I", "-S", "-c", _HOLDER, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        try:
            yield "" if holder.stdout.readline() else "no other process could lock the database"
        finally:
            holder.stdin.close()


@contextmanager
def _corrupt(file: Path) -> Iterator[str]:
    whole = file.read_bytes()
    spoilt = _SPOILT + whole[len(_SPOILT) :]
    with _replaced_content(file, whole, spoilt):
        yield ""


@contextmanager
def _emptied(file: Path) -> Iterator[str]:
    with _replaced_content(file, file.read_bytes(), b""):
        yield ""


@contextmanager
def _replaced_content(file: Path, whole: bytes, spoilt: bytes) -> Iterator[None]:
    # Written in place: the same file, as whatever spoils one leaves it.
    file.write_bytes(spoilt)
    try:
        yield
    finally:
        if file.is_file() and file.read_bytes() == spoilt:
            file.write_bytes(whole)


@contextmanager
def _replaced(file: Path) -> Iterator[str]:
    away = file.with_name(f"{file.name}.away")
    file.rename(away)
    file.mkdir()
    try:
        yield ""
    finally:
        if file.is_dir():
            file.rmdir()
        if not file.exists():
            away.rename(file)


@contextmanager
def _read_only(file: Path) -> Iterator[str]:
    mode = file.stat().st_mode
    file.chmod(0o444)
    try:
        with without_privileges():
            yield "this user may write to files that are read-only" if _writable(file) else ""
    finally:
        if file.is_file():
            file.chmod(mode)


def _writable(file: Path) -> bool:
    try:
        file.open("r+b").close()
    except OSError:
        return False
    return True


_MAKERS: dict[Trouble, Callable[[Path], AbstractContextManager[str]]] = {
    "locked": _locked,
    "corrupt": _corrupt,
    "emptied": _emptied,
    "replaced": _replaced,
    "read_only": _read_only,
}
