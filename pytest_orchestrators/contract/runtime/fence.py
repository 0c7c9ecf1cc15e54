"""A fence around each step of a run, held by the process that launches it and gone with that process.

The fence is a lock on a file. The kernel gives it back when its holder dies, however that happens: whoever
gets the lock of a file that was left behind has the proof that nobody runs that step any more.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_orchestrators.contract.errors import StepInProgressError
from pytest_orchestrators.contract.runtime.identity import StepRunIdentity

_FOLDER = ".running"
_SUFFIX = ".lock"
# Long enough for whoever is clearing up after the fence's dead holder.
_PATIENCE_S, _POLL_S = 1.0, 0.02


class Fence:
    """A fence that is held."""

    def __init__(self) -> None:
        self.left_behind = False

    def leave_behind(self) -> None:
        """Give up the lock in the end, but not the file: the step is still to be settled."""
        self.left_behind = True


@contextmanager
def fenced(store_folder: Path, identity: StepRunIdentity) -> Iterator[Fence]:
    """Be the only one, among threads and processes on this artifact store, to launch this step of this run.

    Raises StepInProgressError if somebody else is.
    """
    fence = Fence()
    folder = store_folder / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{identity.digest}{_SUFFIX}"
    deadline = time.monotonic() + _PATIENCE_S
    while (descriptor := _lock(path, os.O_RDWR | os.O_CREAT)) is None:
        if time.monotonic() > deadline:
            raise StepInProgressError(
                f"The {identity} is being executed already: wait for it, or choose another run name."
            )
        time.sleep(_POLL_S)
    try:
        yield fence
    finally:
        if fence.left_behind:
            os.close(descriptor)
        else:
            _remove(path, descriptor)


def clear_abandoned(store_folder: Path, settle: Callable[[str], bool]) -> None:
    """Take away the fences whose holders have died, or have left them behind.

    ``settle`` is called for each of them, while it is held, with the digest of its step's identity. The fence
    stays where it does not return true.
    """
    for path in (store_folder / _FOLDER).glob(f"*{_SUFFIX}"):
        descriptor = _lock(path, os.O_RDWR)
        if descriptor is not None:
            try:
                settled = settle(path.name.removesuffix(_SUFFIX))
            except BaseException:
                os.close(descriptor)
                raise
            if settled:
                _remove(path, descriptor)
            else:
                os.close(descriptor)


def wait_until_free(store_folder: Path, digests: Iterable[str]) -> None:
    """Wait a moment for the holders of these fences, who are about to let go of them or to die."""
    deadline = time.monotonic() + _PATIENCE_S
    for digest in digests:
        path = store_folder / _FOLDER / f"{digest}{_SUFFIX}"
        while _is_held(path) and time.monotonic() < deadline:
            time.sleep(_POLL_S)


def _is_held(path: Path) -> bool:
    if not path.exists():
        return False
    descriptor = _lock(path, os.O_RDWR)
    if descriptor is None:
        return path.exists()
    os.close(descriptor)
    return False


def _lock(path: Path, flags: int) -> int | None:
    """Open and lock the file that ``path`` names; None if it is locked, gone, or being taken away."""
    try:
        descriptor = os.open(path, flags | os.O_CLOEXEC, 0o666)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The last holder may have removed the file after it was opened here.
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None


def _remove(path: Path, descriptor: int) -> None:
    path.unlink(missing_ok=True)
    os.close(descriptor)
