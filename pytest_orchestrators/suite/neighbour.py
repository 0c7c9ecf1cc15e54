"""Another run, by another process, in the middle of a step while a run goes on."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pytest_orchestrators.probes import control, questions
from pytest_orchestrators.suite.apart import Child, ChildLost
from pytest_orchestrators.suite.evidence import RunEvidence, ScenarioEvidence
from pytest_orchestrators.suite.history import Beside, History, Run

#: Where a process is with its run: about to call `run()`, halted in the middle of a step, done.
_READY, _HALTED, _OVER = "ready", "halted", "over"
#: Seconds that a run may take to come to its halt, or from there to its end.
_PATIENCE_S = 2 * questions.PATIENCE_S


@dataclass(frozen=True)
class Side:
    """One of two processes whose runs go on side by side: tells the other one where it is, and waits for it.

    Attributes:
        folder: where the two tell each other.
        me: what this one is called there.
        other: what the other one is called.
        begins_after: the run begins when the other one has come to one of these; at once if there are none.
        goes_on_after: the halted step goes on when the other one has come to one of these.
        same_stores: whether both run on the same stores.
        patience: seconds that the halted step waits for the other one at most.
        gone: whether the other one will not tell anything any more.
    """

    folder: Path
    me: str
    other: str
    begins_after: tuple[str, ...]
    goes_on_after: tuple[str, ...]
    same_stores: bool
    patience: float
    gone: Callable[[], bool] = field(default=lambda: False)

    def begin(self) -> None:
        """The run is about to begin: wait until it may."""
        self._tell(_READY)
        if self.begins_after:
            self._wait(self.begins_after, _PATIENCE_S)

    def halt(self) -> None:
        """A step of the run stands still: wait until it may go on."""
        self._tell(_HALTED)
        self._wait(self.goes_on_after, self.patience)

    def end(self) -> None:
        """The run is over."""
        self._tell(_OVER)

    def _tell(self, where: str) -> None:
        control.answer(self.folder, f"{self.me} is {where}")

    def _wait(self, places: tuple[str, ...], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.gone():
            for place in places:
                if control.wait_for(self.folder, f"{self.other} is {place}", 0) is not None:
                    return
            time.sleep(control.POLL_S)


#: Carries out a history as one of two sides, on the stores of this process's run or on its own.
CarryOut = Callable[[History, Side], ScenarioEvidence]


@contextmanager
def neighbour(
    beside: Beside, label: str, carry_out: CarryOut, patience: float
) -> Iterator[tuple[Side, Callable[[], RunEvidence]]]:
    """Have a workload run in a child process until the block ends.

    Args:
        beside: what it runs.
        label: of this process's run.
        carry_out: carries it out.
        patience: seconds that a halted step waits for the other run at most.

    What is yielded is the side of this process's run, and a call that waits for the other one's end and
    returns what was seen of it.

    Raises:
        ChildLost: the child came to no evidence.
    """
    together = (_READY, _OVER) if beside.together else ()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        patience = min(patience, questions.PATIENCE_S)
        there = Side(folder, "beside", "here", together, (_HALTED, _OVER), beside.same_stores, patience)
        run = Run(
            label="beside", workload=beside.workload, faults=dict(beside.faults), waits_in=beside.waits_in
        )
        history = History(name=f"beside {label}", actions=(run,))
        child = Child(lambda: carry_out(history, there).model_dump_json())
        here = Side(
            folder,
            "here",
            "beside",
            begins_after=together or (_HALTED, _OVER),
            goes_on_after=(_OVER,),
            same_stores=beside.same_stores,
            patience=patience,
            gone=lambda: bool(Child.ready([child], 0)),
        )
        try:
            yield here, lambda: _seen(child, here)
        finally:
            here.end()
            child.end()


def _seen(child: Child, here: Side) -> RunEvidence:
    here.end()
    evidence = ScenarioEvidence.model_validate_json(child.answer(_PATIENCE_S))
    if not evidence.runs:
        raise ChildLost(f"the run beside came to nothing: {evidence.broken}")
    return evidence.runs[0]
