"""The scene of a history: stores, an eye on everything around them, and the time there is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pytest_orchestrators.suite.attempting import Attempts, Limits
from pytest_orchestrators.suite.family import Workspace
from pytest_orchestrators.suite.neighbour import Side
from pytest_orchestrators.suite.observers.leaks import Audit, auditing
from pytest_orchestrators.suite.observers.secrets import planted
from pytest_orchestrators.suite.sandbox import Sandbox
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.surroundings import Containers, watched_containers


@dataclass(frozen=True)
class Scene:
    """Everything that a history needs.

    Attributes:
        subject: who is looked at.
        root: folder of the stores.
        workspace: the stores.
        attempts: calls `run()` within the time there is.
        secrets: what steps must not see.
        containers: the eye on containers.
        audit: the eye on what is left behind.
        side: the side of this process, where another one goes on beside it.
        sandbox: what is around the stores, where names may lead out of them.
    """

    subject: Subject
    root: Path
    workspace: Workspace
    attempts: Attempts
    secrets: Mapping[str, str]
    containers: Containers
    audit: Audit
    side: Side | None
    sandbox: Sandbox | None

    def escaped(self) -> tuple[str, ...]:
        """What was written or removed outside the stores since the last call."""
        return self.sandbox.escaped() if self.sandbox else ()


@contextmanager
def set_scene(
    subject: Subject, root: Path, limits: Limits, side: Side | None, beside: str, sandbox: Sandbox | None
) -> Iterator[Scene]:
    """Put everything up, and take it away again when the block ends."""
    with ExitStack() as around:
        secrets = around.enter_context(planted())
        opened = subject.family.open(subject.flavor, subject.config, root, beside)
        workspace = around.enter_context(opened)
        # On stores of two processes nobody can tell which containers are whose: none must be removed.
        wanted = "containers" in subject.profile and not (side and side.same_stores)
        waits = workspace.waitable or "async_submission" in subject.profile
        deadline = time.monotonic() + limits.seconds
        wait = workspace.wait if waits else None
        audit = around.enter_context(auditing(root, workspace.kept))
        yield Scene(
            subject=subject,
            root=root,
            workspace=workspace,
            attempts=Attempts(workspace.root, limits, deadline, subject.family.missing, audit, wait),
            secrets=secrets,
            containers=around.enter_context(watched_containers(wanted, workspace, root)),
            audit=audit,
            side=side,
            sandbox=sandbox,
        )
