"""Work in forks: all of it is done, no more than some at once, and what is lost is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection

import pytest

from pytest_orchestrators.suite.apart import Child, ChildLost
from tests import forks
from tests.forks import AT_ONCE, in_forks


def test_everything_is_done_elsewhere_and_what_is_lost_is_told() -> None:
    work: dict[str, Callable[[], str]] = {
        "here": lambda: str(os.getpid()),
        "raises": lambda: str(1 / 0),
        "leaves": lambda: os._exit(3),
        "there": lambda: str(os.getppid()),
    }
    found = dict(in_forks(work.items(), patience=60))
    assert found.keys() == work.keys()
    assert found["here"] != str(os.getpid()) == found["there"]
    assert isinstance(found["raises"], ChildLost)
    assert "ZeroDivisionError" in str(found["raises"])
    assert "exit code 3" in str(found["leaves"])


def test_no_more_than_some_go_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while it takes long until one of them has an answer."""
    going: list[int] = []
    looks = iter(range(100))

    class Slow(Child):
        @staticmethod
        def ready(children: Collection[Child], seconds: float) -> list[Child]:
            going.append(len(children))
            return [] if next(looks) % 2 == 0 else Child.ready(children, seconds)

    monkeypatch.setattr(forks, "Child", Slow)
    found = in_forks(((number, str) for number in range(5)), patience=60)
    assert sorted(number for number, _ in found) == list(range(5))
    assert max(going) == AT_ONCE


def test_work_that_never_ends_is_ended() -> None:
    def forever() -> str:
        while True:
            pass

    ((key, answer),) = in_forks([("forever", forever)], patience=0)
    assert key == "forever"
    assert isinstance(answer, ChildLost)
