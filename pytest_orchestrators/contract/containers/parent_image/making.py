"""Making a parent image, and knowing when one is up to date."""

from __future__ import annotations

import hashlib
import logging
import platform
import re
import ssl
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeGuard

import docker

from pytest_orchestrators.contract.containers.engine import engine_errors, find_image
from pytest_orchestrators.contract.containers.labels import ENVIRONMENT_LABEL, PARENT_LABEL, SOURCES_LABEL
from pytest_orchestrators.contract.containers.parent_image import interpreter
from pytest_orchestrators.contract.containers.parent_image.archive import CA_BUNDLE, write_archive
from pytest_orchestrators.contract.containers.parent_image.bytecode import compiled
from pytest_orchestrators.contract.containers.parent_image.distributions import closure, files_of, is_editable
from pytest_orchestrators.contract.containers.turns import one_at_a_time

if TYPE_CHECKING:
    from docker.models.images import Image

logger = logging.getLogger(__name__)

# One for each environment of this host, so that none replaces the image of another.
DEFAULT_TAG = (
    f"pytest-orchestrators-parent:{interpreter.PYTHON}-{hashlib.sha256(sys.prefix.encode()).hexdigest()[:8]}"
)
DEFAULT_DISTRIBUTIONS = ("pytest-orchestrators[tfx]",)

# What `pip install` in a build on top of the image needs, where this environment has it.
_FOR_BUILDS = ("pip", "setuptools", "wheel")
# Raised when the same input makes another image.
_FORMAT = "1"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class ParentImageContents:
    """What goes into a parent image: the running interpreter and ``distributions``.

    ``ca_bundle`` is a file of certificates that processes in the image are to trust.
    """

    distributions: Mapping[str, Distribution]
    ca_bundle: Path | None

    @classmethod
    def of(cls, requirements: Iterable[str], ca_bundle: Path | None = None) -> ParentImageContents:
        """Take the distributions named by ``requirements`` and the bundle, by default this host's own.

        Raises ParentImageError for what is not installed here.
        """
        distributions = closure(requirements)
        distributions |= {name: found for name in _FOR_BUILDS if (found := _if_installed(name))}
        own = ssl.get_default_verify_paths().cafile
        return cls(distributions, ca_bundle or (Path(own) if own else None))

    @cached_property
    def environment_key(self) -> str:
        """Stands for interpreter, versions of the distributions, and certificates."""
        versions = sorted(f"{name}=={found.version}" for name, found in self.distributions.items())
        certificates = self.ca_bundle.read_bytes() if self.ca_bundle else b""
        parts = [
            _FORMAT,
            sys.version,
            platform.machine(),
            *versions,
            hashlib.sha256(certificates).hexdigest(),
        ]
        return _digest(parts)

    @cached_property
    def sources_key(self) -> str:
        """Stands for the files of distributions that are installed as editable, by their sizes and times."""
        editable = [found for found in self.distributions.values() if is_editable(found)]
        files = sorted((str(place), path.stat()) for found in editable for place, path in files_of(found))
        return _digest(f"{place} {status.st_size} {status.st_mtime_ns}" for place, status in files)

    def modules(self) -> dict[PurePosixPath, Path]:
        """The files of standard library and distributions: place in the image, file here."""
        files = dict(interpreter.standard_library())
        for found in self.distributions.values():
            files |= {interpreter.PACKAGES / place: path for place, path in files_of(found)}
        return files

    def files(self, modules: Mapping[PurePosixPath, Path]) -> dict[PurePosixPath, Path]:
        """All files but the compiled modules."""
        binaries = dict(interpreter.tools())
        binaries[interpreter.PREFIX / "bin" / interpreter.PYTHON] = interpreter.executable()
        linked = [*binaries.values(), *(path for path in modules.values() if ".so" in path.name)]
        return {**modules, **binaries, **dict(interpreter.shared_libraries(linked))}

    def changes(self) -> list[str]:
        """The image's configuration, as instructions of a Dockerfile."""
        variables = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        if self.ca_bundle:
            variables |= dict.fromkeys(("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), CA_BUNDLE)
        return [
            *(f"ENV {name}={value}" for name, value in variables.items()),
            'CMD ["python3"]',
            f"LABEL {ENVIRONMENT_LABEL}={self.environment_key} {SOURCES_LABEL}={self.sources_key}",
        ]


def ensure_parent_image(
    client: docker.DockerClient, contents: ParentImageContents, tag: str = DEFAULT_TAG, sources: bool = True
) -> Image:
    """Return the image ``tag`` with these contents; it is made unless it is there and up to date.

    Without ``sources``, changed files of editable distributions do not make an image outdated.
    Raises ContainerEngineError if the engine cannot be reached or refuses.
    """
    with engine_errors(f"make the parent image {tag}"):
        wanted = {ENVIRONMENT_LABEL: contents.environment_key}
        if sources:
            wanted[SOURCES_LABEL] = contents.sources_key
        present = find_image(client, tag)
        if _is_up_to_date(present, wanted):
            return present
        with one_at_a_time():
            present = find_image(client, tag)
            if _is_up_to_date(present, wanted):
                return present
            made = _make(client, contents, tag)
            if present is not None and present.id != made.id:
                _remove_if_unused(client, present)
            return made


def _is_up_to_date(image: Image | None, labels: Mapping[str, str]) -> TypeGuard[Image]:
    return image is not None and labels.items() <= image.labels.items()


def _make(client: docker.DockerClient, contents: ParentImageContents, tag: str) -> Image:
    started = time.monotonic()
    logger.info("Making the parent image %s from %s.", tag, sys.executable)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as archive:
        modules = contents.modules()
        files = {**contents.files(modules), **compiled(modules, Path(folder))}
        write_archive(archive, files, contents.ca_bundle)
        archive.seek(0)
        repository, _, version = tag.rpartition(":")
        answer = client.api.import_image_from_stream(
            iter(lambda: archive.read(_CHUNK), b""),
            repository=repository,
            tag=version,
            changes=contents.changes(),
        )
    # Podman tags imported images under another name.
    for image_id in re.findall(r"[0-9a-f]{64}", answer)[-1:]:
        client.images.get(image_id).tag(repository, version)
    image = client.images.get(tag)
    size, seconds = image.attrs["Size"] / 1e6, time.monotonic() - started
    logger.info("The parent image %s (%d MB) was made in %.1f s.", tag, size, seconds)
    return image


def _remove_if_unused(client: docker.DockerClient, image: Image) -> None:
    """Remove a parent image that has been replaced, and what was built upon it, unless it is in use."""
    built_upon_it = client.images.list(filters={"label": f"{PARENT_LABEL}={image.id}"})
    for outdated in [*(tag for child in built_upon_it for tag in child.tags), str(image.id)]:
        try:
            client.images.remove(outdated)
        except docker.errors.APIError as refusal:
            logger.debug("The outdated image %s stays: %s", outdated, refusal)


def _if_installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
