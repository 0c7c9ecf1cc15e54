"""The vigil over worker processes: one that works on an item and gives no sign of life is ended."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psutil

#: Seconds after which a worker that gives no sign of life is ended.
SILENCE_S = 300.0
#: Seconds between two signs of life, and between two looks for them.
_PULSE_S = 1.0


class Presence:
    """What a worker process shows of itself while it works on an item.

    Args:
        folder: the one that all processes share.
    """

    def __init__(self, folder: Path) -> None:
        # A process id may be another's by the time that somebody looks.
        self._file = folder / f"worker {os.getpid()} {psutil.Process().create_time()}"

    def __enter__(self) -> None:
        self.show()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._file.unlink(missing_ok=True)

    def show(self) -> None:
        """Give a sign of life."""
        self._file.touch()


class Vigil:
    """Ends workers that are silent; their items are not run, which the verdict shows.

    Args:
        folder: the one that all processes share.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[Path, tuple[int, float]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="vigil over workers", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._over.wait(_PULSE_S):
            for file in self._folder.glob("worker *"):
                with suppress(FileNotFoundError):  # it has come to the end of its item meanwhile
                    if self._silence(file) > SILENCE_S:
                        file.unlink()
                        _end(file)

    def _silence(self, file: Path) -> float:
        """Seconds since the file was last seen to be touched."""
        touched, now = file.stat().st_mtime_ns, time.monotonic()
        before = self._seen.get(file)
        if before is None or before[0] != touched:
            self._seen[file] = before = (touched, now)
        return now - before[1]


def _end(file: Path) -> None:
    _, pid, created = file.name.split()
    with suppress(psutil.NoSuchProcess):
        worker = psutil.Process(int(pid))
        if str(worker.create_time()) == created:
            worker.kill()
