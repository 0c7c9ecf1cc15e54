"""A history: what is done, in order, with workloads on one set of stores and one orchestrator instance."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pytest_orchestrators.suite.data import Data
from pytest_orchestrators.suite.workload import OutputRef, Workload

#: What a probe step can be told to do instead of its work.
Fault = Literal[
    "raise",
    "exit",
    "exit_zero",
    "stop_iteration",
    "interrupt",
    "missing_output",
    "ill_typed_output",
    "unstorable_output",
    "disk_full",
]
#: What a probe step can be told to do that need not have it fail: hand on an output of a megabyte; raise when
#: it is tried for the first time in a run, for orchestrators that try again.
Oddity = Literal["huge_output", "raise_at_first"]
#: Exceptions that no class can be together with all the others that a step may raise.
LoneError = Literal["import_error", "attribute_error", "name_error"]
#: What is wrong with the step operator that a step names: it cannot execute anything.
OperatorFault = Literal["operator_down"]
#: What ends the whole process that a step runs in.
DeadlyFault = Literal["os_exit", "os_exit_zero", "kill", "out_of_memory"]
#: Which hook around a step fails.
HookFault = Literal["prepare_step_run", "cleanup_step_run"]
#: What else goes wrong with a run: its preparation, as it begins (an unreadable deployment) or as it ends,
#: when the run is active already, or the flavor's own code.
RunFault = Literal["preparation", "end_of_preparation", "flavor"]
#: What is wrong with the record store while a run goes on: another process holds its lock, its first bytes
#: are overwritten, it was cut to nothing, a folder is in its place, it cannot be written.
Trouble = Literal["locked", "corrupt", "emptied", "replaced", "read_only"]
#: When a run can be made to halt: in the hook before a deployment, in the one before a step, as the step
#: begins, with its output half stored, in the hook after the step.
Moment = Literal["prepare_pipeline_deployment", "prepare_step_run", "started", "storing", "cleanup_step_run"]


class Halt(Data):
    """A moment in a run: of which step, if it is not the whole deployment's."""

    moment: Moment
    step: str | None = None


class Beside(Data):
    """What another process runs while a run goes on.

    Attributes:
        workload: what it runs; a step of it is in the middle while the run goes on.
        same_stores: on the stores of the run, and not on its own.
        together: both call `run()` at the same moment; else the other one is in the middle of a step before
            the run begins.
        faults: step to what it does instead of its work.
    """

    workload: Workload
    same_stores: bool = False
    together: bool = False
    faults: dict[str, Fault] = Field(default_factory=dict)

    @property
    def waits_in(self) -> str:
        """The step that is in the middle: the second, so that there is something done already."""
        return self.workload.order()[:2][-1]


class Run(Data):
    """Hand a workload to the orchestrator.

    Attributes:
        label: names the run within its history; runs with one label share one run name.
        workload: what is run.
        faults: step to what it does instead of its work.
        hook_faults: step to the hook that fails around it.
        run_fault: what else goes wrong.
        loses: step to an output whose artifact is taken off the record once the step has ended.
        lost_class: a step, the class of whose outputs cannot be loaded.
        lost_inputs: whether it is the class of its inputs instead.
        waits_in: a step that waits until it is let go.
        wait_too: steps that wait as well, if they are begun before that one is let go.
        until_back: whether that step waits until `run()` has come back, if it does within a while.
        meets: steps that are to be under way at the same time: each waits for the others.
        interrupted: whether, while that step waits, the process that called `run()` is interrupted as by
            Ctrl-C.
        seconds: step to the time it takes, in seconds.
        prints: step to the lines that it prints, each once the one before was heard.
        beside: what another process runs meanwhile.
        meanwhile: what a second call of `run()` on the same orchestrator, by a thread of the same process, is
            to run while that step waits.
        meanwhile_waits: whether the first step of that one waits until this run has gone on as far as it can.
        killed_at: when the process that called `run()`, and all that it has started here, is killed.
        run_name: the run name, where it is not made up.
        hostile: whether its names or parameters are such that it may be refused, also by what builds the
            deployment.
        smuggled: whether the deployment is made so that its names never passed a check.
        by_half: whether smuggled names are in the deployment alone, and not in what the launcher is given.
        trouble: what is wrong with the record store while the run goes on.
        recalls: an earlier run, whose record is read again when this one has ended.
        oversteps: whether `run_step` is called once more, for a step of it, when it is over.
        afresh: whether an orchestrator that was made for it carries it out, and all that comes after it.
        anew: whether a process of its own carries it out, with an orchestrator of its own; all that comes
            after it is done with another one.
        interpreter: whether that process is an interpreter of its own, which remembers nothing of this one;
            it is a fork of this one where the flavor's class is not found there by its name, or does not run.
    """

    kind: Literal["run"] = "run"
    label: str
    workload: Workload
    faults: dict[str, Fault | LoneError | DeadlyFault | OperatorFault | Oddity] = Field(default_factory=dict)
    hook_faults: dict[str, HookFault] = Field(default_factory=dict)
    run_fault: RunFault | None = None
    loses: dict[str, OutputRef] = Field(default_factory=dict)
    lost_class: str | None = None
    lost_inputs: bool = False
    waits_in: str | None = None
    wait_too: tuple[str, ...] = ()
    until_back: bool = False
    meets: tuple[str, ...] = ()
    interrupted: bool = False
    seconds: dict[str, float] = Field(default_factory=dict)
    prints: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    beside: Beside | None = None
    meanwhile: Workload | None = None
    meanwhile_waits: bool = False
    killed_at: Halt | None = None
    run_name: str | None = None
    hostile: bool = False
    smuggled: bool = False
    by_half: bool = False
    trouble: Trouble | None = None
    recalls: str | None = None
    oversteps: bool = False
    afresh: bool = False
    anew: bool = False
    interpreter: bool = False

    @property
    def healthy(self) -> bool:
        """Whether nothing is made to go wrong."""
        faults = self.faults or self.hook_faults or self.run_fault or self.loses or self.lost_class
        return not (faults or self.interrupted or self.killed_at or self.trouble)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The steps that wait until they are let go."""
        return (self.waits_in, *self.wait_too) if self.waits_in else ()

    @property
    def halts(self) -> tuple[Halt, ...]:
        """When the run stands still until it is let go."""
        waiting = (Halt(moment="started", step=step) for step in self.waiting)
        return tuple(halt for halt in (*waiting, self.second_halt, self.killed_at) if halt is not None)

    @property
    def second_halt(self) -> Halt | None:
        """When the run that is called meanwhile stands still."""
        if self.meanwhile is None or not self.meanwhile_waits:
            return None
        return Halt(moment="started", step=self.meanwhile.order()[0])


class Damage(Data):
    """Delete what a step of an earlier run wrote: one file of the artifact, or its whole folder."""

    kind: Literal["damage"] = "damage"
    label: str
    artifact: OutputRef
    what: Literal["file", "folder"]


class History(Data):
    """A named sequence of actions."""

    name: str
    actions: tuple[Run | Damage, ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        """Those of its actions that are runs."""
        return tuple(action for action in self.actions if isinstance(action, Run))

    @property
    def hostile(self) -> bool:
        """Whether it holds names that may lead out of the stores."""
        return any(run.hostile for run in self.runs)
