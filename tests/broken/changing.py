"""Wrong ways of leaving: what of the process is another after a run than before it."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import warnings
from asyncio.log import logger as noisy
from pathlib import Path
from typing import Any

from pydantic.warnings import PydanticDeprecationWarning

from pytest_orchestrators import PipelineDeployment, Stack, Step
from reference_flavors.local import LocalOrchestrator
from tests.broken.leaking import Leaves
from tests.broken.sins import sin

logger = logging.getLogger(__name__)


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
class PutsTheDefaultBack(LocalOrchestrator):
    """What SIGTERM did before the run is taken for what it does by default."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        try:
            return super().prepare_or_run_pipeline(deployment, stack)
        finally:
            if in_main:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)


@sin("CLN-6")
class UsualInterrupts(LocalOrchestrator):
    """Ctrl-C waits for the end of a step, and does what it usually does after the run."""

    def run_step(self, step: Step, run_name: str | None = None) -> Any:
        if threading.current_thread() is not threading.main_thread():
            return super().run_step(step, run_name)
        pressed: list[int] = []
        signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
        try:
            return super().run_step(step, run_name)
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if pressed:
                raise KeyboardInterrupt


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
        before = noisy.level
        noisy.setLevel(logging.ERROR)
        super().prepare_or_run_pipeline(deployment, stack)
        noisy.setLevel(before)


@sin("CLN-6")
class SilencesALibrary(LocalOrchestrator):
    """Nobody wants to read these in the log of a pipeline."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        warnings.simplefilter("ignore", PydanticDeprecationWarning)
        return super().prepare_or_run_pipeline(deployment, stack)
