"""What there is: flavors and requirements."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_orchestrators.command.errors import CommandError
from pytest_orchestrators.selection.known import known_flavors
from pytest_orchestrators.selection.settings import nearest, read_settings
from pytest_orchestrators.suite.catalogue import CONTRACT_VERSION, catalogue
from pytest_orchestrators.suite.rendering.terminal import explanation, requirement_lines


def flavor_lines(root: Path) -> Iterator[str]:
    """The flavors that can be asked for, one a line: name, source, and who offers it.

    Raises:
        SelectionError: the table in the root directory is not valid.
    """
    settings = read_settings(root)
    known = sorted(known_flavors(settings).values(), key=lambda flavor: flavor.name)
    if not known:
        yield "no flavors are known here"
    name_width = max((len(flavor.name) for flavor in known), default=0)
    source_width = max((len(flavor.source) for flavor in known), default=0)
    for flavor in known:
        default = ", the default" if flavor.name == settings.default else ""
        yield f"{flavor.name:<{name_width}}  {flavor.source:<{source_width}}  {flavor.origin}{default}"


def listing(what: str | None, root: Path) -> str:
    """The flavors, the requirements, or both.

    Raises:
        SelectionError: the table in the root directory is not valid.
    """
    requirements = catalogue().values()
    title = f"Requirements of contract {CONTRACT_VERSION} ({len(requirements)})"
    parts = {
        "flavors": ["Flavors", *(f"  {line}" for line in flavor_lines(root))],
        "requirements": [title, *(f"  {line}" for line in requirement_lines(requirements))],
    }
    return "\n\n".join("\n".join(lines) for name, lines in parts.items() if what in (None, name))


def explain(id: str) -> str:
    """All that is known about a requirement; small letters will do.

    Raises:
        CommandError: there is no requirement of this id.
    """
    requirement = catalogue().get(id.upper())
    if requirement is None:
        raise CommandError(f"there is no requirement {id!r}{nearest(id.upper(), catalogue())}")
    return explanation(requirement)
