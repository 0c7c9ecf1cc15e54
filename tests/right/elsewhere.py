"""Right orchestrators that run the steps in other processes."""

from __future__ import annotations

import logging
import logging.handlers
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from importlib import import_module
from multiprocessing.connection import Connection, wait
from typing import Any, cast

from ml_metadata.proto import metadata_store_pb2 as pb

from pytest_orchestrators import (
    PipelineDeployment,
    PipelineEntrypointConfiguration,
    Stack,
    Step,
    StepEntrypointConfiguration,
    handover,
    raise_step_error,
)
from tests.right.flavors import right, right_with
from tests.right.relying import goes_on
from tests.warns import Warns

logger = logging.getLogger(__name__)
_forking = multiprocessing.get_context("fork")


def call(command: list[str], environment: dict[str, str]) -> None:
    """Run a command to its end; raises RuntimeError with what it printed if it fails."""
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr[-2000:]}")


@right
class ProcessPerStep(Warns):
    """Every step in a process of its own, by its entrypoint."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        entrypoint = StepEntrypointConfiguration
        with handover(deployment, stack) as environment:
            for name in deployment.steps:
                arguments = entrypoint.get_entrypoint_arguments(step_name=name)
                try:
                    self.start([*entrypoint.get_entrypoint_command(), *arguments], environment)
                except RuntimeError as error:
                    raise_step_error(environment, name, otherwise=error)

    def start(self, command: list[str], environment: dict[str, str]) -> None:
        """Run the command of one step."""
        call(command, environment)


@right
class ProcessPerPipeline(Warns):
    """The whole pipeline in a process of its own, by its entrypoint."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        entrypoint = PipelineEntrypointConfiguration
        command = [*entrypoint.get_entrypoint_command(), *entrypoint.get_entrypoint_arguments()]
        with handover(deployment, stack) as environment:
            try:
                call(command, environment)
            except RuntimeError as error:
                raise_step_error(environment, "", otherwise=error)


def in_a_fork(action: Callable[[], None]) -> int:
    """Do something in a forked process and return its exit code."""
    process = _forking.Process(target=action)
    process.start()
    try:
        process.join()
    except BaseException:
        process.kill()
        process.join()
        raise
    assert process.exitcode is not None
    return process.exitcode


def tell_the_end(connection: Connection, action: Callable[[], Any]) -> None:
    """Do something, and send what it raised, or nothing."""
    try:
        action()
        connection.send(None)
    except BaseException as error:
        connection.send(error)


@right
class ForkedEntrypoint(ProcessPerStep):
    """Every step in a fork of this process, which has all modules loaded, by its entrypoint."""

    def start(self, command: list[str], environment: dict[str, str]) -> None:
        _python, _m, module, *arguments = command

        def enter() -> None:
            os.environ.update(environment)
            sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
            sys.exit(import_module(module).main(arguments))

        code = in_a_fork(enter)
        if code:
            raise RuntimeError(f"exit code {code}")


@right_with("out_of_process")
class AsksTheRecord(Warns):
    """Every step in a fork, by its entrypoint; success is what exit code and record both call one. It goes on
    when nothing is left running on the record.
    """

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        with handover(deployment, stack) as environment:
            for name, step in deployment.steps.items():
                code = in_a_fork(lambda name=name: enter_step(name, environment))
                succeeded = self.settle_step(step) and not code
                while goes_on(self, deployment):
                    time.sleep(0.05)
                if not succeeded:
                    error = RuntimeError(f"step {name} did not succeed: exit code {code}")
                    raise_step_error(environment, name, otherwise=error)


def enter_step(name: str, environment: dict[str, str]) -> None:
    """Enter a step by its entrypoint, as a new interpreter would."""
    os.environ.update(environment)
    entrypoint = StepEntrypointConfiguration
    _python, _m, module = entrypoint.get_entrypoint_command()
    sys.exit(import_module(module).main(entrypoint.get_entrypoint_arguments(step_name=name)))


@right_with("out_of_process")
class DoesNotWait(Warns):
    """Every step in a fork; one that is broken off is told to end, which takes it a moment."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        with handover(deployment, stack) as environment:
            for name in deployment.steps:
                process = _forking.Process(target=end_slowly, args=(name, environment))
                process.start()
                try:
                    process.join()
                except BaseException:
                    process.terminate()
                    threading.Thread(target=process.join, daemon=True).start()
                    raise
                if process.exitcode:
                    error = RuntimeError(f"exit code {process.exitcode}")
                    raise_step_error(environment, name, otherwise=error)


def end_slowly(name: str, environment: dict[str, str]) -> None:
    """Enter a step; when told to end, do so a moment later."""

    def end(*_: object) -> None:
        time.sleep(0.1)
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    enter_step(name, environment)


@right_with("out_of_process")
class LiveProcessPerStep(ProcessPerStep):
    """Every step in a process of its own, whose output is logged as it comes."""

    def start(self, command: list[str], environment: dict[str, str]) -> None:
        with subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    logger.info("from the step: %s", line.rstrip())
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise RuntimeError(f"exit code {process.returncode}")


@right_with("out_of_process")
class ForkPerStep(Warns):
    """Every step in a fork of this process, in the middle of the run that is active here."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        for step in deployment.steps.values():
            self._fork(step)

    def _fork(self, step: Step) -> None:
        here, there = _forking.Pipe(duplex=False)
        code = in_a_fork(partial(tell_the_end, there, partial(self.in_the_fork, step)))
        if not here.poll():
            raise RuntimeError(f"the process of step {step.config.name} ended with exit code {code}")
        error = here.recv()
        if error is not None:
            raise error

    def in_the_fork(self, step: Step) -> None:
        """What is done there."""
        self.run_step(step)


class Sends(logging.handlers.QueueHandler):
    """Sends what a log record is made of through a connection."""

    def enqueue(self, record: logging.LogRecord) -> None:
        self.queue.send(record.__dict__)  # type: ignore[union-attr]


def handle_records(connection: Connection) -> None:
    """Have the loggers of this process handle the records that come through a connection, until it ends."""
    with suppress(EOFError):
        while True:
            record = logging.makeLogRecord(connection.recv())
            logging.getLogger(record.name).handle(record)


@right_with("out_of_process")
class BringsRecordsBack(ForkPerStep):
    """Every step in a fork, whose log records are handled in this process as they come."""

    def _fork(self, step: Step) -> None:
        here, self._there = _forking.Pipe(duplex=False)
        reader = threading.Thread(target=handle_records, args=(here,))
        reader.start()
        try:
            super()._fork(step)
        finally:
            self._there.close()
            reader.join()
            here.close()

    def in_the_fork(self, step: Step) -> None:
        logging.getLogger().handlers[:] = [Sends(self._there)]  # type: ignore[arg-type]
        super().in_the_fork(step)


@right_with("out_of_process", "parallel_steps")
class EndsTheOthers(Warns):
    """Every step in a fork as soon as it is ready; when one fails, the others are ended where they are."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        waiting, done = dict(deployment.steps), set[str]()
        under_way: dict[int, tuple[str, Any, Connection]] = {}
        try:
            while waiting or under_way:
                for name in [n for n, s in waiting.items() if done.issuperset(s.spec.upstream_steps)]:
                    process, answers = self._forked(waiting.pop(name))
                    under_way[process.sentinel] = name, process, answers
                for sentinel in wait(list(under_way)):
                    name, process, answers = under_way.pop(cast(int, sentinel))
                    done.add(name)
                    self._ended(name, process, answers)
        finally:
            self.broken_off = [name for name, _, _ in under_way.values()]
            for _, process, answers in under_way.values():
                process.kill()
                process.join()
                process.close()
                answers.close()

    def _forked(self, step: Step) -> tuple[Any, Connection]:
        here, there = _forking.Pipe(duplex=False)
        process = _forking.Process(target=partial(tell_the_end, there, partial(self.run_step, step)))
        process.start()
        there.close()
        return process, here

    def _ended(self, name: str, process: Any, answers: Connection) -> None:
        process.join()
        process.close()
        try:
            error = answers.recv()
        except EOFError:
            error = RuntimeError(f"the process of step {name} ended without an answer")
        finally:
            answers.close()
        if error is not None:
            raise error


@right_with("out_of_process", "parallel_steps")
class CancelsTheOthers(EndsTheOthers):
    """Those that are ended are on the record as canceled."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        try:
            return super().prepare_or_run_pipeline(deployment, stack)
        except Exception:
            self._cancel(f"{deployment.pipeline.name}.{name}" for name in self.broken_off)
            raise

    def _cancel(self, nodes: Iterable[str]) -> None:
        store = self._require_active_run().store
        for node in nodes:
            context = store.get_context_by_type_and_name("node", node)
            executions = store.get_executions_by_context(context.id) if context else []
            running = [e for e in executions if e.last_known_state == pb.Execution.RUNNING]
            for execution in running:
                execution.last_known_state = pb.Execution.CANCELED
            if running:
                store.put_executions(running)


@right_with("out_of_process")
class PickledCopy(Warns):
    """A worker is handed a pickled copy of the orchestrator, and runs the steps with that."""

    def __getstate__(self) -> dict[str, Any]:
        return {"name": self.name, "id": self.id, "_config": self._config}

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        parcel = pickle.dumps((self, deployment, stack.to_json()))
        with ProcessPoolExecutor(1, mp_context=_forking) as pool:
            for name in deployment.steps:
                pool.submit(run_from_parcel, parcel, name).result()


def run_from_parcel(parcel: bytes, name: str) -> None:
    """Run one step, in a worker."""
    orchestrator, deployment, stack = pickle.loads(parcel)
    with orchestrator.active_run(deployment, Stack.from_json(stack)):
        orchestrator.run_step(deployment.steps[name])
