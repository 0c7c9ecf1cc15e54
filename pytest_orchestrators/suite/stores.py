"""A folder for the stores of what is judged."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary_stores(parent: Path | None = None) -> Iterator[Path]:
    """An empty folder, removed when the block ends.

    What cannot be removed stays: a wrong flavor may have filled it with files of another user, which a
    requirement has to say, and not an error of the cleaning up.
    """
    folder = Path(tempfile.mkdtemp(prefix="pytest-orchestrators-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
