"""Files and folders that are nobody's artifacts: a place for them, and what is left there and elsewhere."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_orchestrators.suite.evidence import Kind
from pytest_orchestrators.suite.observers.kept import kept_folder
from pytest_orchestrators.suite.observers.origins import Origins, Told

_VARIABLES = ("TMPDIR", "TEMP", "TMP")
#: The longest path of a folder below which a Unix socket finds room for its name (108 bytes in all).
_LONGEST = 64
#: What the name of a file ends with that sqlite has beside a database while it is in use, or nothing.
_BESIDE = ("", "-journal", "-wal", "-shm")
#: Where files are made that are not for keeping, whatever the environment says.
_EVERYBODYS = ("/tmp/", "/var/tmp/", "/dev/shm/")


class Places:
    """Where a run may leave nothing.

    Args:
        temporary: a folder for temporary files of its own.
        stores: the folder of its stores.
        kept: the names in there of what holds artifacts and record.
    """

    def __init__(self, temporary: Path, stores: Path, kept: Collection[str]) -> None:
        self._temporary = temporary
        self._stores = stores
        self._kept = {f"{name}{beside}" for name in kept for beside in _BESIDE}
        self._folder = str(Path.cwd())
        #: How the paths begin of what is for keeping.
        self.for_keeping = tuple(f"{stores}/{name}" for name in kept)
        self._seen_otherwise = (f"{temporary}/", f"{stores}/")

    def look(self, origins: Origins) -> frozenset[str]:
        """What is there now and not for keeping.

        That is all of the folder for temporary files, of the stores what is neither artifact nor record, and
        of the current folder and those for everybody's temporary files what was seen to be made.
        """
        found = {str(self._temporary / name) for name in _names(self._temporary)} - {kept_folder()}
        found |= {str(self._stores / name) for name in _names(self._stores) if name not in self._kept}
        made = [path for path in origins.created if self._counts(path) and os.path.lexists(path)]
        return frozenset(found | {p for p in made if not any(Path(m) in Path(p).parents for m in made)})

    def kind_of(self, path: str) -> Kind:
        """What has come to lie in the stores may be the flavor's own; anything else is a leak."""
        return "kept" if path.rpartition("/")[0] == str(self._stores) else "file"

    def _counts(self, path: str) -> bool:
        if path.startswith(self._seen_otherwise) or "/__pycache__/" in f"{path}/":
            return False
        return path.rpartition("/")[0] == self._folder or path.startswith(_EVERYBODYS)


def _names(folder: Path) -> list[str]:
    with suppress(FileNotFoundError):
        return os.listdir(folder)  # noqa: PTH208
    return []


def file_left(path: str, origins: Origins) -> Told:
    """A file or folder that is still there, and where it was made, if that was seen."""
    what = "folder" if Path(path).is_dir() else "file"
    return f"{what} {path}", origins.created.get(path) or origins.of_path(path)


@contextmanager
def own_temporary_folder(beside: Path) -> Iterator[Path]:
    """Have this process, and those that it starts, make their temporary files in an empty folder.

    It is made beside the given one, unless its path would be too long, and removed when the block ends.
    """
    near = beside.parent if len(str(beside.parent)) <= _LONGEST else None
    folder = Path(tempfile.mkdtemp(prefix="t-", dir=near))
    before, default = {name: os.environ.get(name) for name in _VARIABLES}, tempfile.tempdir
    os.environ.update(dict.fromkeys(_VARIABLES, str(folder)))
    tempfile.tempdir = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = default
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder, unless `multiprocessing` has made in it the one that it keeps."""
    if not kept_folder().startswith(str(folder)):
        shutil.rmtree(folder, ignore_errors=True)
        return
    for name in _names(folder):
        path = folder / name
        if path.is_dir() and str(path) != kept_folder():
            shutil.rmtree(path, ignore_errors=True)
