"""`new NAME`: a small flavor package, whole or not at all."""

from __future__ import annotations

import keyword
import re
import shutil
import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from string import Template

from pytest_orchestrators.command.errors import CommandError

#: File in the package to the template that it is written from.
_FILES = {
    "$module.py": "flavor.py",
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "tests/test_$name.py": "test.py",
    ".github/workflows/conformance.yml": "conformance.yml",
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")


def write_package(name: str, parent: Path) -> str:
    """Write the package of a flavor into a new folder.

    Args:
        name: of the flavor; a Python identifier in small letters.
        parent: the folder in which the package's folder is made; it has to be there.

    Returns:
        What was written, and what to do with it.

    Raises:
        CommandError: the name does not do, the folder is there already, or it cannot be written.
    """
    _check(name)
    target = parent / name
    if target.exists() or target.is_symlink():
        raise CommandError(f"{target} is there already, and is not overwritten")
    if not parent.is_dir():
        raise CommandError(f"there is no folder {parent}")
    try:
        written = _write(target, _words(name))
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror or error}") from error
    steps = f"  cd {target}\n  python -m pytest --orchestrator-flavor={name}"
    return "\n".join([f"wrote {target}:", *(f"  {file}" for file in written), "and now:", steps])


def _check(name: str) -> None:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise CommandError(f"{name!r} is no name for a flavor: small letters, digits and _, a letter first")
    if name in sys.stdlib_module_names or name in ("pytest_orchestrators", "reference_flavors"):
        raise CommandError(f"{name!r} is the name of another package: choose one of your own")


def _words(name: str) -> dict[str, str]:
    """What templates call the parts of the name."""
    return {
        "name": name,
        "camel": "".join(part.capitalize() for part in name.split("_")),
        "module": f"{name}_flavor",
        "distribution": f"{name.strip('_').replace('_', '-')}-orchestrator",
    }


def _write(target: Path, words: dict[str, str]) -> list[str]:
    """Write everything beside the target, then put it there at once."""
    templates = files("pytest_orchestrators.command") / "templates"
    written = [Template(file).substitute(words) for file in _FILES]
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        beside.chmod(0o755)
        for file, template in zip(written, _FILES.values(), strict=True):
            text = (templates / f"{template}.template").read_text(encoding="utf-8")
            (beside / file).parent.mkdir(parents=True, exist_ok=True)
            (beside / file).write_text(Template(text).substitute(words), encoding="utf-8")
        beside.rename(target)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return written
