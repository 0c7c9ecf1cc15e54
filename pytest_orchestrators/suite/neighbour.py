"""Another run, by another process on stores of its own, in the middle of a step while a run goes on."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pytest_orchestrators.probes import control, questions
from pytest_orchestrators.suite.apart import Child, ChildLost
from pytest_orchestrators.suite.evidence import RunEvidence, ScenarioEvidence
from pytest_orchestrators.suite.history import History, Run

_ARRIVED, _OPEN = "somebody waits at the gate", "the gate is open"
#: Seconds that a run may take to come to its waiting step, or from there to its end.
_PATIENCE_S = 2 * questions.PATIENCE_S


@dataclass(frozen=True)
class Gate:
    """Where a step of one process waits until another process lets it go on."""

    folder: Path

    def arrive(self) -> None:
        """Say that somebody waits, and wait."""
        control.answer(self.folder, _ARRIVED)
        control.wait_for(self.folder, _OPEN, questions.PATIENCE_S)

    def open(self) -> None:
        """Let go whoever waits, now or later."""
        control.answer(self.folder, _OPEN)

    def somebody_waits(self) -> bool:
        """Whether somebody has arrived."""
        return control.wait_for(self.folder, _ARRIVED, 0) is not None


@contextmanager
def neighbour(
    action: Run, carry_out: Callable[[History, Gate], ScenarioEvidence]
) -> Iterator[Callable[[], RunEvidence | None]]:
    """Have the workload of the action's `beside` run in a child process until the block ends.

    The block begins when its first step waits; the call yielded lets it go on, and returns what was seen of
    it. Without `beside` there is nothing to see.

    Raises:
        ChildLost: the child came to no evidence.
    """
    if action.beside is None:
        yield lambda: None
        return
    with tempfile.TemporaryDirectory() as folder:
        gate = Gate(Path(folder))
        run = Run(label="beside", workload=action.beside, waits_in=action.beside.order()[0])
        history = History(name=f"beside {action.label}", actions=(run,))
        child = Child(lambda: carry_out(history, gate).model_dump_json())
        try:
            _wait_for_arrival(child, gate)
            yield lambda: _seen(child, gate)
        finally:
            gate.open()
            child.end()


def _wait_for_arrival(child: Child, gate: Gate) -> None:
    """Wait until the child's step waits, or the child has ended before it came to that."""
    while child.age < _PATIENCE_S and not gate.somebody_waits() and not Child.ready([child], control.POLL_S):
        pass


def _seen(child: Child, gate: Gate) -> RunEvidence | None:
    gate.open()
    evidence = ScenarioEvidence.model_validate_json(child.answer(_PATIENCE_S))
    if not evidence.runs:
        raise ChildLost(f"the run beside came to nothing: {evidence.broken}")
    return evidence.runs[0]
