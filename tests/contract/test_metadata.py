"""The record store: opened safely, kept open, shared between threads, and named when it is at fault."""

import fcntl
import gc
import multiprocessing
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from ml_metadata.errors import AbortedError, NotFoundError
from ml_metadata.proto import metadata_store_pb2 as pb
from sample_steps import constant

from pytest_orchestrators import (
    InMemoryMetadataConfig,
    MetadataStoreError,
    MySQLMetadataConfig,
    Pipeline,
    PostgreSQLMetadataConfig,
    SqliteMetadataConfig,
)
from pytest_orchestrators.contract.runtime import connection as connections
from pytest_orchestrators.contract.runtime.connection import connected, drop_in_memory_store
from pytest_orchestrators.contract.runtime.metadata import ConnectedStore, KeptMetadata


@pytest.fixture
def config(tmp_path):
    return SqliteMetadataConfig(path=tmp_path / "new" / "metadata.db", timeout_s=1.0)


def put_context(connection, name):
    store = ConnectedStore(connection)
    type_id = store.put_context_type(pb.ContextType(name="test"))
    store.put_contexts([pb.Context(type_id=type_id, name=name)])


def names_in(config):
    with connected(config) as connection:
        return {context.name for context in ConnectedStore(connection).get_contexts()}


def test_a_connection_is_shared_and_closed_by_its_last_user(config):
    with connected(config) as first:
        with connected(config) as second:
            assert second is first
        put_context(first, "still open")
    with pytest.raises(MetadataStoreError, match="has been closed"):
        put_context(first, "too late")
    assert names_in(config) == {"still open"}
    assert [file.name for file in config.path.parent.iterdir()] == ["metadata.db"]


def test_a_closed_connection_leaves_no_open_file(config):
    with connected(config) as connection:
        put_context(connection, "a")
    del connection
    gc.collect()
    open_files = {file.path for file in psutil.Process().open_files()}
    assert str(config.path) not in open_files


def interrupted_at(moment):
    """A trace function that interrupts before the nth line of the module of connections, counted from 0."""
    ahead = moment

    def on_line(frame, event, argument):
        nonlocal ahead
        if event == "line":
            ahead -= 1
            if ahead == -1:
                raise KeyboardInterrupt
        return on_line

    return lambda frame, event, argument: (
        on_line if frame.f_code.co_filename == connections.__file__ else None
    )


def test_an_interrupt_at_any_line_leaves_a_connection_that_works(config):
    traced = sys.gettrace()
    names, moment, interrupted = set(), 0, True
    while interrupted:
        sys.settrace(interrupted_at(moment))
        try:
            names_in(config)
            interrupted = False
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(traced)
        names.add(f"after {moment} lines")
        with connected(config) as later:
            put_context(later, f"after {moment} lines")
        moment += 1
    assert moment > 20
    assert names_in(config) == names


def test_an_in_memory_store_is_kept_by_name():
    one, other = InMemoryMetadataConfig(name="kept one"), InMemoryMetadataConfig(name="kept other")
    with connected(one) as connection:
        put_context(connection, "a")
    assert (names_in(one), names_in(other)) == ({"a"}, set())
    drop_in_memory_store(one)
    assert names_in(one) == set()


def test_the_handle_that_tfx_gets_is_entered_as_often_as_it_likes(config):
    with connected(config) as connection:
        handle = KeptMetadata(connection)
        with handle as outer, handle as inner:
            assert outer.store is inner.store
        with pytest.raises(NotFoundError):
            handle.store.get_context_type("there is none")
        assert handle.connection_config.sqlite.filename_uri == str(config.path)


def test_artifacts_come_in_the_order_asked_for(config):
    with connected(config) as connection:
        store = ConnectedStore(connection)
        type_id = store.put_artifact_type(pb.ArtifactType(name="test"))
        first, second = store.put_artifacts([pb.Artifact(type_id=type_id, uri=uri) for uri in "ab"])
        assert [each.uri for each in store.get_artifacts_by_id([second, 99, first])] == ["b", "a"]


def test_threads_share_a_connection(config):
    with connected(config) as connection:
        threads = [threading.Thread(target=put_context, args=(connection, f"context {n}")) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert names_in(config) == {f"context {n}" for n in range(16)}


class AlwaysBusy:
    """A store at which another writer always comes first. The real one does so only now and then."""

    def __init__(self, times):
        self.times = times

    def _call_method(self, method, request, response):
        self.times -= 1
        if self.times >= 0:
            raise AbortedError("Concurrent writes aborted")


def test_aborted_calls_are_repeated_for_a_bounded_time(config):
    with connected(config) as connection:
        connection._store = AlwaysBusy(times=3)
        connection.call("PutContexts", None, None)
        connection._store = AlwaysBusy(times=10**9)
        started = time.monotonic()
        with pytest.raises(
            MetadataStoreError, match=r"metadata\.db.*failed in PutContexts: Concurrent writes"
        ):
            connection.call("PutContexts", None, None)
        assert time.monotonic() - started < 3


def test_a_locked_store_is_an_error_that_names_it_in_bounded_time(config):
    names_in(config)
    with closing(sqlite3.connect(config.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        with pytest.raises(MetadataStoreError, match=r"metadata\.db.*locked.*timeout_s"):
            names_in(config)
        assert time.monotonic() - started < 5
    assert names_in(config) == set()


def test_waiting_for_another_process_to_open_the_store_is_bounded(config):
    config.path.parent.mkdir()
    descriptor = os.open(config.path.parent, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with pytest.raises(MetadataStoreError, match="is being opened by another process for over 1 s"):
            names_in(config)
    finally:
        os.close(descriptor)
    assert names_in(config) == set()


def corrupt(path):
    path.write_bytes(b"this is no database, and is long enough to be looked at" * 100)


def empty(path):
    path.write_bytes(b"")


def folder(path):
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [(corrupt, "not a database"), (empty, "is an empty file"), (folder, "unable to open")],
)
def test_a_spoilt_file_is_an_error_that_names_it_and_is_left_alone(config, spoil, message):
    config.path.parent.mkdir()
    spoil(config.path)
    before = config.path.read_bytes() if config.path.is_file() else None
    with pytest.raises(MetadataStoreError, match=rf"metadata\.db.*{message}"):
        names_in(config)
    assert before == (config.path.read_bytes() if config.path.is_file() else None)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(MetadataStoreError, match="cannot be opened"):
        names_in(SqliteMetadataConfig(path=tmp_path / "file" / "metadata.db"))


def test_a_run_on_a_store_that_cannot_be_opened_leaves_nothing(make_stack, config):
    config.path.parent.mkdir()
    corrupt(config.path)
    stack = make_stack(metadata=config)
    with pytest.raises(MetadataStoreError):
        stack.deploy_pipeline(Pipeline("demo", constant(n=1)).compile(stack=stack))
    assert stack.orchestrator._active_run is None


@pytest.mark.parametrize("kind", [MySQLMetadataConfig, PostgreSQLMetadataConfig])
def test_a_server_that_does_not_answer_is_an_error_without_its_password(kind):
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    config = kind(host="127.0.0.1", port=port, database="runs", username="me", password="hidden", timeout_s=1)
    with pytest.raises(MetadataStoreError, match=f"127.0.0.1:{port}/runs.*does not answer") as caught:
        names_in(config)
    assert "hidden" not in str(caught.value)


OPEN_FIRST = """
import sys, time
from test_metadata import SqliteMetadataConfig, connected, put_context
while time.time() < float(sys.argv[2]): pass
with connected(SqliteMetadataConfig(path=sys.argv[1])) as connection:
    for n in range(5): put_context(connection, f"{sys.argv[3]} {n}")
"""


def test_processes_may_open_a_new_store_at_the_same_time(config):
    start = str(time.time() + 3)
    here = os.pathsep.join([str(Path(__file__).parent), str(Path.cwd())])
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_FIRST, str(config.path), start, f"process {n}"],
            env={**os.environ, "PYTHONPATH": here},
        )
        for n in range(5)
    ]
    assert [process.wait() for process in processes] == [0] * 5
    assert len(names_in(config)) == 25


def put_from_child(config, connection, queue):
    try:
        put_context(connection, "from the child")
        queue.put("done")
    except MetadataStoreError as error:
        queue.put(str(error))


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_forked_process_opens_the_store_for_itself(config, in_memory):
    if in_memory:
        config = InMemoryMetadataConfig(name="forked")
    fork = multiprocessing.get_context("fork")
    queue = fork.SimpleQueue()
    with connected(config) as connection:
        put_context(connection, "from the parent")
        child = fork.Process(target=put_from_child, args=(config, connection, queue))
        child.start()
        said = queue.get()
        child.join()
        put_context(connection, "from the parent again")
    if in_memory:
        assert "memory of the process that this one was forked from" in said
    else:
        assert said == "done"
        assert names_in(config) == {"from the parent", "from the child", "from the parent again"}
