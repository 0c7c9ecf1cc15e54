"""A run whose process is killed, at a moment that its journal tells."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from pytest_orchestrators.probes import control, journal, place
from pytest_orchestrators.probes.halting import let_go
from pytest_orchestrators.suite.apart import Child
from pytest_orchestrators.suite.evidence import Outcome
from pytest_orchestrators.suite.observers.failures import called
from pytest_orchestrators.suite.surroundings import Containers

#: Seconds that what was let go in another place may take to its end, and in which it must journal something.
_PATIENCE_S, _SILENCE_S = 60.0, 3.0


def run_and_kill(
    run: Callable[[], Any], run_name: str, root: Path, containers: Containers, seconds: float
) -> Outcome:
    """Call `run()` in a child process, and kill that when the run halts.

    All that the child has started here is killed with it, as by a machine that goes down. What was started
    in other places, in a container, say, is let go on, and waited for.

    Args:
        run: what is called.
        run_name: the name under which it runs.
        root: folder of the journal, in which nothing of this run has been written yet.
        containers: the eye on containers.
        seconds: how long the run may take to come to its halt.

    Returns:
        `killed`; or how the run ended that never came to its halt.

    Raises:
        ChildLost: the child ended in another way.
    """
    _, offset = journal.read(root)
    begin = time.perf_counter()
    child = Child(lambda: _in_a_group_of_its_own(run).model_dump_json())
    try:
        while child.age < seconds:
            events, offset = journal.read(root, offset)
            halted = [event for event in events if event["kind"] == "halted"]
            if halted:
                child.kill()
                _see_to(halted[0], run_name, root, containers)
                return Outcome(kind="killed", seconds=time.perf_counter() - begin)
            if Child.ready([child], control.POLL_S):
                return Outcome.model_validate_json(child.answer(0))
        return Outcome(kind="timed_out", seconds=time.perf_counter() - begin)
    finally:
        child.kill()
        child.end()


def _in_a_group_of_its_own(run: Callable[[], Any]) -> Outcome:
    os.setpgid(0, 0)
    return called(run)


def _see_to(halted: dict[str, Any], run_name: str, root: Path, containers: Containers) -> None:
    """Wait until whatever halted is gone or done."""
    let_go(root, run_name, halted["moment"], halted["step"])
    deadline = time.monotonic() + _PATIENCE_S
    if halted["container"] and containers.wait_for(halted["container"], _PATIENCE_S):
        return
    if halted["place"] == place.here():
        while _alive(halted["pid"]) and time.monotonic() < deadline:
            time.sleep(control.POLL_S)
        return
    _, size = journal.read(root)
    since = time.monotonic()
    while time.monotonic() < min(since + _SILENCE_S, deadline):
        time.sleep(control.POLL_S)
        before, (_, size) = size, journal.read(root, size)
        since = time.monotonic() if size != before else since


def _alive(pid: int) -> bool:
    """Whether a process of this place still does anything; one that nobody has waited for does not."""
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.Error:
        return False
