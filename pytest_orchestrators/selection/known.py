"""Which flavors there are: those of the table, and those that installed distributions offer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import entry_points

from pytest_orchestrators.selection.errors import SelectionError
from pytest_orchestrators.selection.settings import TABLE, FlavorSettings, Settings, nearest

GROUP = "pytest_orchestrators.flavors"
_SOURCE = re.compile(r"[\w.]+:[\w.]+")


@dataclass(frozen=True)
class KnownFlavor:
    """A flavor that can be asked for.

    Attributes:
        name: by which it is asked for.
        source: where its class is, as `module:Class`.
        origin: who says so, for people.
        settings: what the table says about it, if it is there.
    """

    name: str
    source: str
    origin: str
    settings: FlavorSettings | None = None


def known_flavors(settings: Settings) -> dict[str, KnownFlavor]:
    """All flavors by name; the table's before those of installed distributions."""
    offered = {
        point.name: KnownFlavor(point.name, point.value.replace(" ", ""), _distribution(point))
        for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)
    }
    tabled = {
        name: KnownFlavor(name, flavor.source, f"[{TABLE}.flavors.{name}]", flavor)
        for name, flavor in settings.flavors.items()
    }
    return offered | tabled


def find(asked: str, settings: Settings) -> KnownFlavor:
    """The flavor that is meant by a name or by `module:Class`.

    Raises:
        SelectionError: there is none of that name; the message lists the known ones and the nearest match.
    """
    known = known_flavors(settings)
    if asked in known:
        return known[asked]
    if is_source(asked):
        tabled = next((f for f in known.values() if f.settings and f.source == asked), None)
        return KnownFlavor(asked, asked, "given as module:Class", tabled.settings if tabled else None)
    raise SelectionError(
        f"there is no orchestrator flavor {asked!r}{nearest(asked, sorted(known))}\n"
        f"A flavor is found under [{TABLE}.flavors.NAME] in pyproject.toml, under the entry point group "
        f"{GROUP}, or as module:Class."
    )


def is_source(text: str) -> bool:
    """Whether a text is of the form `module:Class`."""
    return _SOURCE.fullmatch(text) is not None


def _distribution(point: object) -> str:
    distribution = getattr(point, "dist", None)
    return f"distribution {distribution.name}" if distribution is not None else "an installed distribution"
