"""Two flavors side by side, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.differing import Comparison, Difference, Differing
from pytest_orchestrators.suite.rendering.counterexample import summary
from pytest_orchestrators.suite.rendering.terminal import Line

#: Histories, and differences of each, in which a flavor is wrong, that are told in full.
_TOLD, _DIFFERENCES = 3, 5


def comparison_lines(comparison: Comparison) -> Iterator[Line]:
    """What two flavors made of the same histories: where one is wrong first, then what is left open."""
    reference, other = comparison.reference, comparison.other
    both = f"{comparison.histories} generated histories, {comparison.runs} runs with each"
    wrong = comparison.wrong()
    if not comparison.histories:
        yield Line(f"{reference} and {other}: nothing was carried out with both", "yellow", bold=True)
        return
    for one in wrong[:_TOLD]:
        yield from _told(comparison, one)
    if len(wrong) > _TOLD:
        yield Line(f"... and {len(wrong) - _TOLD} more histories in which they differ", "red")
    yield from _left_open(comparison)
    if wrong:
        yield Line(f"{reference} and {other} DIFFER in {len(wrong)} of {both}", "red", bold=True)
    else:
        apart = ", but for what the contract leaves open" if comparison.differing else ""
        yield Line(f"{reference} and {other} do the same in {both}{apart}", "green", bold=True)


def _told(comparison: Comparison, one: Differing) -> Iterator[Line]:
    """One history, and what came out differently."""
    yield Line(f"DIFFERENT in generated example {one.example}", "red", bold=True)
    yield from (Line(f"  {line}") for line in summary(one.history))
    for difference in one.differences[:_DIFFERENCES]:
        yield Line(f"  run {difference.run}: {difference.what}", "red")
        yield from (Line(f"    {line}") for line in _sides(comparison, difference))


def _left_open(comparison: Comparison) -> Iterator[Line]:
    """Kinds of differences that the contract allows, each with the first that was seen."""
    kinds: dict[str, list[tuple[Differing, Difference]]] = {}
    for one in comparison.differing:
        for difference in one.differences:
            if difference.left_open:
                kinds.setdefault(difference.kind, []).append((one, difference))
    for kind, found in kinds.items():
        one, difference = found[0]
        where = f"first in example {one.example}, run {difference.run}: {difference.what}"
        yield Line(f"left open by the contract, {len(found)} times: {kind}; {where}")
        yield from (Line(f"    {line}") for line in _sides(comparison, difference))


def _sides(comparison: Comparison, difference: Difference) -> Iterator[str]:
    yield f"{comparison.reference}: {difference.reference}"
    yield f"{comparison.other}: {difference.other}"
