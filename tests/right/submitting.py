"""Right orchestrators whose `run()` comes back before the steps are done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from pytest_orchestrators import PipelineDeployment, Stack
from tests.right.flavors import right_with
from tests.warns import Warns


class Submitted:
    """A run that goes on in a thread; `wait` comes back at its end and raises what it failed with."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._go)
        self._thread.start()

    def _go(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._error = error

    def failure(self) -> BaseException | None:
        """What it failed with, once it has ended."""
        return self._error

    def wait(self) -> None:
        """Wait for its end."""
        self._thread.join()
        if error := self.failure():
            raise error


@right_with("async_submission")
class Submits(Warns):
    """Every run goes on in a thread, on an instance of its own; what `run()` returns can be waited for."""

    def prepare_or_run_pipeline(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        self.warn(deployment)
        return self.submit(deployment, stack)

    def submit(self, deployment: PipelineDeployment, stack: Stack) -> Any:
        """Begin the run."""
        inner = type(self)(name=self.name, config=self.config)

        def work() -> None:
            with inner.active_run(deployment, stack):
                for step in deployment.steps.values():
                    inner.run_step(step)

        return Submitted(work)
