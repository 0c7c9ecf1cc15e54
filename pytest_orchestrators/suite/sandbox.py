"""A sandbox: stores deep inside a folder of their own, so that names that lead out of the stores are seen to,
and do no harm.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from pytest_orchestrators.suite.history import History

#: Stands in hostile names for the sandbox's folder, which is not known when a scenario is written.
SANDBOX = "/the-sandbox"
#: Where the stores are below it: deeper than any name of a scenario climbs.
_DEPTH = ("somewhere", "deep", "down", "below", "it", "all", "the", "stores")
#: A file of somebody else's.
_BYSTANDER = "bystander.txt"


class Sandbox:
    """The folder of a hostile history, and what is written in it outside the stores.

    In the stores a flavor may have files of its own under whatever name it likes, so nothing is looked at
    there.
    """

    def __init__(self, root: Path) -> None:
        """Make the folder of the stores under an empty folder."""
        self._root = root
        self.stores = root.joinpath(*_DEPTH)
        self.stores.mkdir(parents=True)
        (self.stores.parent / _BYSTANDER).write_text("nobody's business", encoding="utf-8")
        self._before = self._outside()

    def settled(self, history: History) -> History:
        """The history with absolute names that lead into this sandbox."""
        folder = json.dumps(str(self._root))[1:-1]
        return History.model_validate_json(history.model_dump_json().replace(SANDBOX, folder))

    def escaped(self) -> tuple[str, ...]:
        """What was written or removed outside the stores since the last call, as paths from the sandbox."""
        before, self._before = self._before, self._outside()
        changed = {path for path in {*before, *self._before} if before.get(path) != self._before.get(path)}
        return tuple(sorted(changed))

    def _outside(self) -> dict[str, tuple[int, ...]]:
        """Everything outside the stores: size and time of files, nothing for folders."""
        found: dict[str, tuple[int, ...]] = {}
        for entry in self._walk(self._root):
            status = entry.stat(follow_symlinks=False)
            seen = () if entry.is_dir(follow_symlinks=False) else (status.st_size, status.st_mtime_ns)
            found[os.path.relpath(entry.path, self._root)] = seen
        return found

    def _walk(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        for entry in os.scandir(folder):
            path = Path(entry.path)
            if path == self.stores:
                continue
            yield entry
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(path)
