"""Wrong ways of running steps in other processes: their ends not noticed, their output lost or late."""

from __future__ import annotations

import logging
import multiprocessing
import os
import tempfile
from multiprocessing.connection import Connection
from typing import IO, Any

from pytest_orchestrators import PipelineDeployment, Stack, Step
from reference_flavors.local import LocalOrchestrator
from tests.broken.sins import sin
from tests.warns import Warns

logger = logging.getLogger(__name__)
_forking = multiprocessing.get_context("fork")
_ELSEWHERE = ("step_operator", "out_of_process")


class Forks(Warns):
    """Every step in a fork of this process. Right in itself: what is wrong is in the subclasses."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        for step in deployment.steps.values():
            here, there = _forking.Pipe(duplex=False)
            code = self.wait(_forking.Process(target=self.work, args=(step, there)))
            self.judge(step, code, here)

    def work(self, step: Step, there: Connection) -> None:
        try:
            self.run_step(step)
            there.send(None)
        except BaseException as error:
            there.send(error)

    def wait(self, process: Any) -> int:
        process.start()
        process.join()
        return int(process.exitcode)

    def judge(self, step: Step, code: int, here: Connection) -> None:
        if not here.poll():
            raise RuntimeError(f"the process of step {step.config.name} ended with exit code {code}")
        error = here.recv()
        if error is not None:
            raise error


@sin("FLR-11", capabilities=_ELSEWHERE)
class NoNewsIsGoodNews(Forks):
    """A process that ended without a word is taken for one that had nothing to complain of."""

    def judge(self, step: Step, code: int, here: Connection) -> None:
        if here.poll():
            super().judge(step, code, here)


@sin("FLR-11", capabilities=_ELSEWHERE)
class SignalsAreForgiven(Forks):
    """Only positive exit codes count: whoever was killed has not failed."""

    def judge(self, step: Step, code: int, here: Connection) -> None:
        if code >= 0:
            super().judge(step, code, here)


@sin("FLR-11", capabilities=_ELSEWHERE)
class OnlySignalsCount(Forks):
    """Exit codes are the step's own business."""

    def judge(self, step: Step, code: int, here: Connection) -> None:
        if code <= 0:
            super().judge(step, code, here)


@sin("ISO-4", capabilities=_ELSEWHERE)
class StaysHere(LocalOrchestrator):
    """Says that steps run elsewhere, and runs them here."""


@sin("ISO-4", capabilities=_ELSEWHERE)
class TheLastOneStaysHere(Forks):
    """Spares a process for the last step."""

    def wait(self, process: Any) -> int:
        step, there = process._args
        if step.config.name != list(self._active_deployment.steps)[-1]:
            return super().wait(process)
        self.work(step, there)
        return 0


class Redirected(Forks):
    """The output of a step goes to a file."""

    streams: tuple[int, ...] = (1, 2)

    def work(self, step: Step, there: Connection) -> None:
        with self.sink() as file:
            for stream in self.streams:
                os.dup2(file.fileno(), stream)
            super().work(step, there)

    def sink(self) -> IO[Any]:
        return open(os.devnull, "w")  # noqa: PTH123


@sin("LOG-2", capabilities=_ELSEWHERE)
class LosesOutput(Redirected):
    """What a step prints is thrown away."""


@sin("LOG-2", capabilities=_ELSEWHERE)
class LosesErrors(Redirected):
    """What a step prints to standard error is thrown away."""

    streams = (2,)


@sin("LOG-2", capabilities=_ELSEWHERE)
class ReportsAfterwards(Redirected):
    """What a step printed is logged when the step has ended, line by line."""

    def wait(self, process: Any) -> int:
        with tempfile.TemporaryFile("w+") as self._file:
            code = super().wait(process)
            self._file.seek(0)
            for line in self._file:
                logger.info(line.rstrip())
        return code

    def sink(self) -> IO[Any]:
        return os.fdopen(os.dup(self._file.fileno()), "w")
