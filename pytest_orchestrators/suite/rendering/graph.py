"""Drawing a graph of steps in layers: each step one layer below the last of those before it, ordered so
that few lines cross. Geometry only; a template makes the picture of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pytest_orchestrators.suite.account import Edge

#: Size of a box, and the room between boxes of one layer and between layers, in pixels.
WIDTH, HEIGHT, BESIDE, BETWEEN = 116, 26, 10, 34
#: How often layers are put in order, there and back.
_SWEEPS = 4

#: A step, or a place where a line passes a layer: its edge's ends, and the layer.
_Node = str | tuple[str, str, int]


@dataclass(frozen=True)
class Box:
    """Where a step is drawn: its upper left corner."""

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """How an edge is drawn: a path, as SVG has it."""

    path: str
    data: bool
    told: str


@dataclass(frozen=True)
class Drawing:
    """A drawn graph."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def drawing(names: Sequence[str], edges: Sequence[Edge]) -> Drawing:
    """Draw steps, given in an order in which they may run, and what comes before what.

    Layers go downwards, or to the right where that takes less width: pages scroll up and down.
    """
    layer = layers(names, edges)
    ordered = _ordered(layer, edges)
    broadest = max((len(nodes) for nodes in ordered), default=0)
    down = broadest * (WIDTH + BESIDE) <= len(ordered) * (WIDTH + BETWEEN)
    step, size = (WIDTH + BESIDE, HEIGHT + BETWEEN) if down else (HEIGHT + BESIDE, WIDTH + BETWEEN)
    places: dict[_Node, tuple[float, float]] = {}
    for depth, nodes in enumerate(ordered):
        indent = (broadest - len(nodes)) / 2
        for position, node in enumerate(nodes):
            across, along = (indent + position) * step, depth * size
            places[node] = (across, along) if down else (along, across)
    across, along = broadest * step - BESIDE, len(ordered) * size - BETWEEN
    return Drawing(
        width=max(across if down else along, 0),
        height=max(along if down else across, 0),
        boxes=tuple(Box(name, *places[name]) for name in names),
        lines=tuple(_line(edge, layer, places, down) for edge in edges),
    )


def layers(names: Sequence[str], edges: Iterable[Edge]) -> dict[str, int]:
    """Step to its layer: the length of the longest way to it."""
    before: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        before[edge.downstream].append(edge.upstream)
    found: dict[str, int] = {}
    for name in names:
        found[name] = max((found[upstream] + 1 for upstream in before[name]), default=0)
    return found


def _ordered(layer: dict[str, int], edges: Sequence[Edge]) -> list[list[_Node]]:
    """The nodes of each layer, in an order in which each is near those that it is connected with."""
    found: list[list[_Node]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for name, depth in layer.items():
        found[depth].append(name)
    before: dict[_Node, list[_Node]] = defaultdict(list)
    after: dict[_Node, list[_Node]] = defaultdict(list)
    for edge in edges:
        way = _way(edge, layer)
        for passed in way[1:-1]:
            if isinstance(passed, tuple):
                found[passed[2]].append(passed)
        for one, other in pairwise(way):
            before[other].append(one)
            after[one].append(other)
    for _ in range(_SWEEPS):
        for depth in range(1, len(found)):
            found[depth] = _by_barycentre(found[depth], found[depth - 1], before)
        for depth in reversed(range(len(found) - 1)):
            found[depth] = _by_barycentre(found[depth], found[depth + 1], after)
    return found


def _way(edge: Edge, layer: dict[str, int]) -> list[_Node]:
    """The nodes that an edge goes through: its ends, and where it passes the layers between."""
    passed = range(layer[edge.upstream] + 1, layer[edge.downstream])
    between: list[_Node] = [(edge.upstream, edge.downstream, depth) for depth in passed]
    return [edge.upstream, *between, edge.downstream]


def _by_barycentre(
    nodes: list[_Node], neighbours: list[_Node], connected: dict[_Node, list[_Node]]
) -> list[_Node]:
    """Nodes in the order of the middle of those that they are connected with; alone, where they are."""
    at = {node: (i + 0.5) / len(neighbours) for i, node in enumerate(neighbours)}
    own = {node: (i + 0.5) / len(nodes) for i, node in enumerate(nodes)}

    def middle(node: _Node) -> float:
        known = [at[other] for other in connected[node] if other in at]
        return sum(known) / len(known) if known else own[node]

    return sorted(nodes, key=middle)


def _line(edge: Edge, layer: dict[str, int], places: dict[_Node, tuple[float, float]], down: bool) -> Line:
    """A smooth way from the end of one box, past the boxes between, to the begin of the other."""
    x, y = places[edge.upstream]
    parts = [f"M{_point(x + WIDTH / 2, y + HEIGHT) if down else _point(x + WIDTH, y + HEIGHT / 2)}"]
    here = (x + WIDTH / 2, y + HEIGHT) if down else (x + WIDTH, y + HEIGHT / 2)
    for node in _way(edge, layer)[1:]:
        x, y = places[node]
        into = (x + WIDTH / 2, y) if down else (x, y + HEIGHT / 2)
        parts.append(_curve(here, into, down))
        here = into
        if isinstance(node, tuple):
            here = (into[0], into[1] + HEIGHT) if down else (into[0] + WIDTH, into[1])
            parts.append(f"L{_point(*here)}")
    kind = "data flows from" if edge.data else "order only, from"
    return Line("".join(parts), edge.data, f"{kind} {edge.upstream} to {edge.downstream}")


def _curve(begin: tuple[float, float], end: tuple[float, float], down: bool) -> str:
    if down:
        middle = (begin[1] + end[1]) / 2
        return f"C{_point(begin[0], middle)} {_point(end[0], middle)} {_point(*end)}"
    middle = (begin[0] + end[0]) / 2
    return f"C{_point(middle, begin[1])} {_point(middle, end[1])} {_point(*end)}"


def _point(x: float, y: float) -> str:
    return f"{x:g},{y:g}"
