"""The drawn time of a run."""

from __future__ import annotations

from typing import get_args

import pytest

from pytest_orchestrators.suite.account import RunAccount, Span, StepAccount, StepState
from pytest_orchestrators.suite.rendering.timeline import STATE_LOOKS, Bar, duration, lanes


def run(*steps: StepAccount, span: float = 10.0) -> RunAccount:
    return RunAccount(
        label="r", workload="w", outcome="returned", seconds=span, span=span, steps=steps, edges=()
    )


def test_lanes_are_in_the_order_of_time_and_what_never_ran_comes_last() -> None:
    never = StepAccount(name="never", state="not run")
    late = StepAccount(name="late", state="cached", begin=5.0, end=6.0)
    early = StepAccount(name="early", state="executed", spans=(Span(start=1, end=2),), begin=0.5, end=3.0)
    drawn = lanes(run(never, late, early))
    assert [lane.name for lane in drawn] == ["early", "late", "never"]
    assert [(lane.turn.x, lane.turn.width) if lane.turn else None for lane in drawn] == [
        (5.0, 25.0),
        (50.0, 10.0),
        None,
    ]
    assert drawn[0].time == "1.0 s"
    assert [lane.time for lane in drawn[1:]] == ["", ""]


def test_bars_are_a_share_of_the_time() -> None:
    spans = (Span(start=2.0, end=4.0, ended="faulted"), Span(start=5.0))
    (lane,) = lanes(run(StepAccount(name="s", state="unfinished", spans=spans, begin=2.0, end=5.0)))
    assert lane.bars == (
        Bar(20.0, 20.0, "bad", "function entered at 2.0 s, faulted at 4.0 s"),
        Bar(50.0, 50.0, "open", "function entered at 5.0 s, its end was not seen"),
    )


def test_what_took_no_time_is_still_to_be_seen_and_within_the_drawing() -> None:
    spans = (Span(start=10.0, end=10.0, ended="finished"),)
    (lane,) = lanes(run(StepAccount(name="s", state="executed", spans=spans, begin=10.0, end=10.0)))
    assert lane.bars[0].width > 0
    assert lane.bars[0].x + lane.bars[0].width <= 100
    (lane,) = lanes(run(StepAccount(name="s", state="cached", begin=0.0, end=0.0), span=0.0))
    assert lane.turn is not None
    assert lane.turn.x == 0


def test_every_state_has_a_sign_of_its_own() -> None:
    assert set(STATE_LOOKS) == set(get_args(StepState))
    assert len({look.sign for look in STATE_LOOKS.values()}) == len(STATE_LOOKS)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 µs"),
        (0.000412, "412 µs"),
        (0.00451, "4.51 ms"),
        (0.1234, "123 ms"),
        (2.34, "2.3 s"),
        (300, "5.0 min"),
    ],
)
def test_times_as_people_read_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text
