"""Whose files are whose."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def foreign_files(folder: Path) -> Iterator[str]:
    """Files and folders below a folder, relative to it, that belong to another user than this process's; for
    root, who can remove them anyway, none.
    """
    if not hasattr(os, "getuid") or os.getuid() == 0:
        return
    for path in sorted(folder.rglob("*")):
        if path.lstat().st_uid != os.getuid():
            yield str(path.relative_to(folder))
