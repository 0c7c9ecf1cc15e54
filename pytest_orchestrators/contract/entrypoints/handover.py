"""How a deployment and a stack reach the process of a step: as files, found through the environment."""

from __future__ import annotations

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
from pytest_orchestrators.contract.session import ENV_LOCAL_STORES_PATH, ENV_STACK_FILE, GlobalConfiguration
from pytest_orchestrators.contract.stack.stack import Stack

ENV_HANDOVER = "PYTEST_ORCHESTRATORS_HANDOVER"
_DEPLOYMENT_FILE, _STACK_FILE, _IMPORTS_FILE = "deployment.json", "stack.json", "imports.json"


@contextmanager
def handover(deployment: PipelineDeployment, stack: Stack) -> Iterator[dict[str, str]]:
    """Lay deployment and stack ready under the local stores folder; yield the environment that tells where.

    The variables have to reach every process that uses an entrypoint, and the local stores folder has to be
    there under the same path. The files, which hold the stack's secrets, can be read by this user only, and
    are removed at the end. Where this process imports from is handed over as well.
    """
    stores = GlobalConfiguration().local_stores_path
    stores.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=stores, prefix="handover-"))
    try:
        deployment.save(folder / _DEPLOYMENT_FILE)
        stack.save(folder / _STACK_FILE)
        imports = [str(Path(entry).absolute()) for entry in sys.path]
        (folder / _IMPORTS_FILE).write_text(json.dumps(imports))
        yield {
            ENV_LOCAL_STORES_PATH: str(stores),
            ENV_STACK_FILE: str(folder / _STACK_FILE),
            ENV_HANDOVER: str(folder),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
    """Import from where the orchestrating process does, as far as those folders are here."""
    for entry in json.loads((handover_folder() / _IMPORTS_FILE).read_text()):
        if entry not in sys.path and Path(entry).exists():
            sys.path.append(entry)


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
