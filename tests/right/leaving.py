"""Right orchestrators that open, start and change a lot, and put everything back."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack
from tests.right.flavors import right
from tests.warns import Warns

logger = logging.getLogger(__name__)


@contextmanager
def put_back(holder: Any, name: str, value: str) -> Iterator[None]:
    """Set something in a mapping, and set it back."""
    before = holder.get(name)
    holder[name] = value
    try:
        yield
    finally:
        if before is None:
            del holder[name]
        else:
            holder[name] = before


@contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    """Go there and come back."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def handling(number: int) -> Iterator[None]:
    """Handle a signal, and have it handled as before."""
    before = signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(number, before)


@contextmanager
def logging_to(file: Path) -> Iterator[None]:
    """Have everything logged to a file too."""
    root, handler = logging.getLogger(), logging.FileHandler(file)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()


@right
class PutsEverythingBack(Warns):
    """A folder, a log file, a server, a process and state of its own for every run, all gone after it."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        with ExitStack() as around:
            folder = Path(around.enter_context(tempfile.TemporaryDirectory()))
            around.enter_context(logging_to(folder / "run.log"))
            around.enter_context(put_back(os.environ, "RUN_FOLDER", str(folder)))
            around.enter_context(in_folder(folder))
            around.enter_context(handling(signal.SIGTERM))
            around.enter_context(socket.create_server(("127.0.0.1", 0)))
            around.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore", FutureWarning)
            sys.path.append(str(folder))
            around.callback(sys.path.remove, str(folder))
            waiting = around.enter_context(subprocess.Popen(["cat"], stdin=subprocess.PIPE))
            for step in deployment.steps.values():
                self.run_step(step)
            assert waiting.poll() is None


@right
class ImportsWhenNeeded(Warns):
    """Imports a library in its first run, and tells a thread to end without waiting for it. It closes nothing
    that goes with its last reference, unless it is interrupted.
    """

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        import_module("tests.right.library").logger.info("A run begins.")
        source = Path(__file__).open()  # noqa: SIM115
        over = threading.Event()
        threading.Thread(target=over.wait, daemon=True).start()
        pool = ThreadPoolExecutor(1)
        try:
            for step in deployment.steps.values():
                source.readline()
                pool.submit(self.run_step, step).result()
        except Exception:
            logger.exception("A step has failed.")
            raise
        except KeyboardInterrupt:
            pool.shutdown()  # or the step goes on after the run
            raise
        finally:
            over.set()


@right
class InAnEventLoop(Warns):
    """An event loop for every run, and the steps in its threads."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        asyncio.run(self._run_all(deployment))

    async def _run_all(self, deployment: PipelineDeployment) -> None:
        for step in deployment.steps.values():
            ended: Future[Any] = Future()

            def run(step: Any = step, ended: Future[Any] = ended) -> None:
                try:
                    ended.set_result(self.run_step(step))
                except BaseException as error:
                    ended.set_exception(error)

            await asyncio.to_thread(run)
            # Not through the loop, which has ideas of its own about an exit or an interrupt.
            ended.result()
