"""The files of the running interpreter: executable, standard library, shared libraries, a shell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from pytest_orchestrators.contract.errors import ParentImageError

PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
PREFIX = PurePosixPath("usr/local")
PACKAGES = PREFIX / "lib" / PYTHON / "site-packages"

_TOOLS = (
    "basename", "cat", "chmod", "chown", "cp", "cut", "dash", "date", "dirname", "du", "echo", "env",
    "false", "find", "grep", "gzip", "head", "hostname", "id", "kill", "ln", "ls", "mkdir", "mktemp",
    "mv", "pwd", "readlink", "realpath", "rm", "rmdir", "sed", "seq", "sleep", "sort", "stat", "tail",
    "tar", "tee", "test", "timeout", "touch", "tr", "true", "uname", "wc", "xargs",
)  # fmt: skip
# Loaded by name while a process runs, so that no file says that it needs them.
_DLOPENED = ("libgcc_s.so.1", "libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2")
_LEFT_OUT = {
    "__pycache__", "dist-packages", "idlelib", "lib2to3", "site-packages", "test", "tests", "tkinter",
    "turtledemo",
}  # fmt: skip
_NOT_RUNNABLE = re.compile(r"(_tkinter|_test|_ctypes_test|nis\.|xxlimited)|.*\.(a|o|pyc)$")


def executable() -> Path:
    """The interpreter itself, not the link to it in a virtual environment."""
    return Path(sys.executable).resolve()


def standard_library() -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield the modules of the standard library without its tests: place in the image, place here."""
    library = Path(sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix}))
    for folder, subfolders, names in os.walk(library):
        subfolders[:] = sorted(s for s in subfolders if s not in _LEFT_OUT and not s.startswith("config-"))
        for name in sorted(names):
            if not _NOT_RUNNABLE.match(name):
                path = Path(folder, name)
                yield PREFIX / "lib" / PYTHON / path.relative_to(library).as_posix(), path


def tools() -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield a shell and what build commands expect beside it, as far as it is here."""
    for name in _TOOLS:
        found = shutil.which(name, path="/bin:/usr/bin")
        if found:
            yield PurePosixPath("usr/bin", name), Path(found).resolve()


def shared_libraries(binaries: Iterable[Path]) -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield the shared libraries that ``binaries`` are linked to, the loader among them.

    Raises ParentImageError on hosts that are not Linux.
    """
    if not sys.platform.startswith("linux"):
        raise ParentImageError("An image can only be made from an interpreter for Linux; this one is not.")
    ldd = subprocess.run(["ldd", *map(str, binaries)], capture_output=True, text=True, check=False)
    libraries: dict[str, str] = {}
    for line in ldd.stdout.splitlines():
        match = re.match(r"\s+(\S+)(?: => (\S+))? \(0x", line)
        if match and (path := match[2] or match[1]).startswith("/"):
            libraries[match[1]] = path
    libc = Path(libraries["libc.so.6"]).resolve().parent
    libraries |= {name: str(libc / name) for name in _DLOPENED if (libc / name).exists()}
    for name, path in libraries.items():
        yield _place_of_library(name), Path(path)


def _place_of_library(name: str) -> PurePosixPath:
    """Where the loader looks by itself; the loader, which is known by its path, keeps it."""
    if not name.startswith("/"):
        return PurePosixPath("usr/lib", name)
    return PurePosixPath(f"usr{name}" if re.match(r"/lib(64)?/", name) else name.lstrip("/"))
