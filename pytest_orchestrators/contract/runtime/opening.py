"""Opening a metadata store: looked at first, in bounded time, by one process after another."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ml_metadata.errors import StatusError
from ml_metadata.metadata_store.metadata_store import MetadataStore

from pytest_orchestrators.contract.errors import MetadataStoreError
from pytest_orchestrators.contract.stack.metadata import (
    InMemoryMetadataConfig,
    MetadataStoreConfig,
    MySQLMetadataConfig,
    PostgreSQLMetadataConfig,
    SqliteMetadataConfig,
)

_POLL_S = 0.05
# A server that answers but says one of these will say so again.
_REFUSALS = ("mysql_real_connect failed", "Access denied", "authentication failed")


def store_error(config: MetadataStoreConfig, problem: str) -> MetadataStoreError:
    """Make the error that says which store has which problem."""
    return MetadataStoreError(f"The metadata store ({config.location}) {problem}")


def open_store(config: MetadataStoreConfig) -> MetadataStore:
    """Open a store, making its schema if it is new.

    ML Metadata itself waits for minutes on a locked file, and fails when two processes make the schema at the
    same time: so the store is looked at first, and files are opened by one process after the other. Raises
    MetadataStoreError, naming the store, after ``config.timeout_s`` seconds at the latest.
    """
    deadline = time.monotonic() + config.timeout_s
    if isinstance(config, SqliteMetadataConfig):
        path = config.path
        with _alone_in(path.parent, config, deadline):
            size = _size_of(path, config)
            if size is None:
                return _construct_new(path, config, deadline)
            _look_at_file(path, size, config, deadline)
            return _construct(config, deadline)
    if not isinstance(config, InMemoryMetadataConfig):
        _look_at_server(config, deadline)
    return _construct(config, deadline)


def _construct(config: MetadataStoreConfig, deadline: float) -> MetadataStore:
    """Servers have no lock to queue at: the loser of a race for the schema comes back when it is made."""
    while True:
        try:
            return MetadataStore(config.connection_config())
        except (RuntimeError, StatusError) as error:
            if time.monotonic() > deadline or any(refusal in str(error) for refusal in _REFUSALS):
                raise store_error(config, f"cannot be opened: {error}") from error
        time.sleep(random.uniform(_POLL_S, 4 * _POLL_S))


def _construct_new(path: Path, config: MetadataStoreConfig, deadline: float) -> MetadataStore:
    """Leave no file of no content behind, on a full disk, say: it would be taken for a store that is lost."""
    try:
        return _construct(config, deadline)
    except MetadataStoreError:
        if _size_of(path, config) == 0:
            path.unlink(missing_ok=True)
        raise


def _size_of(path: Path, config: MetadataStoreConfig) -> int | None:
    """Return how large a file is, None if it is not there; raises MetadataStoreError if nobody can say."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
    except OSError as error:
        raise store_error(config, f"cannot be opened: {error}") from error


@contextmanager
def _alone_in(folder: Path, config: MetadataStoreConfig, deadline: float) -> Iterator[None]:
    """Hold the lock of a folder (which, unlike a lock file, leaves nothing behind)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise store_error(config, f"cannot be opened: {error}") from error
    try:
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise store_error(
                    config, f"is being opened by another process for over {config.timeout_s:g} s."
                )
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _look_at_file(path: Path, size: int, config: MetadataStoreConfig, deadline: float) -> None:
    """Raise MetadataStoreError if the file is locked, cannot be written, or holds no database any more."""
    if path.is_file() and not size:
        raise store_error(
            config,
            "is an empty file: what was recorded in it is lost. Restore it, or delete it to start a new one.",
        )
    patience = max(0.0, deadline - time.monotonic())
    try:
        uri = f"{path.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)) as database:
            [version] = database.execute("PRAGMA user_version").fetchone()
            database.execute("BEGIN IMMEDIATE")
            # That is granted on a file that cannot be written, too.
            database.execute(f"PRAGMA user_version = {version}")
            database.execute("ROLLBACK")
    except sqlite3.Error as error:
        advice = (
            f"another process holds its lock for over {config.timeout_s:g} s: end that process, "
            "or give the store a longer timeout_s"
            if "locked" in str(error)
            else "check that it is a database file that this user may write, in a folder that he may write"
        )
        raise store_error(config, f"cannot be used ({error}): {advice}.") from error


def _address_of(config: MetadataStoreConfig) -> tuple[str, int] | None:
    """Return host and port of a server; None when it is reached by a Unix socket."""
    if isinstance(config, MySQLMetadataConfig) and not config.socket:
        server = config.connection_config().mysql
        return server.host, server.port
    if isinstance(config, PostgreSQLMetadataConfig):
        server = config.connection_config().postgresql
        return None if server.host.startswith("/") else (server.host, int(server.port))
    return None


def _look_at_server(config: MetadataStoreConfig, deadline: float) -> None:
    """Raise MetadataStoreError if nobody answers at the server's address."""
    address = _address_of(config)
    if address is None:
        return
    try:
        patience = max(0.1, deadline - time.monotonic())
        socket.create_connection(address, timeout=patience).close()
    except OSError as error:
        raise store_error(config, f"does not answer: {error}") from error
