"""How a deployment and a stack reach the process of a step: as files, found through the environment."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_orchestrators.contract.deployment.pipeline import PipelineDeployment
from pytest_orchestrators.contract.errors import SessionError
from pytest_orchestrators.contract.files import read_file
from pytest_orchestrators.contract.session import ENV_LOCAL_STORES_PATH, ENV_STACK_FILE, GlobalConfiguration
from pytest_orchestrators.contract.stack.stack import Stack

ENV_HANDOVER = "PYTEST_ORCHESTRATORS_HANDOVER"
_PREFIX = "handover-"
_DEPLOYMENT_FILE, _STACK_FILE, _IMPORTS_FILE = "deployment.json", "stack.json", "imports.json"


@contextmanager
def handover(deployment: PipelineDeployment, stack: Stack) -> Iterator[dict[str, str]]:
    """Lay deployment and stack ready under the local stores folder; yield the environment that tells where.

    The variables have to reach every process that uses an entrypoint, and the local stores folder has to be
    there under the same path. The files, which hold the stack's secrets, can be read by this user only, and
    are removed at the end, or, if this process is killed, by the next that hands over here. Where this
    process imports from is handed over as well.
    """
    stores = GlobalConfiguration().local_stores_path
    stores.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(stores)
    with _held_folder(stores) as folder:
        deployment.save(folder / _DEPLOYMENT_FILE)
        stack.save(folder / _STACK_FILE)
        imports = [str(Path(entry).absolute()) for entry in sys.path]
        (folder / _IMPORTS_FILE).write_text(json.dumps(imports))
        yield {
            ENV_LOCAL_STORES_PATH: str(stores),
            ENV_STACK_FILE: str(folder / _STACK_FILE),
            ENV_HANDOVER: str(folder),
        }


@contextmanager
def _held_folder(stores: Path) -> Iterator[Path]:
    """Make a folder, and hold a lock on it, which goes with this process, until it is removed again."""
    unnamed = Path(tempfile.mkdtemp(dir=stores, prefix=".handover-"))
    folder = stores / f"{_PREFIX}{unnamed.name.rpartition('-')[2]}"
    descriptor = os.open(unnamed, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Others look at folders of this name only, so that none of them can see it before it is locked.
        unnamed.rename(folder)
        yield folder
    finally:
        shutil.rmtree(unnamed, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _remove_abandoned(stores: Path) -> None:
    """Remove what processes have left that were killed: folders whose lock nobody holds."""
    for folder in stores.glob(f"{_PREFIX}*"):
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:  # gone, or somebody else's
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(descriptor)


def handover_folder() -> Path:
    """Return the folder that was handed to this process. Raises SessionError if there is none."""
    named = os.environ.get(ENV_HANDOVER)
    if not named:
        raise SessionError(
            f"{ENV_HANDOVER} is not set: start entrypoints with the environment that `handover` yields."
        )
    if not Path(named).is_dir():
        raise SessionError(f"{ENV_HANDOVER} names '{named}', which is not here: is it mounted?")
    return Path(named)


def receive_imports() -> None:
    """Import from where the orchestrating process does, as far as those folders are here and can be read.

    Raises SessionError if nothing was handed to this process, or not the list of these folders.
    """
    file = handover_folder() / _IMPORTS_FILE
    try:
        entries = json.loads(read_file(file, "imports", SessionError))
    except (ValueError, RecursionError) as error:
        raise SessionError(f"The imports file '{file}' does not hold JSON: {error}") from error
    if not isinstance(entries, list) or not all(map(_is_path, entries)):
        raise SessionError(f"The imports file '{file}' does not hold a list of folders: hand over anew.")
    for entry in entries:
        if entry not in sys.path and os.access(entry, os.R_OK):
            sys.path.append(entry)


def _is_path(found: object) -> bool:
    """Whether the system can be asked for it: no NUL, and nothing that it has no bytes for."""
    try:
        return isinstance(found, str) and b"\0" not in os.fsencode(found)
    except UnicodeEncodeError:
        return False


def receive_deployment() -> PipelineDeployment:
    """Return the deployment that was handed to this process. Raises what `receive` raises."""
    return PipelineDeployment.load(handover_folder() / _DEPLOYMENT_FILE)


def receive() -> tuple[PipelineDeployment, Stack]:
    """Return the deployment and the stack that were handed to this process.

    Raises SessionError if nothing was, or if the stack's record cannot be reached from this process;
    DeploymentError or StackError for files that cannot be read.
    """
    stack = Stack.load(handover_folder() / _STACK_FILE)
    if stack.metadata.in_process_only:
        raise SessionError(
            f"The {stack.metadata.location} cannot be seen by other processes: "
            "give the stack a metadata store on disk or on a server."
        )
    return receive_deployment(), stack
