"""What the engine's classic builder is sent: a Dockerfile and the files that it copies."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import IO

from docker.utils import exclude_paths

from pytest_orchestrators.contract.containers.labels import PARENT_LABEL
from pytest_orchestrators.contract.containers.settings import DockerSettings

APP_FOLDER = "/app"

_DOCKERFILE, _REQUIREMENTS, _CONTENT = "Dockerfile", "requirements.txt", "content"


class BuildContext:
    """The input of one build. Equal input has an equal digest, on whatever day and machine."""

    def __init__(self, settings: DockerSettings, parent_id: str, parent_user: str = "") -> None:
        """``parent_id`` and ``parent_user`` are the engine's id of the parent image, and its user."""
        self._settings = settings
        self._parent_id = parent_id
        self._user = settings.user or parent_user or "root"

    @cached_property
    def dockerfile(self) -> str:
        """The Dockerfile. What changes most often comes last, so that the builder's cache is of use."""
        lines = [
            f"FROM {self._parent_id}",
            f"LABEL {PARENT_LABEL}={self._parent_id}",
            "USER root",
            *self._installation(),
            *self._environment(),
            *self._code(),
            f"USER {self._user}",
        ]
        return "\n".join(lines) + "\n"

    def _installation(self) -> Iterator[str]:
        if self._settings.apt_packages:
            packages = " ".join(self._settings.apt_packages)
            yield (
                "RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "
                f"--no-install-recommends {packages} && rm -rf /var/lib/apt/lists/*"
            )
        if self._settings.requirements:
            yield f"COPY {_REQUIREMENTS} /tmp/{_REQUIREMENTS}"
            yield (
                "RUN (python -m pip --version || python -m ensurepip) > /dev/null && "
                f"python -m pip install -q --no-cache-dir -r /tmp/{_REQUIREMENTS}"
            )

    def _environment(self) -> Iterator[str]:
        for name, value in sorted(self._settings.environment.items()):
            yield f"ENV {name}={_quoted(value)}"

    def _code(self) -> Iterator[str]:
        if self._settings.build_context:
            yield f"ENV PYTHONPATH={APP_FOLDER}"
            yield f"WORKDIR {APP_FOLDER}"
            yield f"COPY {_CONTENT} {APP_FOLDER}"
            # Steps run as users who cannot write there. What does not compile may never be imported.
            yield f"RUN python -m compileall -q {APP_FOLDER} || true"

    @cached_property
    def digest(self) -> str:
        """Stands for everything that goes into the image (hexadecimal, 16 digits)."""
        digest = hashlib.sha256()
        for name, data, executable in self._entries():
            content = hashlib.sha256(data).hexdigest()
            digest.update(f"{name}\0{content}\0{executable}\n".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()[:16]

    def write(self, out: IO[bytes]) -> None:
        """Write the context as a tar archive."""
        with tarfile.open(fileobj=out, mode="w") as archive:
            folder = tarfile.TarInfo(_CONTENT)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(folder)
            for name, data, executable in self._entries():
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(data), 0o755 if executable else 0o644
                archive.addfile(entry, io.BytesIO(data))

    def _entries(self) -> Iterator[tuple[str, bytes, bool]]:
        """Name, content and executability of every file, in order."""
        yield _DOCKERFILE, self.dockerfile.encode(), False
        if self._settings.requirements:
            yield _REQUIREMENTS, "\n".join(self._settings.requirements).encode(), False
        folder = self._settings.build_context
        for name in sorted(exclude_paths(str(folder), self._settings.ignored)) if folder else ():
            path = Path(str(folder), name)
            if path.is_file():
                yield f"{_CONTENT}/{name}", path.read_bytes(), bool(path.stat().st_mode & 0o100)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'"{escaped}"'
