"""How a process finds its stack and its stores: through the environment, else in a folder of the user's."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from uuid import NAMESPACE_URL, uuid5

from pytest_orchestrators.contract.errors import SessionError

if TYPE_CHECKING:
    from pytest_orchestrators.contract.stack.metadata import MetadataStoreConfig
    from pytest_orchestrators.contract.stack.stack import Stack

ENV_LOCAL_STORES_PATH = "PYTEST_ORCHESTRATORS_STORES"
ENV_STACK_FILE = "PYTEST_ORCHESTRATORS_STACK"
FLAVOR_ENTRY_POINTS = "pytest_orchestrators.flavors"
_DEFAULT_FLAVOR = "local"


class GlobalConfiguration:
    """What holds for a whole process. It is read from the environment every time, so nothing can be stale."""

    @property
    def local_stores_path(self) -> Path:
        """The folder for all that is kept on this host; it may not exist yet.

        The environment variable ``PYTEST_ORCHESTRATORS_STORES`` names it, else it is with the user's data.
        """
        named = os.environ.get(ENV_LOCAL_STORES_PATH)
        path = Path(named) if named else _user_data_folder() / "pytest-orchestrators"
        return path.expanduser().absolute()


def _user_data_folder() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


class Client:
    """A process's way to its active stack.

    In order: the stack activated in this process; the file that ``PYTEST_ORCHESTRATORS_STACK`` names; the
    file ``stack.json`` in the local stores folder; a default stack on the ``local`` flavor.
    """

    _activated: ClassVar[Stack | None] = None

    @property
    def stack_file(self) -> Path:
        """The file that the active stack is kept in between processes."""
        named = os.environ.get(ENV_STACK_FILE)
        return Path(named) if named else GlobalConfiguration().local_stores_path / "stack.json"

    @property
    def active_stack(self) -> Stack:
        """The active stack. Raises SessionError if the environment names a stack file that is not there."""
        if Client._activated is not None:
            return Client._activated
        from pytest_orchestrators.contract.stack.stack import Stack

        if self.stack_file.exists():
            return Stack.load(self.stack_file)
        if os.environ.get(ENV_STACK_FILE):
            raise SessionError(f"{ENV_STACK_FILE} names '{self.stack_file}', and there is no such file.")
        return _default_stack()

    @property
    def metadata_config(self) -> MetadataStoreConfig:
        """Where the active stack keeps the record of its runs."""
        return self.active_stack.metadata

    def activate_stack(self, stack: Stack) -> None:
        """Make ``stack`` the active one, in this process and, through `stack_file`, in later ones."""
        stack.save(self.stack_file)
        Client._activated = stack

    @contextmanager
    def temporary_stack(self, stack: Stack) -> Iterator[Stack]:
        """Make ``stack`` the active one in this process until the context ends. Nothing is written."""
        before, Client._activated = Client._activated, stack
        try:
            yield stack
        finally:
            Client._activated = before

    def forget_activated_stack(self) -> None:
        """Go back to what environment and files say."""
        Client._activated = None


def _default_stack() -> Stack:
    from pytest_orchestrators.contract.stack.artifact_store import LocalArtifactStore
    from pytest_orchestrators.contract.stack.metadata import SqliteMetadataConfig
    from pytest_orchestrators.contract.stack.stack import Stack

    flavors = entry_points(group=FLAVOR_ENTRY_POINTS, name=_DEFAULT_FLAVOR)
    if not flavors:
        raise SessionError(
            f"No stack is active, and no installed distribution offers the flavor {_DEFAULT_FLAVOR!r} for a "
            "default one: activate a stack with `Client().activate_stack(...)`."
        )
    stores = GlobalConfiguration().local_stores_path
    return Stack(
        name="default",
        orchestrator=next(iter(flavors)).load()().create(),
        artifact_store=LocalArtifactStore.at(stores / "artifacts"),
        metadata=SqliteMetadataConfig(path=stores / "metadata.db"),
        id=uuid5(NAMESPACE_URL, stores.as_uri()),
    )
