"""A pipeline as SVG, from left to right: steps in columns, data as lines, order alone as dashed lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pytest_orchestrators.suite.workload import Workload

_WIDTH, _HEIGHT, _BESIDE, _BELOW, _MARGIN = 48, 32, 56, 20, 6
#: How far below the boxes that it goes round a line is drawn that passes over a column.
_ROUND = 24

_Place = tuple[int, int]


def drawing(workload: Workload, letters: Mapping[str, str], marked: Collection[str]) -> str:
    """The picture on one line, as a block of HTML; marked steps are those in which something goes wrong."""
    places = _places(workload)
    width = max(x for x, _ in places.values()) + _WIDTH + _MARGIN
    height = max(y for _, y in places.values()) + _HEIGHT + (_ROUND if _passes(workload, places) else _MARGIN)
    told = ", ".join(f"{letters[up]} before {letters[down]}" for up, down, _ in workload.edges())
    parts = [
        *_lines(workload, places),
        *(_box(places[name], letters[name], name in marked) for name in workload.names),
    ]
    return (
        f'<div class="pipeline"><svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}"><title>{told or "a single step"}</title>'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>' + "".join(parts) + "</svg></div>"
    )


def _places(workload: Workload) -> dict[str, _Place]:
    """The upper left corner of every step's box: one column right of the last step before it."""
    depth: dict[str, int] = {}
    for name in workload.order():
        depth[name] = 1 + max((depth[up] for up in workload[name].upstream), default=-1)
    columns = [[name for name in depth if depth[name] == each] for each in range(max(depth.values()) + 1)]
    tallest = max(map(len, columns))
    places = {}
    for number, column in enumerate(columns):
        top = _MARGIN + (tallest - len(column)) * (_HEIGHT + _BELOW) // 2
        for row, name in enumerate(column):
            places[name] = (_MARGIN + number * (_WIDTH + _BESIDE), top + row * (_HEIGHT + _BELOW))
    return places


def _passes(workload: Workload, places: Mapping[str, _Place]) -> bool:
    """Whether any line passes over a column."""
    return any(_between(places, up, down) for up, down, _ in workload.edges())


def _between(places: Mapping[str, _Place], up: str, down: str) -> list[_Place]:
    """The boxes in the columns between two steps."""
    return [place for place in places.values() if places[up][0] < place[0] < places[down][0]]


def _lines(workload: Workload, places: Mapping[str, _Place]) -> Iterator[str]:
    for up, down, data in workload.edges():
        x1, y1 = places[up][0] + _WIDTH, places[up][1] + _HEIGHT // 2
        x2, y2 = places[down][0], places[down][1] + _HEIGHT // 2
        round_by = [y + _HEIGHT + _ROUND for _, y in _between(places, up, down)]
        bend1, bend2 = max([y1, *round_by]), max([y2, *round_by])
        reach = _BESIDE // 2
        path = f"M{x1} {y1}C{x1 + reach} {bend1} {x2 - reach} {bend2} {x2} {y2}"
        yield f'<path class="{"data" if data else "order"}" d="{path}" marker-end="url(#tip)"/>'


def _box(place: _Place, letter: str, marked: bool) -> str:
    x, y = place
    kind = ' class="marked"' if marked else ""
    return (
        f'<rect{kind} x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
        f'<text x="{x + _WIDTH // 2}" y="{y + _HEIGHT // 2 + 5}">{letter}</text>'
    )
