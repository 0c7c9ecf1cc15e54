"""What a run leaves behind: what was not there before it and is still there after it."""

from __future__ import annotations

import gc
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pytest_orchestrators.suite.evidence import Kind, Leak
from pytest_orchestrators.suite.observers.descriptors import Opened, descriptor_left, open_descriptors
from pytest_orchestrators.suite.observers.letting_go import records_let_go
from pytest_orchestrators.suite.observers.noting import noted
from pytest_orchestrators.suite.observers.origins import Origins, Told
from pytest_orchestrators.suite.observers.process_state import ProcessState, state_changes
from pytest_orchestrators.suite.observers.processes import adopting, children, process_left
from pytest_orchestrators.suite.observers.temporary import Places, file_left, own_temporary_folder
from pytest_orchestrators.suite.observers.threads import Thread, running_threads, thread_left

#: Seconds in which what a run has told to end may end.
PATIENCE_S = 2.5
#: Seconds for the same where once something did not go.
IMPATIENCE_S = 0.25
_SHORTEST_S, _LONGEST_S = 0.005, 0.1


@dataclass(frozen=True)
class _Resources:
    """Everything there is that can be left behind."""

    threads: Collection[Thread]
    processes: Collection[int]
    descriptors: Mapping[Opened, int]
    files: Collection[str]

    @classmethod
    def now(cls, places: Places, origins: Origins) -> _Resources:
        return cls(
            threads=running_threads(),
            processes=children(),
            descriptors=open_descriptors(),
            files=places.look(origins),
        )

    def beyond(self, before: _Resources, places: Places, origins: Origins) -> Iterator[Leak]:
        """What is here and was not before."""
        for thread in sorted({*self.threads} - {*before.threads}, key=str):
            yield from _leak("thread", thread_left(thread, origins))
        for pid in sorted({*self.processes} - {*before.processes}):
            yield from _leak("process", process_left(pid, origins))
        for opened in sorted(self.descriptors.keys() - before.descriptors.keys()):
            yield from _leak("descriptor", descriptor_left(opened, self.descriptors[opened], origins))
        for path in sorted({*self.files} - {*before.files}):
            yield from _leak(places.kind_of(path), file_left(path, origins))


def _leak(kind: Kind, told: Told | None) -> Iterator[Leak]:
    """What was found, as evidence, unless the harness did it."""
    if told is not None and not told[1].harness:
        yield Leak(kind=kind, what=told[0], where=told[1].text)


class Audit:
    """Looks at this process before and after each run of a scenario.

    Around all that belongs to a run goes `of_run`; around the run alone, within what the harness itself sets
    up for it, goes `of_state`.

    Args:
        places: where a run may leave nothing.
        patience: seconds in which what a run has told to end may end.
    """

    def __init__(self, places: Places, patience: float = PATIENCE_S) -> None:
        self._places = places
        self._patience = patience
        self._origins = Origins()
        self._left: list[Leak] = []

    @contextmanager
    def of_run(self) -> Iterator[list[Leak]]:
        """Fill the list that is yielded with what the block leaves behind, if it comes to its end."""
        self._left = []
        with adopting(), records_let_go() as let_go, noted(self._places.for_keeping) as self._origins:
            before = _Resources.now(self._places, self._origins)
            yield self._left
            self._left += self._settled(lambda: self._beyond(before), let_go)

    def _beyond(self, before: _Resources) -> list[Leak]:
        return list(_Resources.now(self._places, self._origins).beyond(before, self._places, self._origins))

    def _settled(self, look: Callable[[], list[Leak]], let_go: Callable[[], None]) -> list[Leak]:
        """What is still there after a while; at once if nothing is."""
        left = look()
        if not left:
            return left
        let_go()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
        deadline, pause = time.monotonic() + self._patience, _SHORTEST_S
        while (left := look()) and time.monotonic() < deadline:
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_S)
        if left:
            self._patience = min(self._patience, IMPATIENCE_S)
        return left

    @contextmanager
    def of_state(self) -> Iterator[None]:
        """Add to the same list what the block has changed in the state of the process, however it ends."""
        before = ProcessState.now()
        try:
            yield
        finally:
            for change in state_changes(before, ProcessState.now(), self._origins):
                self._left += _leak("state", change)


@contextmanager
def auditing(stores: Path, kept: Collection[str]) -> Iterator[Audit]:
    """An audit of the runs of one scenario, with a folder for temporary files of its own.

    Args:
        stores: the folder of the scenario's stores.
        kept: the names in there of what holds artifacts and record.
    """
    with own_temporary_folder(stores) as temporary:
        yield Audit(Places(temporary, stores, kept))
