"""Runs while something is wrong with the record store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_orchestrators.suite.evidence import TroubleEvidence
from pytest_orchestrators.suite.family import Workspace
from pytest_orchestrators.suite.history import Run

#: Seconds within which a run has to give up a record store that is to be given up after one.
TROUBLE_S = 20.0


@contextmanager
def troubled(workspace: Workspace, action: Run) -> Iterator[TroubleEvidence | None]:
    """Make what is to be wrong with the record store so until the block ends."""
    if action.trouble is None:
        yield None
        return
    with workspace.trouble(action.trouble) as evidence:
        yield evidence
