"""The drawn graph: layers, order, and lines that lead where they should."""

from __future__ import annotations

from itertools import combinations

import pytest

from pytest_orchestrators.suite.account import Edge
from pytest_orchestrators.suite.rendering.graph import HEIGHT, WIDTH, Drawing, drawing, layers

Shape = tuple[str, tuple[str, ...]]
DIAMOND: Shape = ("abcd", ("ab", "ac", "bd", "cd"))
SHAPES: tuple[Shape, ...] = (
    ("", ()),
    ("a", ()),
    ("abc", ("ab", "bc")),
    DIAMOND,
    ("abcdefgh", tuple(f"a{name}" for name in "bcdefgh")),
    ("abcdefgh", tuple(f"{name}h" for name in "abcdefg")),
    ("abcdef", ("ab", "bc", "cd", "de", "ef", "af", "ae", "bd")),
    ("abcdef", ("ad", "be", "cf")),
)


def drawn(shape: Shape) -> Drawing:
    names, pairs = shape
    return drawing(list(names), [Edge(upstream=p[0], downstream=p[1], data=True) for p in pairs])


def test_a_step_is_below_the_last_of_those_before_it() -> None:
    edges = [Edge(upstream=p[0], downstream=p[1], data=True) for p in ("ab", "bc", "ac", "cd", "ad")]
    assert layers("abcde", edges) == {"a": 0, "b": 1, "c": 2, "d": 3, "e": 0}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "-".join(shape[1]) or shape[0])
def test_boxes_lie_within_the_drawing_and_apart_from_each_other(shape: Shape) -> None:
    picture = drawn(shape)
    assert [box.name for box in picture.boxes] == list(shape[0])
    for box in picture.boxes:
        assert 0 <= box.x <= picture.width - WIDTH
        assert 0 <= box.y <= picture.height - HEIGHT
    for one, other in combinations(picture.boxes, 2):
        assert abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "-".join(shape[1]) or shape[0])
def test_lines_lead_from_box_to_box(shape: Shape) -> None:
    picture = drawn(shape)
    at = {box.name: box for box in picture.boxes}
    for (upstream, downstream), line in zip(shape[1], picture.lines, strict=True):
        points = line.path.replace("M", " ").replace("C", " ").replace("L", " ").split()
        ends = [tuple(map(float, point.split(","))) for point in (points[0], points[-1])]
        one, other = at[upstream], at[downstream]
        down = [(one.x + WIDTH / 2, one.y + HEIGHT), (other.x + WIDTH / 2, other.y)]
        right = [(one.x + WIDTH, one.y + HEIGHT / 2), (other.x, other.y + HEIGHT / 2)]
        assert ends in (down, right)


def test_layers_go_where_less_width_is_needed() -> None:
    chain, fan = drawn(("abcdef", ("ab", "bc", "cd", "de", "ef"))), drawn(SHAPES[4])
    assert chain.width == WIDTH
    assert fan.width < 3 * WIDTH
    assert fan.height > 6 * HEIGHT


def test_lines_cross_only_where_they_must() -> None:
    """Written so that all would cross: b is after the last, c after the first."""
    picture = drawn(("abcxyz", ("az", "by", "cx")))
    at = {box.name: (box.x, box.y) for box in picture.boxes}
    along = [max(at[one], at[other]) for one, other in ("az", "by", "cx")]
    for one, other in ("az", "by", "cx"):
        assert at[one][0] == at[other][0] or at[one][1] == at[other][1]
    assert len(set(along)) == 3


def test_a_long_line_passes_the_boxes_between() -> None:
    picture = drawn(("abc", ("ab", "bc", "ac")))
    between = next(box for box in picture.boxes if box.name == "b")
    long = picture.lines[2].path
    passed = [tuple(map(float, p.split(","))) for p in long.replace("C", " ").replace("L", " ")[1:].split()]
    inside = [
        (x, y) for x, y in passed if between.x < x < between.x + WIDTH and between.y < y < between.y + HEIGHT
    ]
    assert not inside
    assert any(x > between.x + WIDTH for x, _ in passed) or any(x < between.x for x, _ in passed)


def test_the_kind_of_an_edge_is_told() -> None:
    edges = [
        Edge(upstream="a", downstream="b", data=True),
        Edge(upstream="a", downstream="c", data=False),
    ]
    lines = drawing(list("abc"), edges).lines
    assert [(line.data, line.told) for line in lines] == [
        (True, "data flows from a to b"),
        (False, "order only, from a to c"),
    ]
