"""The journal: whole lines from many processes, and nothing of a line that was torn."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pytest_orchestrators.probes import control, journal

LONG = "naïve\n\u2028\x85\r" * 2000


def write(root: Path, writer: int, count: int) -> None:
    for number in range(count):
        journal.append(root, "started", writer=writer, number=number, text=LONG)


def test_lines_of_processes_and_threads_never_mix(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=write, args=(tmp_path, n, 25)) for n in range(3)]
    for process in processes:
        process.start()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda n: write(tmp_path, n, 25), range(3, 6)))
    for process in processes:
        process.join()
    events, _ = journal.read(tmp_path)
    assert Counter(event["writer"] for event in events) == dict.fromkeys(range(6), 25)
    assert all(event["text"] == LONG for event in events)
    for writer in range(6):
        assert [e["number"] for e in events if e["writer"] == writer] == list(range(25))


def test_a_torn_line_is_left_for_later(tmp_path: Path) -> None:
    journal.append(tmp_path, "started", step="a")
    file = tmp_path / journal.JOURNAL
    whole = file.read_bytes()
    file.write_bytes(whole + whole[: len(whole) // 2])
    events, offset = journal.read(tmp_path)
    assert [event["step"] for event in events] == ["a"]
    assert offset == len(whole)
    file.write_bytes(whole + whole)
    assert len(journal.read(tmp_path, offset)[0]) == 1


def test_there_may_be_no_journal(tmp_path: Path) -> None:
    assert journal.read(tmp_path / "nowhere") == ([], 0)


def test_observers_see_what_is_appended(tmp_path: Path) -> None:
    seen: list[str] = []
    journal.observers.append(lambda event: seen.append(event["kind"]))
    try:
        journal.append(tmp_path, "finished")
    finally:
        journal.observers.pop()
    assert seen == ["finished"]


def test_control_is_replaced_whole(tmp_path: Path) -> None:
    assert control.read(tmp_path) == {}
    control.write(tmp_path / "new", {"faults": {"a": "raise"}, "run": "1"})
    control.write(tmp_path / "new", {"run": "2"})
    assert control.read(tmp_path / "new") == {"run": "2"}
