"""Durations are read as people spell them."""

from __future__ import annotations

import pytest

from pytest_orchestrators.suite.requirements.spelled import durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("after 0.2 s", {0.2}),
        ("in 2m5.0s", {125.0}),
        ("took 1 hour, 3 minutes and 2 seconds", {3782.0}),
        ("0:02:05.5", {125.5}),
        ("3,100 ms", {3.1, 0.0031}),
        ("3,100.5 ms", {3.1005}),
        ("1,234,567 µs", {1.234567}),
        ("after 3,1 s", {3.1}),
        ("-0.1 s", set()),
        ("at 12 o'clock", set()),
        ("took=0.2s,", {0.2}),
        ("(0.2 s now)", {0.2}),
        ("after 3 sand 2 more", set()),
        ("PT2M5.0S", {125.0}),
        ("in the folder zzp2h4qc, zzp2h and 2h4qc", set()),
        ("version v1.5s of step_3s", set()),
    ],
)
def test_what_a_text_tells(text: str, seconds: set[float]) -> None:
    assert {round(duration.seconds, 9) for duration in durations(text)} == seconds


@pytest.mark.parametrize(("text", "grain"), [("3 s", 1.0), ("3.1 s", 0.1), ("3,1 s", 0.1), ("2 min", 60.0)])
def test_how_exactly_it_tells_it(text: str, grain: float) -> None:
    assert {round(duration.grain, 9) for duration in durations(text)} == {grain}
