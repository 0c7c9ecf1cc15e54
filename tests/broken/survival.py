"""Wrong ways of sharing stores with other processes, and of going on after one that was killed."""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from ml_metadata.proto import metadata_store_pb2 as pb

from pytest_orchestrators import PipelineDeployment, Stack, Step
from pytest_orchestrators.contract.runtime.connection import connected
from pytest_orchestrators.contract.runtime.metadata import ConnectedStore
from reference_flavors.local import LocalOrchestrator
from tests.broken.sins import sin


class WithFiles(LocalOrchestrator):
    """Keeps files of its own in the artifact store. On its own it is right."""

    _stack: Stack

    def run(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self._stack = stack
        with self.around(deployment):
            return super().run(deployment, stack)

    @property
    def folder(self) -> Path:
        """Where they are."""
        folder = Path(str(self._stack.artifact_store.local_path)) / "own files"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @contextmanager
    def around(self, deployment: PipelineDeployment) -> Iterator[None]:
        """What it does before and after a run."""
        yield

    def file_of(self, step: Step) -> Path:
        """A file for one step of this run."""
        assert self._active_deployment is not None
        names = (self._active_deployment.pipeline.name, self._active_deployment.run_name, step.config.name)
        return self.folder / sha256(repr(names).encode()).hexdigest()

    def change_running(self, state: Any) -> None:
        """Give all running executions on the record another state."""
        with connected(self._stack.metadata) as connection:
            store = ConnectedStore(connection)
            running = [e for e in store.get_executions() if e.last_known_state == pb.Execution.RUNNING]
            for execution in running:
                execution.last_known_state = state
            if running:
                store.put_executions(running)


@sin("ISO-2")
class LeavesItsLock(WithFiles):
    """A file says that it is running; who is killed leaves it there for ever."""

    @contextmanager
    def around(self, deployment: PipelineDeployment) -> Iterator[None]:
        lock = self.folder / "lock"
        lock.touch(exist_ok=False)
        try:
            yield
        finally:
            lock.unlink()


@sin("ISO-2")
class DoneWhenBegun(WithFiles):
    """Marks a step as done when it begins, and takes the mark back when it fails."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        mark = self.file_of(step)
        if mark.exists():
            return None
        mark.touch()
        try:
            return super().run_step(step, run_name)
        except BaseException:
            mark.unlink()
            raise


@sin("RUN-1")
class FolderMeansDone(WithFiles):
    """A step of this pipeline that has an output folder is done."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        assert self._active_deployment is not None
        folders = [path for path in self.folder.parent.rglob(step.config.name) if any(path.rglob("*.json"))]
        if folders and self._active_deployment.pipeline.name in str(folders[0]):
            return None
        return super().run_step(step, run_name)


@sin("ISO-2")
class ForgetsTheDead(WithFiles):
    """Takes away what tells of dead processes, and leaves their executions running."""

    @contextmanager
    def around(self, deployment: PipelineDeployment) -> Iterator[None]:
        shutil.rmtree(self.folder.parent / ".running", ignore_errors=True)
        yield


@sin("ISO-2")
class BuriesTheDeadAsComplete(WithFiles):
    """Whatever a dead process was doing is called complete, so that nothing is left running."""

    @contextmanager
    def around(self, deployment: PipelineDeployment) -> Iterator[None]:
        self.change_running(pb.Execution.COMPLETE)
        yield


@sin("ISO-2")
class SalvagesFiles(WithFiles):
    """Files of earlier attempts are brought over into the output of a step."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        info = super().run_step(step, run_name)
        for artifacts in info.output_dict.values() if info else ():
            for artifact in artifacts:
                self._salvage(Path(artifact.uri))
        return info

    @staticmethod
    def _salvage(folder: Path) -> None:
        for file in folder.parent.rglob("*.json"):
            if folder.is_dir() and not (folder / file.name).exists():
                shutil.copy(file, folder)


@sin("ISO-2")
class WaitsForTheDead(WithFiles):
    """A run name under which a run was begun is taken, also when that run is dead."""

    @contextmanager
    def around(self, deployment: PipelineDeployment) -> Iterator[None]:
        taken = self.folder / deployment.run_name
        if taken.exists():
            raise RuntimeError(f"run {deployment.run_name} is going on")
        taken.touch()
        try:
            yield
        finally:
            taken.unlink()


@sin("ISO-1")
class EmptiesTheStores(WithFiles):
    """Begins with a clean artifact store."""

    @contextmanager
    def around(self, deployment: PipelineDeployment) -> Iterator[None]:
        for path in self.folder.parent.iterdir():
            if not path.name.startswith(("journal", ".")):
                shutil.rmtree(path)
        yield


@sin("ISO-1")
class OneFileForAll(WithFiles):
    """Hands the deployment on in a file whose name is the same for everybody."""

    @contextmanager
    def around(self, deployment: PipelineDeployment) -> Iterator[None]:
        (self.folder / "deployment.json").write_text(deployment.model_dump_json(), encoding="utf-8")
        yield

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        text = (self.folder / "deployment.json").read_text(encoding="utf-8")
        handed = PipelineDeployment.model_validate_json(text)
        return super().run_step(handed.steps[step.config.name], handed.run_name)


@sin("ISO-1")
class CurrentRun(WithFiles):
    """Which run is the current one stands in a file of the stores; it is everybody's."""

    @contextmanager
    def around(self, deployment: PipelineDeployment) -> Iterator[None]:
        current = self.folder / "current run"
        current.write_text(deployment.run_name, encoding="utf-8")
        yield
        current.unlink()

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        return super().run_step(step, (self.folder / "current run").read_text(encoding="utf-8"))


@sin("ISO-1")
class AloneInTheStores(WithFiles):
    """Refuses to run where somebody else does."""

    @contextmanager
    def around(self, deployment: PipelineDeployment) -> Iterator[None]:
        with (self.folder / "alone").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RuntimeError("somebody else is using these stores") from None
            yield


@sin("ISO-1")
class TakesTheLivingForDead(WithFiles):
    """In the beginning whatever is running on the record is settled as failed, whoever runs it."""

    @contextmanager
    def around(self, deployment: PipelineDeployment) -> Iterator[None]:
        self.change_running(pb.Execution.FAILED)
        yield


@sin("RUN-1")
class ResumesAnybody(WithFiles):
    """What somebody has done under the name of a step need not be done again."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        mark = self.folder / step.config.name
        if mark.exists():
            return None
        info = super().run_step(step, run_name)
        mark.touch()
        return info


@sin("ISO-1")
class FilePerPipeline(WithFiles):
    """Each step is run from what stands in the pipeline's file."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        name = sha256(deployment.pipeline.name.encode("utf-8", "surrogatepass")).hexdigest()
        file = self.folder / f"{name}.json"
        deployment.save(file)
        for name, step in deployment.steps.items():
            self.warn_resources_ignored(step)
            handed = PipelineDeployment.load(file)
            self.run_step(handed.steps[name], handed.run_name)


@sin("ISO-2")
class RecoversOnePipeline(WithFiles):
    """Writes down what it begins, and settles what dead processes had begun."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn_schedule_ignored(deployment)
        self._recover(deployment)
        file = self.folder / f"{uuid4().hex}.steps"
        with file.open("w", encoding="ascii") as begun:
            fcntl.flock(begun, fcntl.LOCK_EX)
            try:
                for name, step in deployment.steps.items():
                    self.warn_resources_ignored(step)
                    print(json.dumps(name), file=begun, flush=True)
                    self.run_step(step)
            finally:
                file.unlink(missing_ok=True)

    def _recover(self, deployment: PipelineDeployment) -> None:
        """Settle the steps that processes which are dead by now had begun."""
        for file in self.folder.glob("*.steps"):
            with contextlib.suppress(FileNotFoundError), file.open(encoding="ascii") as begun:
                try:
                    fcntl.flock(begun, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue  # somebody is at it
                for line in begun:
                    self.settle_step(deployment.steps[json.loads(line)])  # of whichever pipeline it was
                file.unlink(missing_ok=True)
