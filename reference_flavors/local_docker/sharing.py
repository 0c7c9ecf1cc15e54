"""What containers see of this host: the local stores, and the code that this process imports."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from docker.types import Mount

_INSTALLED = {"site-packages", "dist-packages"}
_MASK_BYTES = 4096


def source_folders() -> list[Path]:
    """The folders that this process imports from, beside those of its installation, in order."""
    entries = dict.fromkeys(Path(entry).absolute() for entry in sys.path)
    return [
        entry for entry in entries if entry.is_dir() and len(entry.parts) > 1 and not _is_installed(entry)
    ]


def _is_installed(folder: Path) -> bool:
    prefixes = (sys.prefix, sys.base_prefix)
    return bool(_INSTALLED & set(folder.parts)) or any(folder.is_relative_to(prefix) for prefix in prefixes)


def source_mounts(folders: list[Path]) -> list[Mount]:
    """Mounts of ``folders``, read-only under the same path.

    A virtual environment in one of them is hidden: it was made for this host and not for the image.
    """
    mounts = [_mount(folder, read_only=True) for folder in folders]
    if any(Path(sys.prefix).is_relative_to(folder) for folder in folders):
        mounts.append(Mount(sys.prefix, None, type="tmpfs", tmpfs_size=_MASK_BYTES, read_only=True))
    return mounts


def import_path(folders: list[Path], image_environment: list[str]) -> str:
    """The value of ``PYTHONPATH``: code of this host comes before what the image has."""
    variables = dict(line.partition("=")[::2] for line in image_environment)
    entries = [str(folder) for folder in folders if os.pathsep not in str(folder)]
    return os.pathsep.join([*entries, *filter(None, [variables.get("PYTHONPATH")])])


def stores_mount(stores: Path) -> Mount:
    """A mount of the local stores folder under the same path, writable."""
    return _mount(stores)


def volume_mounts(volumes: Mapping[str, str]) -> list[Mount]:
    """Mounts of folders of this host, or of named volumes, as the configuration describes them."""
    mounts = []
    for source, place in volumes.items():
        target, _, mode = place.partition(":")
        kind: Literal["bind", "volume"] = "bind" if Path(source).is_absolute() else "volume"
        mounts.append(Mount(target, source, type=kind, read_only=mode == "ro"))
    return mounts


def _mount(folder: Path, read_only: bool = False) -> Mount:
    # Unlike a volume, a mount of a folder that is missing is refused by the engine, not made, owned by root.
    return Mount(str(folder), str(folder), type="bind", read_only=read_only)
