"""Wrong ways of leaving: what goes on or stays open after a run."""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import os
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

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


class KeepsAfterInterrupt(LocalOrchestrator):
    """Takes something for every step, and gives it back where the step is not interrupted."""

    def take(self) -> Any:
        """Take it."""
        raise NotImplementedError

    def give_back(self, taken: Any) -> None:
        """Give it back."""
        raise NotImplementedError

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        taken = self.take()
        try:
            result = super().run_step(step, run_name)
        except (Exception, SystemExit):
            self.give_back(taken)
            raise
        self.give_back(taken)
        return result


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
class WatchesOverOperators(LocalOrchestrator):
    """The timer that watches over a step with an operator is only canceled where that step has ended well."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if step.config.step_operator is None:
            return super().run_step(step, run_name)
        late = threading.Timer(LONG, logger.warning, ("%s has been away for long", step.config.name))
        late.daemon = True
        late.start()
        info = super().run_step(step, run_name)
        late.cancel()
        late.join()
        return info


@sin("CLN-5")
class OpenAfterInterrupt(KeepsAfterInterrupt):
    """A file is closed after every success and every `Exception`; an interrupt is none."""

    def take(self) -> int:
        return os.open(__file__, os.O_RDONLY)

    def give_back(self, taken: int) -> None:
        os.close(taken)


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
