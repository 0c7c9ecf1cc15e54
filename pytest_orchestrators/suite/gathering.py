"""What is told to the steps of a run beforehand, and what is gathered of it afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_orchestrators.probes import journal
from pytest_orchestrators.probes.values import canonical, condensed
from pytest_orchestrators.suite.evidence import Fact, LogLine, StepCall, jsonable
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.workload import Workload

_FACT_FIELDS = {"kind", "step", "pid", "thread", "monotonic"}


def orders_of(action: Run, run_name: str, secrets: Mapping[str, str]) -> dict[str, Any]:
    """What the control file says to the steps and hooks of a run."""
    return {
        "run": run_name,
        "faults": action.faults,
        "hooks": action.hook_faults,
        "loses": {step: ref.model_dump() for step, ref in action.loses.items()},
        "seconds": action.seconds,
        "prints": action.prints,
        "meets": action.meets,
        "halts": [[halt.moment, halt.step] for halt in action.halts],
        "secrets": dict(secrets),
    }


def facts_since(root: Path, offset: int) -> tuple[tuple[Fact, ...], int]:
    """The journal's events from an offset on, and the offset behind them."""
    events, offset = journal.read(root, offset)
    facts = tuple(
        Fact(
            **{name: event.get(name) for name in _FACT_FIELDS},
            facts={name: jsonable(value) for name, value in event.items() if name not in _FACT_FIELDS},
        )
        for event in events
    )
    return facts, offset


@dataclass(frozen=True)
class Seen:
    """What was seen of a run while it went on: events of the journal, and calls of `run_step`."""

    facts: tuple[Fact, ...]
    calls: tuple[StepCall, ...] = ()

    def apart(self, first: Workload, second: Workload, run_name: str) -> tuple[Seen, Seen]:
        """What belongs to the first of two runs that went on at the same time, and what to the second.

        Args:
            first: what the first one ran.
            second: what the second one ran; a step that both have has other parameters in it.
            run_name: of the second.
        """
        own = set(second.names) - set(first.names)
        its = Seen(
            tuple(fact for fact in self.facts if fact.step in own),
            tuple(call for call in self.calls if call.step in own),
        )
        names, under_way = its.run_names(run_name), dict[tuple[int, int], bool]()

        def of_second(one: Fact | StepCall) -> bool:
            if one.step not in second.names or one.step in own:
                return one.step in own
            if isinstance(one, StepCall):
                return one.run_name in names
            if "run_name" in one.facts:
                return one.facts["run_name"] in names
            if one.kind == "started":
                given, wanted = one.facts["parameters"], condensed(second[one.step].parameters)
                under_way[one.pid, one.thread] = canonical(given) == canonical(wanted)
            return under_way.get((one.pid, one.thread), False)

        facts = [(fact, of_second(fact)) for fact in self.facts]
        calls = [(call, of_second(call)) for call in self.calls]
        one, other = (
            Seen(
                tuple(f for f, is_its in facts if is_its is side),
                tuple(c for c, is_its in calls if is_its is side),
            )
            for side in (False, True)
        )
        return one, other

    def run_names(self, run_name: str) -> frozenset[str]:
        """The run's own name and every other under which its steps were seen to be launched."""
        launched = {str(fact.facts["run_name"]) for fact in self.facts if "run_name" in fact.facts}
        return frozenset({run_name, *launched, *(call.run_name for call in self.calls if call.run_name)})


def log_from_elsewhere(facts: Iterable[Fact]) -> tuple[LogLine, ...]:
    """Log lines that steps in other processes left in the journal."""
    return tuple(
        LogLine(
            level=int(str(f.facts["level"])), logger=str(f.facts["logger"]), message=str(f.facts["message"])
        )
        for f in facts
        if f.kind == "logged"
    )


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields in which two snapshots differ."""
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))
