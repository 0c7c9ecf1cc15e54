"""What is heard while a run goes on: its output and its log, at the moment that it is written."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pytest_orchestrators.probes import control, journal, place, questions
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.observers.attending import attended
from pytest_orchestrators.suite.observers.output import overheard
from pytest_orchestrators.suite.observers.secrets import planted
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import single
from pytest_orchestrators.suite.surroundings import interruptible, listening


def test_output_is_overheard_and_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    before = sys.stdout, sys.stderr
    with overheard(lines.append):
        os.write(1, b"first\nsec")
        os.write(1, b"ond\n")
        print("naïve", file=sys.stderr)
        subprocess.run([sys.executable, "-c", "print('of a child')"], check=True)
    assert sorted(lines) == ["first", "naïve", "of a child", "second"]
    assert (sys.stdout, sys.stderr) == before
    os.write(1, b"after\n")
    captured = capfd.readouterr()
    assert captured.out == "first\nsecond\nof a child\nafter\n"
    assert captured.err == "naïve\n"


def printing_run() -> Run:
    return Run(label="run", workload=single(Names("seed")), prints={"step": ("line one", "line two")})


def test_a_line_is_heard_while_it_is_written(tmp_path: Path) -> None:
    answered: list[str | None] = []

    def wait() -> None:
        answered.append(control.wait_for(tmp_path, questions.heard("line one"), 10))

    with listening(printing_run(), tmp_path):
        waiting = threading.Thread(target=wait)
        waiting.start()
        print("step says: line one")
        waiting.join()
    assert answered == [""]


@pytest.mark.parametrize("text", ["line one\nline two", "lines one and two"])
def test_what_is_no_line_of_its_own_is_not_heard(tmp_path: Path, text: str) -> None:
    with listening(printing_run(), tmp_path) as log:
        logging.getLogger("elsewhere").warning(text)
    assert [line.message for line in log] == [text]
    for line in ("line one", "line two"):
        assert control.wait_for(tmp_path, questions.heard(line), 0) is None


def test_a_log_record_is_heard(tmp_path: Path) -> None:
    with listening(printing_run(), tmp_path):
        logging.getLogger("elsewhere").info("[step] %s", "line two")
    assert control.wait_for(tmp_path, questions.heard("line two"), 0) == ""


def test_the_journal_is_attended_from_an_offset(tmp_path: Path) -> None:
    journal.append(tmp_path, "old")
    _, offset = journal.read(tmp_path)
    seen: list[str] = []
    new = threading.Event()

    def react(event: dict[str, object]) -> None:
        seen.append(str(event["kind"]))
        new.set()

    with attended(tmp_path, offset, react):
        journal.append(tmp_path, "new")
        assert new.wait(10)
    journal.append(tmp_path, "late")
    assert seen == ["new"]


def test_secrets_are_drawn_and_taken_away() -> None:
    before = dict(os.environ)
    with planted() as secrets, planted() as others:
        assert secrets.items() <= os.environ.items()
        assert not secrets.keys() & others.keys()
        assert len(set(secrets.values())) == len(secrets) > 1
    assert dict(os.environ) == before


def test_places_are_told_apart() -> None:
    program = "from pytest_orchestrators.probes import place; print(place.here(), place.container())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == place.here()
    unshared = subprocess.run(
        ["unshare", "--mount", sys.executable, "-c", program], capture_output=True, text=True
    )
    if unshared.returncode == 0:  # where this user may have a namespace of its own
        assert unshared.stdout.split()[0] != place.here()


def test_a_process_that_ignores_interrupts_can_be_interrupted() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt), interruptible():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
