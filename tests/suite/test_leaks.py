"""The audit finds and names what is left behind, and nothing else; with real threads, processes and files."""

from __future__ import annotations

import _thread
import logging
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from pytest_orchestrators.probes import journal
from pytest_orchestrators.suite.evidence import Leak
from pytest_orchestrators.suite.observers.attending import attended
from pytest_orchestrators.suite.observers.leaks import IMPATIENCE_S, Audit, auditing
from pytest_orchestrators.suite.observers.temporary import Places, own_temporary_folder

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans to whom it is told to")


@pytest.fixture
def stores(tmp_path: Path) -> Path:
    """Stores with an artifact store and a record."""
    folder = tmp_path / "stores"
    (folder / "artifacts").mkdir(parents=True)
    return folder


@pytest.fixture
def audit(stores: Path) -> Iterator[Audit]:
    """An audit that does not wait long."""
    with own_temporary_folder(stores) as temporary:
        yield Audit(Places(temporary, stores, ("artifacts", "record.db")), patience=IMPATIENCE_S)


def left_by(audit: Audit, run: Callable[[], Any]) -> list[Leak]:
    """What a run leaves behind, whatever it raises."""
    with audit.of_run() as left, suppress(LookupError), audit.of_state():
        run()
    return left


def only(left: list[Leak]) -> tuple[str, str]:
    """The kind and the name of the only thing that was left, which was begun in this file."""
    [leak] = left
    assert f"{__file__}:" in leak.where
    return leak.kind, leak.what


@contextmanager
def going_on() -> Iterator[threading.Event]:
    """An event that is set in the end."""
    over = threading.Event()
    try:
        yield over
    finally:
        over.set()


def test_nothing_is_left_and_nothing_waited_for(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("there was nothing to wait for"))
    assert left_by(audit, lambda: None) == []


def test_a_thread_is_named_with_what_it_runs_and_who_started_it(audit: Audit) -> None:
    with going_on() as over:
        left = left_by(audit, lambda: threading.Thread(target=over.wait, name="beat").start())
        assert only(left) == ("thread", "thread 'beat', not a daemon, running threading.Event.wait")
        assert left_by(audit, lambda: None) == []


def test_a_thread_without_a_name_is_seen_where_it_is(audit: Audit) -> None:
    begun = threading.Event()

    def beat() -> None:
        begun.set()
        over.wait()

    def run() -> None:
        _thread.start_new_thread(beat, ())
        begun.wait()

    with going_on() as over:
        [leak] = left_by(audit, run)
        assert leak.what.startswith("a thread without a name")
        assert f"{__file__}:" in leak.where


def test_what_a_thread_of_the_harness_opens_is_not_the_runs(audit: Audit, tmp_path: Path) -> None:
    opened: list[Any] = []
    seen = threading.Event()

    def react(_: dict[str, Any]) -> None:
        opened.append(Path(__file__).open())  # noqa: SIM115
        seen.set()

    def run() -> None:
        journal.append(tmp_path, "started")
        seen.wait()

    journal.append(tmp_path, "known")
    with attended(tmp_path, journal.read(tmp_path)[1], react):
        assert left_by(audit, run) == []
    opened[0].close()


def test_a_thread_that_ends_soon_is_waited_for(audit: Audit, stores: Path) -> None:
    over = threading.Event()
    with auditing(stores, ("artifacts",)) as patient:
        ending = threading.Timer(0.3, over.set)
        ending.start()
        assert left_by(patient, lambda: threading.Thread(target=over.wait).start()) == []


def test_a_pool_that_nobody_holds_any_more_ends_by_itself(audit: Audit) -> None:
    def run() -> None:
        pool: Any = ThreadPoolExecutor(1)
        pool.myself = pool
        pool.submit(os.getpid).result()

    assert left_by(audit, run) == []


def test_a_child_process_is_named_with_its_command(audit: Audit) -> None:
    children: list[subprocess.Popen[bytes]] = []
    try:
        kind, what = only(left_by(audit, lambda: children.append(subprocess.Popen(["sleep", "60"]))))
        assert (kind, what) == ("process", f"process {children[0].pid} still runs: sleep 60")
    finally:
        children[0].kill()
        children[0].wait()


def test_a_child_that_nobody_waited_for_is_left(audit: Audit) -> None:
    children: list[int] = []

    def run() -> None:
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is left as it is
        children.append(pid)

    kind, what = only(left_by(audit, run))
    os.waitpid(children[0], 0)
    assert (kind, what.endswith("has ended and was never waited for")) == ("process", True)


def forks_twice(program: str) -> Callable[[], None]:
    """A run that starts a program as a daemon's daemon."""
    code = f"import os, subprocess; subprocess.Popen(['sh', '-c', {program!r}], start_new_session=True)"
    return lambda: subprocess.run([sys.executable, "-c", code], check=True) and None


@LINUX
def test_a_daemon_is_found_though_its_parent_is_gone(audit: Audit) -> None:
    kind, what = only(left_by(audit, forks_twice("exec sleep 60")))
    daemon = psutil.Process(int(what.split()[1]))
    daemon.kill()
    os.waitpid(daemon.pid, 0)
    assert (kind, what.endswith("started by another one: sleep 60")) == ("process", True)


@LINUX
def test_a_descendant_that_has_ended_is_nobodys_business(audit: Audit) -> None:
    assert left_by(audit, forks_twice("true")) == []


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_what_multiprocessing_keeps_is_not_counted(audit: Audit, method: str) -> None:
    def run() -> None:
        context: Any = multiprocessing.get_context(method)
        process = context.Process(target=os.getpid)
        process.start()
        process.join()
        process.close()
        with context.Pool(1) as pool:
            pool.apply(os.getpid)
            pool.close()
            pool.join()

    assert left_by(audit, run) == []


def test_an_open_file_is_named_with_its_path(audit: Audit, tmp_path: Path) -> None:
    opened: list[Any] = []
    file = tmp_path / "log"
    file.touch()
    kind, what = only(left_by(audit, lambda: opened.append(file.open("w"))))
    assert (kind, what) == ("descriptor", f"file {file}, descriptor {opened[0].fileno()}")
    opened[0].close()


def test_a_socket_is_named_with_its_address(audit: Audit) -> None:
    opened: list[socket.socket] = []
    kind, what = only(left_by(audit, lambda: opened.append(socket.create_server(("127.0.0.1", 0)))))
    assert kind == "descriptor"
    assert what.startswith(f"socket {opened[0].getsockname()}")
    opened[0].close()


def test_both_ends_of_a_pipe_are_left(audit: Audit) -> None:
    ends: list[int] = []
    left = left_by(audit, lambda: ends.extend(os.pipe()))
    assert [(leak.kind, leak.what.split()[0]) for leak in left] == [("descriptor", "pipe")] * 2
    assert all(f"{__file__}:" in leak.where for leak in left)
    for end in ends:
        os.close(end)


def test_a_file_that_is_closed_and_opened_again_is_as_before(audit: Audit, tmp_path: Path) -> None:
    opened = [(tmp_path / "log").open("w"), (tmp_path / "other").open("w")]

    def run() -> None:
        opened[0].close()
        opened.append(Path(__file__).open())  # noqa: SIM115
        opened.append((tmp_path / "log").open("w"))
        opened[2].close()

    assert left_by(audit, run) == []
    for file in opened:
        file.close()


def test_what_a_kept_log_record_holds_is_let_go(audit: Audit, caplog: pytest.LogCaptureFixture) -> None:
    def run() -> None:
        held = Path(__file__).open()  # noqa: SIM115
        try:
            raise LookupError(held.name)
        except LookupError as error:
            logging.getLogger("audited").exception("failed: %s", error)
            raise

    assert left_by(audit, run) == []
    [record] = caplog.records
    assert record.getMessage() == f"failed: {__file__}"
    assert "Traceback" in caplog.text


def test_a_temporary_folder_is_named_with_who_made_it(audit: Audit) -> None:
    made: list[str] = []
    kind, what = only(left_by(audit, lambda: made.append(tempfile.mkdtemp())))
    assert (kind, what) == ("file", f"folder {made[0]}")


def test_a_temporary_file_of_a_child_is_seen(audit: Audit) -> None:
    code = "import tempfile; tempfile.mkstemp(prefix='of-a-child-')"
    [leak] = left_by(audit, lambda: subprocess.run([sys.executable, "-c", code], check=True))
    assert leak.kind == "file"
    assert "of-a-child-" in leak.what


def test_what_holds_artifacts_and_record_is_for_keeping(audit: Audit, stores: Path) -> None:
    def run() -> None:
        (stores / "record.db-journal").touch()
        (stores / "artifacts" / "value").touch()
        (stores / "handover-1").mkdir()

    assert only(left_by(audit, run)) == ("kept", f"folder {stores / 'handover-1'}")


def test_the_current_folder_is_looked_at(stores: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stores.with_name("current")
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "old").touch()

    def run() -> None:
        Path("logs").mkdir()
        Path("logs", "of-a-run").touch()
        Path("old").write_text("changed")
        Path("removed").touch()
        Path("removed").unlink()
        Path("fresh").touch()
        Path("fresh").rename("kept")

    with auditing(stores, ("artifacts",)) as audit:
        left = left_by(audit, run)
    assert [leak.what for leak in left] == [f"file {folder / 'kept'}", f"folder {folder / 'logs'}"]


def test_temporary_files_go_to_a_folder_of_their_own(stores: Path) -> None:
    before = dict(os.environ), tempfile.gettempdir()
    with own_temporary_folder(stores) as folder:
        assert Path(tempfile.mkdtemp()).parent == folder
        told = subprocess.run(["sh", "-c", "echo $TMPDIR"], capture_output=True, text=True, check=True)
        assert told.stdout.strip() == str(folder)
        assert len(str(folder)) < 80
    assert not folder.exists()
    assert (dict(os.environ), tempfile.gettempdir()) == before


def test_nobody_is_watched_after_the_run(audit: Audit) -> None:
    watched = (threading.Thread, "start"), (os, "fork"), (subprocess.Popen, "__init__"), (os, "pipe")
    before = [getattr(holder, name) for holder, name in watched]
    left_by(audit, lambda: None)
    assert [getattr(holder, name) for holder, name in watched] == before
