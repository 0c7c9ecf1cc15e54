"""Wrong ways of leaving: what goes on, stays open, is changed or lies about after a run."""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pydantic.warnings import PydanticDeprecationWarning

from pytest_orchestrators import PipelineDeployment, Stack, Step
from reference_flavors.local import LocalOrchestrator
from tests.broken.sins import sin

#: Seconds that what is left behind goes on: longer than it is waited for, and not for ever.
LONG = 30.0
logger = logging.getLogger(__name__)


class Leaves(LocalOrchestrator):
    """Does something before the first step of every run. On its own it is right."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.leave()
        return super().prepare_or_run_pipeline(deployment, stack)

    def leave(self) -> None:
        """Do it."""


class Keeps(Leaves):
    """Keeps something open for good. On its own it is right."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._kept: list[Any] = []

    def leave(self) -> None:
        self._kept.append(self.open())

    def open(self) -> Any:
        """Open it."""


@sin("CLN-5")
class Heartbeat(Leaves):
    """A daemon thread goes on after the run."""

    def leave(self) -> None:
        threading.Thread(target=threading.Event().wait, args=(LONG,), name="heartbeat", daemon=True).start()


@sin("CLN-5")
class PoolForGood(Keeps):
    """A pool of threads is made in the first run, used by all, and never shut down."""

    def open(self) -> Any:
        pool = self._kept[0] if self._kept else ThreadPoolExecutor(1)
        pool.submit(os.getpid).result()
        return pool


@sin("CLN-5")
class PoolOfProcesses(Keeps):
    """A pool of processes is never closed."""

    def open(self) -> Any:
        if self._kept:
            return self._kept[0]
        pool = multiprocessing.get_context("fork").Pool(1)
        atexit.register(pool.terminate)
        return pool


@sin("CLN-5")
class ChildGoesOn(Leaves):
    """A child process is started and forgotten."""

    def leave(self) -> None:
        subprocess.Popen(["sleep", str(LONG)])


@sin("CLN-5")
class NeverWaits(Keeps):
    """A child process ends, and nobody waits for it."""

    def open(self) -> Any:
        ended = subprocess.Popen(["true"], stdout=subprocess.PIPE)
        assert ended.stdout is not None
        ended.stdout.read()
        ended.stdout.close()
        return ended


@sin("CLN-5")
class Daemon(Leaves):
    """A process forks twice, so that nobody is the daemon's parent."""

    def leave(self) -> None:
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
            return
        os.setsid()
        if os.fork() == 0:
            os.execvp("sleep", ["sleep", str(LONG)])
        os._exit(0)


@sin("CLN-5")
class OpenLog(Keeps):
    """A file is opened in every run, and closed in none."""

    def open(self) -> Any:
        return Path(__file__).open()


@sin("CLN-5")
class Listens(Keeps):
    """A socket listens for workers that have long gone."""

    def open(self) -> Any:
        return socket.create_server(("127.0.0.1", 0))


@sin("CLN-5")
class OpenPipe(Leaves):
    """Both ends of a pipe stay open."""

    def leave(self) -> None:
        os.pipe()


@sin("CLN-5")
class OpenAfterFailure(LocalOrchestrator):
    """A file is closed when the step has succeeded."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        lock = os.open(__file__, os.O_RDONLY)
        result = super().run_step(step, run_name)
        os.close(lock)
        return result


@sin("CLN-5")
class OpenAfterInterrupt(LocalOrchestrator):
    """A file is closed after every success and every `Exception`; an interrupt is none."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        lock = os.open(__file__, os.O_RDONLY)
        try:
            result = super().run_step(step, run_name)
        except (Exception, SystemExit):
            os.close(lock)
            raise
        os.close(lock)
        return result


@sin("CLN-6")
class ChangesFolder(Leaves):
    """Goes to the root of the file system, as daemons do."""

    def leave(self) -> None:
        os.chdir("/")


@sin("CLN-6")
class SetsVariable(LocalOrchestrator):
    """Tells the steps by the environment how the run is called."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        os.environ["RUN_NAME"] = deployment.run_name
        return super().prepare_or_run_pipeline(deployment, stack)


@sin("CLN-6")
class ChangesVariable(Leaves):
    """Every run makes the path of programs longer."""

    def leave(self) -> None:
        os.environ["PATH"] += os.pathsep + "/opt/tools"


@sin("CLN-6")
class RemovesVariable(Leaves):
    """Takes a variable away that steps should not see."""

    def leave(self) -> None:
        os.environ.pop("HOME", None)


@sin("CLN-6")
class ImportsFromHere(Leaves):
    """Makes the current folder importable, again and again."""

    def leave(self) -> None:
        sys.path.insert(0, str(Path.cwd()))


@sin("CLN-6")
class HandlesTermination(Leaves):
    """A handler for SIGTERM that belongs to the run."""

    def leave(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: None)


@sin("CLN-6")
class IgnoresInterrupts(Leaves):
    """Ctrl-C is ignored from now on."""

    def leave(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@sin("CLN-6")
class HandlesAlarms(Leaves):
    """A handler for its own timeouts."""

    def leave(self) -> None:
        signal.signal(signal.SIGALRM, lambda *_: None)


@sin("CLN-6")
class HandlerOfTheRoot(Leaves):
    """Every run adds a handler to the root logger, so that lines come twice, then three times."""

    def leave(self) -> None:
        logging.getLogger().addHandler(logging.NullHandler())


@sin("CLN-6")
class HandlerPerRun(LocalOrchestrator):
    """Every run gets a logger of its own, with a handler that is never taken away."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        logging.getLogger(f"runs.{deployment.run_name}").addHandler(logging.StreamHandler())
        return super().prepare_or_run_pipeline(deployment, stack)


@sin("CLN-6")
class LevelOfTheRoot(Leaves):
    """Everything is logged from now on, by everybody."""

    def leave(self) -> None:
        logging.getLogger().setLevel(logging.DEBUG)


@sin("CLN-6")
class SilencesALogger(Leaves):
    """Switches another's logger off, as `disable_existing_loggers` does."""

    def leave(self) -> None:
        logging.getLogger("asyncio").disabled = True


@sin("CLN-6")
class CutsALoggerOff(Leaves):
    """What a logger says goes no further."""

    def leave(self) -> None:
        logger.propagate = False


@sin("CLN-6")
class SilencesWarnings(Leaves):
    """Nobody sees any warning from now on."""

    def leave(self) -> None:
        warnings.simplefilter("ignore", FutureWarning)


@sin("CLN-6")
class SilencedAfterFailure(LocalOrchestrator):
    """The level of a logger is put back when all steps have succeeded."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        noisy = logging.getLogger("asyncio")
        before = noisy.level
        noisy.setLevel(logging.ERROR)
        super().prepare_or_run_pipeline(deployment, stack)
        noisy.setLevel(before)


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
class FolderAfterInterrupt(LocalOrchestrator):
    """A temporary folder is removed after every success and every `Exception`; an interrupt is none."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        folder = tempfile.mkdtemp()
        try:
            result = super().run_step(step, run_name)
        except (Exception, SystemExit):
            shutil.rmtree(folder)
            raise
        shutil.rmtree(folder)
        return result


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


@sin("CLN-6")
class SilencesALibrary(LocalOrchestrator):
    """Nobody wants to read these in the log of a pipeline."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        warnings.simplefilter("ignore", PydanticDeprecationWarning)
        return super().prepare_or_run_pipeline(deployment, stack)


@sin("CLN-5")
class TimerOfTheSchedule(LocalOrchestrator):
    """A pipeline that is to be run every hour leaves a timer behind for the next hour."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        interval = deployment.schedule.interval_second if deployment.schedule else None
        if interval:
            timer = threading.Timer(interval.total_seconds(), logger.info, ("it is time",))
            timer.daemon = True
            timer.start()
        return super().prepare_or_run_pipeline(deployment, stack)
