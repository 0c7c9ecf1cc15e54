"""The file system of a parent image as a tar stream."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from pytest_orchestrators.contract.containers.parent_image.interpreter import PACKAGES, PREFIX, PYTHON

CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

_FOLDERS = ("usr", "usr/bin", "usr/lib", "usr/lib64", "etc", "dev", "proc", "sys", "run", "var", "home")
_TEXTS = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


def write_archive(out: IO[bytes], files: Mapping[PurePosixPath, Path], ca_bundle: Path | None) -> None:
    """Write a root file system that holds ``files`` (place in the image: file here)."""
    with tarfile.open(fileobj=out, mode="w|", bufsize=1 << 20) as archive:
        _add_skeleton(archive)
        if ca_bundle:
            _add_text(archive, CA_BUNDLE.lstrip("/"), ca_bundle.read_bytes())
            _add_link(archive, "usr/lib/ssl/cert.pem", CA_BUNDLE)
        for place, source in files.items():
            _add_file(archive, str(place), source)


def _add_skeleton(archive: tarfile.TarFile) -> None:
    for folder in _FOLDERS:
        _add_folder(archive, folder, 0o755)
    _add_folder(archive, "root", 0o700)
    for folder in ("tmp", "var/tmp"):
        _add_folder(archive, folder, 0o1777)
    links = {name: f"usr/{name.replace('sbin', 'bin')}" for name in ("bin", "sbin", "lib", "lib64")}
    links |= {f"{PREFIX}/bin/{name}": PYTHON for name in ("python", "python3")}
    links[str(PACKAGES.with_name("dist-packages"))] = PACKAGES.name  # where Debian's interpreter looks
    links["usr/bin/sh"] = "dash"
    for name, target in links.items():
        _add_link(archive, name, target)
    for name, text in _TEXTS.items():
        _add_text(archive, name, text.encode())


def _add_folder(archive: tarfile.TarFile, name: str, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    archive.addfile(entry)


def _add_link(archive: tarfile.TarFile, name: str, target: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    archive.addfile(entry)


def _add_text(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.size = 0o644, len(data)
    archive.addfile(entry, io.BytesIO(data))


def _add_file(archive: tarfile.TarFile, name: str, source: Path) -> None:
    with source.open("rb") as file:
        # Compiled files hold the time of their source: it has to stay what it is here.
        entry = archive.gettarinfo(arcname=name, fileobj=file)
        entry.mode = 0o755 if entry.mode & 0o100 else 0o644
        entry.mtime = int(entry.mtime)
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.type, entry.linkname = tarfile.REGTYPE, ""
        entry.size = source.stat().st_size
        archive.addfile(entry, file)
