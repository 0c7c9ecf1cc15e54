"""One connection per metadata store and process, kept while anything uses it and shared between threads."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ml_metadata import errors
from ml_metadata.metadata_store.metadata_store import MetadataStore

from pytest_orchestrators.contract.runtime.opening import open_store, store_error
from pytest_orchestrators.contract.stack.metadata import InMemoryMetadataConfig, MetadataStoreConfig

_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.01, 0.5
# What these mean is the caller's business (a name that is taken, say); any other error is the store's.
_ANSWERS = (
    errors.AlreadyExistsError,
    errors.FailedPreconditionError,
    errors.InvalidArgumentError,
    errors.NotFoundError,
    errors.UnimplementedError,
)


class MetadataConnection:
    """An open store that any number of threads may call: calls are answered one after the other."""

    def __init__(self, config: MetadataStoreConfig) -> None:
        """Open the store; raises MetadataStoreError, within the configured time, if that cannot be done."""
        self.config = config
        self._lock = threading.RLock()
        self._closed = False
        self._store: MetadataStore | None = open_store(config)

    def call(self, method: str, request: Any, response: Any) -> None:
        """Answer one request of the ML Metadata API.

        A transaction that was aborted because of another writer is repeated, for the configured time at most.
        Raises MetadataStoreError, naming the store, when it is spent, and when the store itself is at fault;
        the next call opens it again then.
        """
        deadline = time.monotonic() + self.config.timeout_s
        delay = _FIRST_DELAY_S
        while True:
            try:
                with self._lock:
                    self._opened()._call_method(method, request, response)
                return
            except _ANSWERS:
                raise
            except errors.StatusError as error:
                if not isinstance(error, errors.AbortedError) or time.monotonic() > deadline:
                    self._give_up()
                    raise store_error(self.config, f"failed in {method}: {error}") from error
            time.sleep(delay * random.uniform(0.5, 1.5))
            delay = min(2 * delay, _LONGEST_DELAY_S)

    def _give_up(self) -> None:
        """Let go of a store that failed in the middle of a transaction, which may be open for good (on a full
        disk, for one). What is in memory only would be lost with it.
        """
        if not self.config.in_process_only:
            with self._lock:
                self._let_go()

    def _let_go(self) -> None:
        """Close the store itself: a traceback of its error, which a caller may keep, holds what is around."""
        if self._store is not None:
            self._store._metadata_store = None
        self._store = None

    @property
    def closed(self) -> bool:
        """Whether calls raise MetadataStoreError."""
        return self._closed

    def close(self) -> None:
        """Close the store; later calls raise MetadataStoreError."""
        with self._lock:
            self._closed = True
            self._let_go()

    def start_anew(self) -> None:
        """Leave to the parent, in a forked process, what is its own; the next call opens the store again."""
        _inherited.append(self._store)  # closing it would touch the parent's files
        self._store = None
        self._lock = threading.RLock()

    def _opened(self) -> MetadataStore:
        if self._closed:
            raise store_error(self.config, "has been closed.")
        if self._store is None:
            if self.config.in_process_only:
                raise store_error(
                    self.config, "is in the memory of the process that this one was forked from."
                )
            self._store = open_store(self.config)
        return self._store


class _Slot:
    """Where the connection to one store is kept, with its users.

    An interrupt may come anywhere: between closing and forgetting, or before a lock is released. So what is
    kept may have been closed, users are a set, which none enters or leaves by half, and locks are reentrant:
    one that was not released does not keep out the thread that was interrupted.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.connection: MetadataConnection | None = None
        self.users: set[object] = set()

    def opened(self, config: MetadataStoreConfig) -> MetadataConnection:
        if self.connection is None or self.connection.closed:
            self.connection = MetadataConnection(config)
        return self.connection

    def close_unused(self) -> None:
        if self.connection is not None and not self.users:
            self.connection.close()
            self.connection = None


_slots: dict[str, _Slot] = {}
_slots_lock = threading.RLock()
_inherited: list[Any] = []


def _start_anew_in_child() -> None:
    global _slots_lock
    _slots_lock = threading.RLock()
    for slot in _slots.values():
        slot.lock = threading.RLock()
        if slot.connection is not None:
            slot.connection.start_anew()


os.register_at_fork(after_in_child=_start_anew_in_child)


@contextmanager
def connected(config: MetadataStoreConfig) -> Iterator[MetadataConnection]:
    """Yield the process's connection to a store; it is closed when its last user leaves.

    One connection per store is also what keeps SQLite safe: a second copy of its library in this process (the
    look before opening is one) would drop the locks of the first. An in-memory store is kept without users
    too, or nothing would be left of it: see `drop_in_memory_store`. Raises MetadataStoreError if the store
    cannot be opened.
    """
    with _slots_lock:
        slot = _slots.setdefault(config.location, _Slot())
    user = object()
    try:
        with slot.lock:
            slot.users.add(user)
            connection = slot.opened(config)
        yield connection
    finally:
        with slot.lock:
            slot.users.discard(user)
            if not config.in_process_only:
                slot.close_unused()


def drop_in_memory_store(config: InMemoryMetadataConfig) -> None:
    """Forget an in-memory store that nothing uses any more, with all that is recorded in it."""
    with _slots_lock:
        slot = _slots.get(config.location)
    if slot is not None:
        with slot.lock:
            slot.close_unused()
