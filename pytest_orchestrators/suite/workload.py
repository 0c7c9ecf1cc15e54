"""A workload: a DAG of probe steps as plain data, from which a family builds what its orchestrators are
handed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import Any

from pydantic import Field, JsonValue, model_validator

from pytest_orchestrators.suite.data import Data

#: Schedules that are no cron expression, as `every` and `once` make them.
_EVERY = re.compile(r"every (\d{1,9}) s")
_ONCE = re.compile(r"once at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d)?)")


class OutputRef(Data):
    """One output of one step."""

    step: str
    output: str = "output"


class Resources(Data):
    """What a step asks for: cores, accelerators, memory (for example `"1GB"`)."""

    cpu_count: float | None = None
    gpu_count: int | None = None
    memory: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return self == Resources()


class WorkloadStep(Data):
    """One probe step.

    Attributes:
        name: the step's name, unique in the workload.
        inputs: input name to the output that feeds it.
        after: steps that must end first although no data comes from them.
        parameters: any JSON values.
        outputs: names of the outputs, none to several.
        edition: which edition of the step's code, `a` or `b`.
        rewritten: whether the code of edition `a` was written in another way, under the same name and to the
            same effect.
        cache: whether the step may be served from the cache.
        resources: what the step asks for.
        operator: name of the step operator that is to execute it.
    """

    name: str
    inputs: dict[str, OutputRef] = Field(default_factory=dict)
    after: tuple[str, ...] = ()
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    outputs: tuple[str, ...] = ("output",)
    edition: str = "a"
    rewritten: bool = False
    cache: bool = True
    resources: Resources = Resources()
    operator: str | None = None

    @property
    def data_upstream(self) -> frozenset[str]:
        """Steps that this one reads from."""
        return frozenset(ref.step for ref in self.inputs.values())

    @property
    def upstream(self) -> frozenset[str]:
        """Steps that must end before this one starts."""
        return self.data_upstream | frozenset(self.after)


def every(seconds: int) -> str:
    """The schedule of a pipeline that is to be run again and again after so many seconds."""
    return f"every {seconds} s"


def once(at: datetime) -> str:
    """The schedule of a pipeline that is to be run at a time, and has neither interval nor expression."""
    return f"once at {at.isoformat(timespec='seconds')}"


class Workload(Data):
    """A pipeline of probe steps.

    Attributes:
        name: the pipeline's.
        steps: its steps.
        schedule: a cron expression, or what `every` or `once` makes.

    Raises:
        ValueError: two steps of one name, a reference to a step or output that is not there, or a cycle.
    """

    name: str
    steps: tuple[WorkloadStep, ...]
    schedule: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Workload:
        names = [step.name for step in self.steps]
        if len(set(names)) != len(names):
            raise ValueError(f"workload {self.name}: step names are not unique: {sorted(names)}")
        for step in self.steps:
            for ref in step.inputs.values():
                if ref.step not in names or ref.output not in self[ref.step].outputs:
                    raise ValueError(f"workload {self.name}: {step.name} reads {ref}, which is not there")
            for name in step.after:
                if name not in names:
                    raise ValueError(
                        f"workload {self.name}: {step.name} comes after {name}, which is not there"
                    )
        try:
            self.order()
        except CycleError as error:
            raise ValueError(
                f"workload {self.name}: steps depend on each other in a cycle: {error}"
            ) from error
        return self

    def __getitem__(self, name: str) -> WorkloadStep:
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(f"workload {self.name} has no step {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """The steps' names as written."""
        return tuple(step.name for step in self.steps)

    @property
    def interval(self) -> int | None:
        """Seconds of the schedule, if it is no cron expression."""
        found = _EVERY.fullmatch(self.schedule or "")
        return int(found[1]) if found else None

    @property
    def start(self) -> datetime | None:
        """The time of the schedule, if there is nothing else to it."""
        found = _ONCE.fullmatch(self.schedule or "")
        return datetime.fromisoformat(found[1]) if found else None

    @property
    def cron(self) -> str | None:
        """The cron expression of the schedule, if it is one."""
        return self.schedule if self.interval is None and self.start is None else None

    def order(self) -> tuple[str, ...]:
        """One order in which the steps may run."""
        return tuple(
            TopologicalSorter({step.name: sorted(step.upstream) for step in self.steps}).static_order()
        )

    def edges(self) -> Iterator[tuple[str, str, bool]]:
        """Every dependency as (upstream, downstream, whether data flows along it)."""
        for step in self.steps:
            for name in sorted(step.upstream):
                yield name, step.name, name in step.data_upstream

    def downstream(self, names: frozenset[str]) -> frozenset[str]:
        """All steps that depend on any of these, directly or not, by data or by order."""
        found: set[str] = set()
        for name in self.order():
            if self[name].upstream & (names | found):
                found.add(name)
        return frozenset(found)

    def upstream(self, names: frozenset[str]) -> frozenset[str]:
        """All steps that any of these depends on, directly or not."""
        found: set[str] = set()
        for name in reversed(self.order()):
            if name in names or name in found:
                found |= self[name].upstream
        return frozenset(found)

    def edit(self, step: str, **changes: Any) -> Workload:
        """This workload with one step changed."""
        steps = tuple(s.model_copy(update=changes) if s.name == step else s for s in self.steps)
        return Workload(name=self.name, steps=steps, schedule=self.schedule)
