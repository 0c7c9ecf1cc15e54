"""Wrong ways of leaving: what lies about after a run, outside of the artifact store."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack, Step
from reference_flavors.local import LocalOrchestrator
from tests.broken.leaking import KeepsAfterInterrupt, Leaves
from tests.broken.sins import sin


@sin("CLN-7")
class ScratchFolder(Leaves):
    """A folder for temporary files is made for every run and never removed."""

    def leave(self) -> None:
        tempfile.mkdtemp(prefix="scratch-")


@sin("CLN-7")
class FileAfterFailure(LocalOrchestrator):
    """A temporary file is removed when the step has succeeded."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        descriptor, path = tempfile.mkstemp()
        os.close(descriptor)
        result = super().run_step(step, run_name)
        Path(path).unlink()
        return result


@sin("CLN-7")
class FolderByAnotherName(LocalOrchestrator):
    """Makes a folder under what a run's name comes to in a file system, and removes one of the run's name."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        folder, name = Path(tempfile.gettempdir()), f"run-{deployment.run_name}"
        (folder / re.sub(r"[^A-Za-z0-9_.-]", "_", name)).mkdir()
        try:
            return super().prepare_or_run_pipeline(deployment, stack)
        finally:
            shutil.rmtree(folder / name, ignore_errors=True)


@sin("CLN-7")
class FolderAfterInterrupt(KeepsAfterInterrupt):
    """A temporary folder is removed after every success and every `Exception`; an interrupt is none."""

    def take(self) -> str:
        return tempfile.mkdtemp()

    def give_back(self, taken: str) -> None:
        shutil.rmtree(taken)


@sin("CLN-7")
class LittersTheStores(LocalOrchestrator):
    """The deployment of every run is written beside the artifacts, for whoever wants to read it."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        name = f"deployment of {deployment.run_name}.json"
        deployment.save(Path(os.environ["PYTEST_ORCHESTRATORS_STORES"]) / name)
        return super().prepare_or_run_pipeline(deployment, stack)


@sin("CLN-7")
class CopiesTheRecord(LocalOrchestrator):
    """A copy of the record is made before every run, in case that it is needed."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        record = Path(os.environ["PYTEST_ORCHESTRATORS_STORES"]) / "metadata.db"
        shutil.copy(record, record.with_name(f"metadata.db-{deployment.run_name}"))
        return super().prepare_or_run_pipeline(deployment, stack)


@sin("CLN-7")
class NamesTheFolder(Leaves):
    """Writes into the system's folder for temporary files, whatever the environment says."""

    def leave(self) -> None:
        path = Path(f"/var/tmp/orchestrator-{os.getpid()}-{id(self)}.json")
        path.write_text("{}")
        atexit.register(path.unlink, missing_ok=True)
