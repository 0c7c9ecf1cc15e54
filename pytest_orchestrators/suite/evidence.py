"""Evidence: everything that was observed of a flavor, as plain data. What is judged is this and nothing
else.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, JsonValue

from pytest_orchestrators.probes.values import condensed
from pytest_orchestrators.suite.data import Data
from pytest_orchestrators.suite.history import Damage, History, Run
from pytest_orchestrators.suite.packing import Packed
from pytest_orchestrators.suite.waivers import Waiver, today


class Fact(Data):
    """Something that happened in or around a step, as the journal tells it.

    Attributes:
        kind: `started`, `finished`, `faulted` (the probe step), `prepare_step_run`, `cleanup_step_run` (the
            hooks of the stack), `prepare_pipeline_deployment`, `operator` (an operator took the step over),
            `halted` (the run stood still until it was let go), `interrupted`, `let_go` and `run_ended` (what
            the harness did, and when `run()` came back from an interrupt), `run_is_back` (`run()` has
            returned, and the end of the run is waited for).
        step: the step's name; none for what belongs to a whole deployment.
        pid: process in which it happened.
        thread: its thread.
        monotonic: seconds on a clock that all processes of the machine share.
        facts: what else the journal says, for example `inputs`, `parameters`, `values`, `component`.
    """

    kind: str
    step: str | None = None
    pid: int
    thread: int
    monotonic: float
    facts: dict[str, JsonValue] = Field(default_factory=dict)


class Artifact(Data):
    """An artifact as the record tells it: its id there, whether its files are there, the value they hold
    (very long texts as their length and digest), and the names of all files in its folder.
    """

    id: str
    exists: bool
    value: Annotated[JsonValue, BeforeValidator(condensed)] = None
    files: tuple[str, ...] = ()


class Execution(Data):
    """One execution on the record. `state` is `complete`, `cached`, `failed`, `running` or the backend's
    own word; `reason` is why it failed, if that was published.
    """

    step: str
    run_name: str
    state: str
    inputs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    outputs: dict[str, tuple[Artifact, ...]] = Field(default_factory=dict)
    reason: str = ""


class LogLine(Data):
    """A log record or a Python warning: `level` as in `logging`, `source` is `log` or `warning`."""

    level: int
    logger: str
    message: str
    source: Literal["log", "warning"] = "log"


class Failure(Data):
    """An exception: its class as `module.Name`, its message, and where it was raised, innermost frame
    last.
    """

    type: str
    message: str
    where: str = ""
    bases: tuple[str, ...] = ()


#: How a call of `run()` can end.
Ending = Literal["returned", "raised", "timed_out", "left", "killed", "refused"]


class Outcome(Data):
    """How `run()` ended.

    Attributes:
        kind: it returned, it raised, it did not end within the budget, it would have left by `os._exit`,
            its process was killed by the harness; or the deployment was refused when it was to be built, and
            `run()` was never called.
        unchanged: whether it handed back the very object that the flavor returned; none when that was not
        seen.
        chain: the exception and everything in its chain of causes and contexts, outermost first.
        seconds: how long it took.
        stacks: the stacks of all threads when the budget was used up.
    """

    kind: Ending
    unchanged: bool | None = None
    chain: tuple[Failure, ...] = ()
    seconds: float = 0.0
    stacks: str = ""


class StepCall(Data):
    """A call of `run_step` in this process: how it ended, and what it said about the cache.

    `run_name` is the one under which the step was to be launched, empty if that was not seen. `launches` is
    how often the base class was asked to launch it, for a flavor that tries again within the call.
    """

    step: str
    run_name: str
    ended: Literal["returned", "raised"]
    cached: bool | None = None
    launches: int = 1


class ContainerSeen(Data):
    """A container that should not be there any more, as its engine tells of it."""

    name: str
    image: str
    state: str
    exit_code: int | None = None
    command: str = ""


class ContainersEvidence(Data):
    """What the engine had to say after a run.

    Attributes:
        left: containers of the run that were still there.
        harmed: what was done during the run to containers that are not the run's.
        foreign: files in the stores that belong to another user than the one who called `run()`.
        unobserved: why the engine could not be asked; empty if it could.
    """

    left: tuple[ContainerSeen, ...] = ()
    harmed: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    unobserved: str = ""


Kind: TypeAlias = Literal["thread", "process", "descriptor", "state", "file", "kept"]


class Leak(Data):
    """Something that a run left behind.

    Attributes:
        kind: what is open or goes on (`thread`, `process`, `descriptor`), what was changed in this process
            (`state`), what was not removed (`file`), or what came to lie in the stores beside artifacts and
            record (`kept`).
        what: what it is, in words.
        where: where in the code it was begun, innermost frame first; empty if that was not seen.
    """

    kind: Kind
    what: str
    where: str = ""


class TroubleEvidence(Data):
    """What was wrong with the record store during a run.

    Attributes:
        store: the text by which an error names the store: a path, an address.
        unobserved: why the trouble could not be made; empty if it was.
    """

    store: str
    unobserved: str = ""


class Probe(Data):
    """The answer to a call that was made to find something out: a value, or the exception that came
    instead.
    """

    value: JsonValue = None
    error: Failure | None = None
    log: tuple[LogLine, ...] = ()


class RunEvidence(Data):
    """Everything seen of one run.

    Attributes:
        action: what was done.
        run_name: the run name that the deployment carried.
        outcome: how it ended.
        facts: the journal's events during the run, in order.
        executions: what the record says under the names that this run used, after the run.
        log: log records and warnings during the run.
        calls: calls of `run_step` in this process.
        leftover: state still active on the orchestrator after the run, name to its text.
        changed: fields of the deployment that the run changed.
        patched: classes and modules of the backend found patched before, during or after the run.
        target: what the flavor shows of its target environment: `resources` by step, `schedule`.
        lost_source: the source of the artifact class that could not be loaded, where the action lost one.
        containers: what became of containers; none for a flavor that does not say that it runs steps in some.
        beside: what was seen of the run that went on in another process, where the action had one.
        meanwhile: what was seen of the second call of `run()`, where the action had one.
        midway: what the record said of the run while a step of it stood still beside another process's run;
            none if nobody looked.
        of_killed: what the record said, after the run, under the names of the killed run before it.
        left_behind: what was not there before the run and was still there after it.
        escaped: what was written or removed outside the stores; looked for in hostile histories only.
        trouble: what was wrong with the record store, where the action wanted that.
        recalled: what the record says, after this run, of the earlier run that the action recalls.
        overstepped: the answer to the call of `run_step` when the run was over, if it was made; its value is
            the steps that were executed then.
    """

    action: Run
    run_name: str
    outcome: Outcome
    facts: tuple[Fact, ...] = ()
    executions: tuple[Execution, ...] = ()
    log: tuple[LogLine, ...] = ()
    calls: tuple[StepCall, ...] = ()
    leftover: dict[str, str] = Field(default_factory=dict)
    changed: tuple[str, ...] = ()
    patched: tuple[str, ...] = ()
    target: dict[str, JsonValue] = Field(default_factory=dict)
    lost_source: str = ""
    containers: ContainersEvidence | None = None
    beside: RunEvidence | None = None
    meanwhile: RunEvidence | None = None
    midway: tuple[Execution, ...] | None = None
    of_killed: tuple[Execution, ...] = ()
    left_behind: tuple[Leak, ...] = ()
    escaped: tuple[str, ...] = ()
    trouble: TroubleEvidence | None = None
    recalled: tuple[Execution, ...] = ()
    overstepped: Probe | None = None

    @property
    def label(self) -> str:
        """The run's name within its history."""
        return self.action.label

    @property
    def recorded_as(self) -> str:
        """The run's name on the record: a flavor may give it one of its own."""
        return self.executions[-1].run_name if self.executions else self.run_name

    def events(self, kind: str, step: str | None = None) -> tuple[Fact, ...]:
        """The events of one kind, of one step or of all."""
        return tuple(f for f in self.facts if f.kind == kind and (step is None or f.step == step))

    def positions(self, kind: str, step: str) -> tuple[int, ...]:
        """Where in the run's order of events these events are."""
        return tuple(i for i, f in enumerate(self.facts) if f.kind == kind and f.step == step)


class ScenarioEvidence(Data):
    """What was seen of one scenario.

    Attributes:
        name: the scenario's name.
        actions: the whole history, also what was not reached.
        runs: the evidence of each run, in order.
        broken: why the scenario could not be carried out to its end; empty when it was.
        missing: what the flavor stands on and did not find, in its own words; empty if nothing was missing.
        pid: the process that called `run()`.
        place: the machine or container of that process, as `probes.place` tells it.
        seconds: time from opening the stores to closing them.
        killed: whether the process that carried it out was killed because it did not end.
    """

    name: str
    actions: tuple[Run | Damage, ...]
    runs: tuple[RunEvidence, ...] = ()
    broken: str = ""
    missing: str = ""
    pid: int = 0
    place: str = ""
    seconds: float = 0.0
    killed: bool = False

    @property
    def history(self) -> History:
        """What was done, or was to be done."""
        return History(name=self.name, actions=self.actions)

    @property
    def hung(self) -> bool:
        """Whether something in it did not end by itself."""
        return self.killed or any(run.outcome.kind == "timed_out" for run in self.runs)


class GeneratedEvidence(Data):
    """What was seen of generated histories.

    Attributes:
        wanted: how many were asked for, beside those that were replayed.
        seed: what they were drawn from.
        profile: the name of the profile that said how many and how large.
        examples: what was seen of each, in the order in which they were drawn; `name` holds its number.
        replayed: how many of the examples, the first ones, were not drawn but replayed.
        least: requirement to the least history that was found to break it.
        broken: why not all were carried out; empty when they were.
    """

    wanted: int
    seed: int
    profile: str
    examples: Packed[ScenarioEvidence] = Field(default_factory=lambda: Packed(ScenarioEvidence))
    replayed: int = 0
    least: dict[str, ScenarioEvidence] = Field(default_factory=dict)
    broken: str = ""

    @property
    def drawn(self) -> int:
        """How many histories were drawn."""
        return len(self.examples) - self.replayed


class Environment(Data):
    """What the verdict is about: the flavor, how it was configured, and on what it ran."""

    flavor: str
    source: str
    family: str
    config: dict[str, JsonValue] = Field(default_factory=dict)
    capabilities: tuple[str, ...] = ()
    versions: dict[str, str] = Field(default_factory=dict)


#: The probe that tells whether an orchestrator of the flavor can be made at all.
CREATED = "created"


class Evidence(Data):
    """All evidence of one flavor in one session.

    Attributes:
        format: version of this format.
        contract: version of the contract that it is judged by.
        environment: what was looked at.
        asked: ids of the requirements that were asked for; the catalogue less these makes a verdict
        incomplete.
        probes: name to what calling rather than running told.
        scenarios: name to what was seen.
        generated: what was seen of generated histories; none if there were to be none.
        blocked: what blocks everything, said once; empty when nothing does.
        waivers: requirements that the flavor is known to break.
        date: the day of the session, by which waivers expire.
    """

    format: Literal[1] = 1
    contract: str
    environment: Environment
    asked: tuple[str, ...] = ()
    probes: dict[str, Probe] = Field(default_factory=dict)
    scenarios: dict[str, ScenarioEvidence] = Field(default_factory=dict)
    generated: GeneratedEvidence | None = None
    blocked: str = ""
    waivers: tuple[Waiver, ...] = ()
    date: datetime.date = Field(default_factory=today)

    @property
    def unmade(self) -> str:
        """Why no orchestrator of the flavor can be made; empty if one can, or if that was not asked."""
        made = self.probes.get(CREATED)
        if made is None or made.error is None:
            return ""
        kind = made.error.type.removeprefix("builtins.")
        return f"no orchestrator of the flavor can be made: {kind}: {made.error.message}"


def jsonable(value: Any) -> JsonValue:
    """A value as JSON if it is plain data, else its `repr`: evidence must never fail to be written."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(v) for v in value]
    return repr(value)
