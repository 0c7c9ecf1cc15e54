"""Drawing the time of a run: one lane per step. Geometry in percent of the run's time; a template makes the
picture of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from pytest_orchestrators.suite.account import RunAccount, Span, StepAccount, StepState

#: What a bar is wide at least, so that it can be seen.
_LEAST = 0.8


class StateLook(NamedTuple):
    """How what became of a step looks: a sign, and the class of its colour."""

    sign: str
    css: str


STATE_LOOKS: dict[StepState, StateLook] = {
    "executed": StateLook("✓", "good"),
    "cached": StateLook("↺", "cached"),
    "failed": StateLook("✗", "bad"),
    "skipped": StateLook("→", "quiet"),
    "unfinished": StateLook("…", "open"),
    "not run": StateLook("○", "quiet"),
}


@dataclass(frozen=True)
class Bar:
    """A time in which a step's function was at work, in percent of the run; `open` if no end was seen."""

    x: float
    width: float
    open: bool
    css: str
    told: str


@dataclass(frozen=True)
class Lane:
    """One step: what became of it, and its bars, or a mark where it was never entered."""

    name: str
    state: StepState
    look: StateLook
    bars: tuple[Bar, ...]
    mark: float | None
    time: str


def lanes(run: RunAccount) -> tuple[Lane, ...]:
    """The lanes of a run, the earliest step first."""
    steps = sorted(run.steps, key=_begin)
    return tuple(_lane(step, run.span) for step in steps)


def _begin(step: StepAccount) -> float:
    if step.spans:
        return step.spans[0].start
    return float("inf") if step.at is None else step.at


def _lane(step: StepAccount, span: float) -> Lane:
    times = [s.end - s.start for s in step.spans if s.end is not None]
    return Lane(
        name=step.name,
        state=step.state,
        look=STATE_LOOKS[step.state],
        bars=tuple(_bar(s, span) for s in step.spans),
        mark=None if step.at is None else _percent(step.at, span),
        time=duration(sum(times)) if times else "",
    )


def _bar(seen: Span, span: float) -> Bar:
    end = span if seen.end is None else seen.end
    x = min(_percent(seen.start, span), 100 - _LEAST)
    width = max(_percent(end, span) - x, _LEAST)
    css = {"finished": "good", "faulted": "bad", "never": "open"}[seen.ended]
    until = "its end was not seen" if seen.end is None else f"to {duration(seen.end)}"
    return Bar(x, width, seen.end is None, css, f"from {duration(seen.start)}, {until}: {seen.ended}")


def _percent(seconds: float, span: float) -> float:
    return round(100 * seconds / span, 2) if span > 0 else 0.0


def duration(seconds: float) -> str:
    """A time as people read it."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
