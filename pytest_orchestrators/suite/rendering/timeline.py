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
    """A time in percent of the run: where it begins, how long it is, the class of its colour, what it was."""

    x: float
    width: float
    css: str
    told: str


@dataclass(frozen=True)
class Lane:
    """One step: what became of it, the time from the first to the last thing that was seen of it, and within
    that the times in which its function was at work.
    """

    name: str
    state: StepState
    look: StateLook
    turn: Bar | None
    bars: tuple[Bar, ...]
    time: str


def lanes(run: RunAccount) -> tuple[Lane, ...]:
    """The lanes of a run, the earliest step first."""
    steps = sorted(run.steps, key=lambda step: float("inf") if step.begin is None else step.begin)
    return tuple(_lane(step, run.span) for step in steps)


def _lane(step: StepAccount, span: float) -> Lane:
    times = [s.end - s.start for s in step.spans if s.end is not None]
    turn = None
    if step.begin is not None and step.end is not None:
        told = f"seen from {duration(step.begin)} to {duration(step.end)}"
        turn = _bar(step.begin, step.end, span, STATE_LOOKS[step.state].css, told)
    return Lane(
        name=step.name,
        state=step.state,
        look=STATE_LOOKS[step.state],
        turn=turn,
        bars=tuple(_work(s, span) for s in step.spans),
        time=duration(sum(times)) if times else "",
    )


def _work(seen: Span, span: float) -> Bar:
    css = {"finished": "good", "faulted": "bad", "never": "open"}[seen.ended]
    until = "its end was not seen" if seen.end is None else f"{seen.ended} at {duration(seen.end)}"
    end = span if seen.end is None else seen.end
    return _bar(seen.start, end, span, css, f"function entered at {duration(seen.start)}, {until}")


def _bar(start: float, end: float, span: float, css: str, told: str) -> Bar:
    x = min(_percent(start, span), 100 - _LEAST)
    return Bar(x, max(_percent(end, span) - x, _LEAST), css, told)


def _percent(seconds: float, span: float) -> float:
    return round(100 * seconds / span, 2) if span > 0 else 0.0


def duration(seconds: float) -> str:
    """A time as people read it."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
