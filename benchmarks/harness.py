"""Measuring side by side: on a noisy machine only a ratio from the same minute means anything."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """One line of the table; `target` is what `value` must not exceed, or must reach, if there is one."""

    name: str
    value: float
    unit: str = ""
    target: float | None = None
    note: str = ""
    at_least: bool = False

    @property
    def missed(self) -> bool:
        if self.target is None:
            return False
        return self.value < self.target if self.at_least else self.value > self.target


def seconds_of(action: Callable[[], object]) -> float:
    """Wall time of one call, with the garbage of the calls before already collected."""
    gc.collect()
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def interleaved(contestants: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Let every contestant measure itself once a round, in turn, each round beginning with another one."""
    names = list(contestants)
    measured: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        for place in range(len(names)):
            name = names[(turn + place) % len(names)]
            measured[name].append(contestants[name]())
    return measured


def ratio(measured: Mapping[str, list[float]], name: str, reference: str) -> float:
    """Median of the ratios within each round, which a slow minute leaves as they are."""
    return median(a / b for a, b in zip(measured[name], measured[reference], strict=True))


def table(rows: Iterable[Row]) -> str:
    """The rows as aligned text."""
    cells = [("what", "measured", "target", "", "")]
    for row in rows:
        limit = ">=" if row.at_least else "<="
        target = "" if row.target is None else f"{limit} {row.target:g}{row.unit}"
        met = "" if row.target is None else ("MISSED" if row.missed else "met")
        cells.append((row.name, f"{row.value:.2f}{row.unit}", target, met, row.note))
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )
