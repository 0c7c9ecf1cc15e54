"""Which installed distributions go into an image, and which of their files."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_orchestrators.contract.errors import ParentImageError

_NOT_COPIED = {"__pycache__", ".git"}


def closure(requirements: Iterable[str]) -> dict[str, Distribution]:
    """Return the distributions that ``requirements`` (``name`` or ``name[extra]``) stand for, by their names.

    What they require in turn is among them, as far as it applies to this interpreter. Raises
    ParentImageError for a name that is not installed here, or is none.
    """
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [_requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in found:
            found[name] = _installed(requirement.name)
        for extra in {"", *requirement.extras} - {e for n, e in seen if n == name}:
            seen.add((name, extra))
            required = map(Requirement, found[name].requires or ())
            waiting += [r for r in required if r.marker is None or r.marker.evaluate({"extra": extra})]
    return found


def _requirement(text: str) -> Requirement:
    try:
        return Requirement(text)
    except ValueError as error:
        raise ParentImageError(f"{text!r} is not the name of a distribution: {error}") from error


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise ParentImageError(
            f"The distribution {name!r} is not installed here, so it cannot be put into an image: install it."
        ) from None


def is_editable(package: Distribution) -> bool:
    """Whether a distribution is imported from its source tree."""
    origin = json.loads(package.read_text("direct_url.json") or "{}")
    return bool(origin.get("dir_info", {}).get("editable"))


def files_of(package: Distribution) -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield a distribution's files: where they belong, from the folder of packages on, and where they are.

    An editable one is laid out as if it had been installed. Compiled files are left out.
    """
    for file in package.files or ():
        path = Path(str(package.locate_file(file)))
        if ".." not in file.parts and path.suffix != ".pyc" and path.is_file():
            if not _redirects(path):
                yield PurePosixPath(file), path
            elif is_editable(package):
                yield from _files_behind(path)


def _redirects(path: Path) -> bool:
    return path.suffix == ".pth" or path.name.startswith("__editable__")


def _files_behind(redirection: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    """The packages and modules that a ``.pth`` file, or a finder of setuptools, leads to."""
    if redirection.suffix == ".py":
        mapping = runpy.run_path(str(redirection)).get("MAPPING", {})
        for name, place in mapping.items():
            yield from _tree(Path(place), PurePosixPath(*name.split(".")))
        return
    for line in redirection.read_text().splitlines():
        if line.strip() and not re.match(r"import[ \t]|#", line) and Path(line).is_dir():
            for entry in sorted(Path(line).iterdir()):
                if entry.suffix == ".py" or (entry / "__init__.py").is_file():
                    yield from _tree(entry, PurePosixPath(entry.name))


def _tree(source: Path, target: PurePosixPath) -> Iterator[tuple[PurePosixPath, Path]]:
    if source.is_file():
        yield target, source
        return
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if path.is_file() and path.suffix != ".pyc" and not _NOT_COPIED.intersection(relative.parts):
            yield target / relative.as_posix(), path
