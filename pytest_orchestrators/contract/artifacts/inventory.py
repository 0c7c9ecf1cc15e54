"""Which files an artifact consists of: written down when it is stored, looked at before it is used again."""

from __future__ import annotations

import json
from pathlib import Path


def inventory_of(folder: Path) -> str:
    """List the files under ``folder`` with their sizes in bytes, as JSON to be kept on the record."""
    sizes = {
        file.relative_to(folder).as_posix(): file.stat().st_size
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    return json.dumps(sizes)


def first_file_gone(folder: Path, inventory: str) -> Path | None:
    """Return the first file of ``inventory`` that is missing, or of another size; None if all are there."""
    sizes: dict[str, int] = json.loads(inventory)
    for name, size in sizes.items():
        file = folder / name
        try:
            if file.stat().st_size != size:
                return file
        except OSError:
            return file
    return None
