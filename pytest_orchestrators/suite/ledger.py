"""A ledger: a folder in which processes agree on who does what, exactly once, and leave what came of it."""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import suppress
from pathlib import Path


class Ledger:
    """Claims, answers and places to work, for all processes that share the folder.

    A claim is a file that only one process can make, locked for as long as that process lives. One that is
    locked by nobody and has no answer is that of a process which died.

    Args:
        folder: the folder; made if it is not there.
        places: how many pieces of work may go on at once, counted over all processes.
    """

    def __init__(self, folder: Path, places: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._places = places
        self._held: dict[str, int] = {}

    def claim(self, name: str) -> bool:
        """Claim a piece of work for this process; false if anybody did before."""
        descriptor, draft = tempfile.mkstemp(dir=self.folder)
        # Locked before it is there to be seen, or it would look abandoned for a moment.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if not self._publish(Path(draft), self._claim(name)):
            os.close(descriptor)
            return False
        self._held[name] = descriptor
        return True

    def claimed(self, name: str) -> bool:
        """Whether anybody has claimed it."""
        return self._claim(name).exists()

    def abandoned(self, name: str) -> bool:
        """Whether the process that claimed it has died and left no answer."""
        if name in self._held or not self.claimed(name) or self._locked(self._claim(name)):
            return False
        return self.answer(name) is None

    def enter(self, name: str, answer: str) -> None:
        """Leave an answer for everybody, and let go of the claim; of several answers the first one counts."""
        descriptor, draft = tempfile.mkstemp(dir=self.folder)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(answer)
        self._publish(Path(draft), self._answer(name))
        self._let_go(name)

    def answer(self, name: str) -> str | None:
        """What came of it; none if nothing has yet."""
        try:
            return self._answer(name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def take_place(self) -> str | None:
        """A place to work in, to be given back; none if all are taken."""
        for number in range(self._places):
            name = f"place {number}"
            if name in self._held:
                continue
            descriptor = os.open(self.folder / name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC)
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._held[name] = descriptor
                return name
            os.close(descriptor)
        return None

    def give_back(self, place: str) -> None:
        """Let somebody else have the place."""
        self._let_go(place)

    def disown(self) -> None:
        """In a forked child: leave to the parent what it holds, so that it is free when the parent dies."""
        for descriptor in self._held.values():
            os.close(descriptor)
        self._held.clear()

    def close(self) -> None:
        """Let go of everything."""
        for name in list(self._held):
            self._let_go(name)

    def _let_go(self, name: str) -> None:
        descriptor = self._held.pop(name, None)
        if descriptor is not None:
            # Children that were forked meanwhile may have it still: closing it alone would not unlock.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)

    def _claim(self, name: str) -> Path:
        return self.folder / f"{name}.claim"

    def _answer(self, name: str) -> Path:
        return self.folder / f"{name}.answer"

    @staticmethod
    def _publish(draft: Path, name: Path) -> bool:
        """Give a file its name at once and whole; false if there is one of that name."""
        try:
            os.link(draft, name)
            return True
        except FileExistsError:
            return False
        finally:
            draft.unlink()

    @staticmethod
    def _locked(file: Path) -> bool:
        descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
