"""Work in child processes: what becomes of it, whatever becomes of the process."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pytest_orchestrators.suite.apart import Child, ChildLost


def forever() -> str:
    while True:
        time.sleep(1)


def test_the_answer_comes_back_however_long() -> None:
    text = "naïve " * 100_000
    assert Child(lambda: text + str(os.getpid())).answer(10) != text + str(os.getpid())


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (lambda: str(1 / 0), "ZeroDivisionError"),
        (lambda: os._exit(7), "exit code 7"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "exit code -9"),
        (lambda: sys.exit("enough"), "SystemExit: enough"),
    ],
    ids=["raises", "leaves", "is killed", "exits"],
)
def test_a_lost_child_is_told_of(work: object, told: str) -> None:
    with pytest.raises(ChildLost, match=told):
        Child(work).answer(10)  # type: ignore[arg-type]


def test_a_child_that_takes_too_long_is_ended() -> None:
    child = Child(forever)
    with pytest.raises(ChildLost, match="no answer after"):
        child.answer(0.1)
    assert not child._process.is_alive()


def test_a_child_that_ignores_its_termination_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_orchestrators.suite.apart._GRACE_S", 0.2)

    def stubborn() -> str:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        return forever()

    child = Child(stubborn)
    time.sleep(0.2)
    child.end()
    assert not child._process.is_alive()


def test_the_first_to_be_ready_is_told(tmp_path: Path) -> None:
    slow, quick = Child(forever), Child(lambda: "done")
    try:
        assert Child.ready([slow, quick], 10) == [quick]
        assert quick.answer(0) == "done"
        assert Child.ready([slow], 0.05) == []
    finally:
        slow.end()


ORPHAN = """
import os, sys, time
from pytest_orchestrators.suite.apart import Child
def work():
    open(sys.argv[1], "w").write(str(os.getpid()))
    time.sleep(60)
    return ""
Child(work)
while not (os.path.exists(sys.argv[1]) and open(sys.argv[1]).read()):
    time.sleep(0.01)
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_a_child_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    subprocess.run([sys.executable, "-c", ORPHAN, str(file)], check=False)
    pid, deadline = int(file.read_text()), time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_child_can_watch_itself_although_its_parent_is_watched() -> None:
    def watched() -> str:
        faulthandler.dump_traceback_later(60)
        faulthandler.cancel_dump_traceback_later()
        return "watched"

    faulthandler.dump_traceback_later(60)  # as pytest does with faulthandler_timeout
    assert Child(watched).answer(10) == "watched"
