"""What is put around the runs of a scenario: ears, a way to be interrupted, an eye on containers."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pytest_orchestrators.probes import control, questions
from pytest_orchestrators.suite.evidence import ContainersEvidence, LogLine
from pytest_orchestrators.suite.family import Workspace
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.observers.belongings import foreign_files
from pytest_orchestrators.suite.observers.containers import ContainerWatch, EngineSilent
from pytest_orchestrators.suite.observers.logs import heard
from pytest_orchestrators.suite.observers.output import overheard


@contextmanager
def listening(action: Run, root: Path) -> Iterator[list[LogLine]]:
    """Hear what is logged, and answer steps that wait until a line of theirs is heard.

    A line is heard when a record or a line of output of this process, or of one that writes to the same
    place, holds it and none of the others.
    """
    expected = [line for lines in action.prints.values() for line in lines]

    def answer(text: str) -> None:
        found = [line for line in expected if line in text]
        if len(found) == 1:
            control.answer(root, questions.heard(found[0]))

    with ExitStack() as ears:
        if expected:
            ears.enter_context(overheard(answer))
        yield ears.enter_context(heard(listen=answer))


@contextmanager
def interruptible() -> Iterator[None]:
    """Have SIGINT raise KeyboardInterrupt until the block ends: a process that a shell started in the
    background ignores it.
    """
    with _handled({signal.SIGINT: signal.default_int_handler}):
        yield


@contextmanager
def own_handlers() -> Iterator[None]:
    """Have handlers of the process's own for the signals that end it, as a server has, until the block ends.

    They do what happens without them. Whoever puts the usual ones in their place after a run, and not what
    was there, is seen to do so.
    """
    pairs = (
        (signal.default_int_handler, _interrupt_handler_set_before_the_run),
        (signal.SIG_DFL, _handler_set_before_the_run),
    )
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    own = {number: mine for number in numbers for usual, mine in pairs if signal.getsignal(number) == usual}
    with _handled(own):
        yield


@contextmanager
def _handled(handlers: Mapping[signal.Signals, Any]) -> Iterator[None]:
    """Have signals handled like this until the block ends."""
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _handler_set_before_the_run(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _interrupt_handler_set_before_the_run(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


class Containers:
    """The eye on containers: sees all that a `ContainerWatch` sees, or says why there is nothing to see."""

    def __init__(
        self, stores: Path, watch: ContainerWatch | None, unobserved: str = "", wanted: bool = True
    ) -> None:
        self._stores = stores
        self._watch = watch
        self._unobserved = unobserved
        #: Whether the flavor says that it runs steps in containers.
        self.wanted = wanted

    def begin(self, run_name: str) -> None:
        """A run is about to begin."""
        self._asked(lambda watch: watch.begin(run_name))

    def saw(self, container: str, python: str) -> None:
        """A step said that it is in this container, run by this interpreter."""
        if self._watch is not None:
            self._watch.saw(container, python)

    def wait_for(self, container: str, seconds: float) -> bool:
        """Wait for the end of a container for so many seconds, and remove it and what is left of the run;
        whether it has ended.
        """
        ended = self._asked(lambda watch: watch.wait_for(container, seconds))
        self._asked(lambda watch: watch.left())
        return bool(ended)

    def squeeze(self, container: str) -> bool:
        """Limit the memory of a container; whether that was done."""
        return self._watch is not None and bool(container) and self._watch.squeeze(container)

    @contextmanager
    def bystanders(self, wanted: bool) -> Iterator[Callable[[], tuple[str, ...]]]:
        """Put up containers of somebody else, if they are wanted; call to hear what was done to them."""
        with ExitStack() as stack:
            harmed: Callable[[], tuple[str, ...]] | None = None
            if wanted:
                harmed = self._asked(lambda watch: stack.enter_context(watch.bystanders()))
            yield harmed or tuple

    def evidence(self, harmed: Callable[[], tuple[str, ...]]) -> ContainersEvidence | None:
        """What became of containers; none for a flavor that does not say that it runs steps in some."""
        if not self.wanted:
            return None
        left = self._asked(lambda watch: watch.left()) or ()
        done = self._asked(lambda _: harmed()) or ()
        foreign = tuple(foreign_files(self._stores))
        return ContainersEvidence(left=left, harmed=done, foreign=foreign, unobserved=self._unobserved)

    def _asked(self, ask: Callable[[ContainerWatch], Any]) -> Any:
        """The answer of the watch; once it cannot answer, it is not asked again."""
        if self._watch is None or self._unobserved:
            return None
        try:
            return ask(self._watch)
        except (EngineSilent, LookupError) as silent:
            self._unobserved = str(silent)
            return None


@contextmanager
def watched_containers(wanted: bool, workspace: Workspace, stores: Path) -> Iterator[Containers]:
    """An eye on the containers of the workspace's engine, for a flavor of which it is wanted."""
    with ExitStack() as stack:
        if not wanted:
            yield Containers(stores, None, wanted=False)
            return
        try:
            client = stack.enter_context(workspace.engine())
        except Exception as error:
            yield Containers(stores, None, unobserved=f"no container engine can be asked: {error}")
            return
        yield Containers(stores, ContainerWatch(client, str(stores)))
