"""RUN, the run as a whole: its result, its record, its name, the deployment and the runs beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_orchestrators.probes.values import condensed
from pytest_orchestrators.suite.case import Case, Reader, Unobserved
from pytest_orchestrators.suite.evidence import Artifact, Probe
from pytest_orchestrators.suite.model import ArtifactId
from pytest_orchestrators.suite.requirement import Anywhere, Collector, Finding, listed
from pytest_orchestrators.suite.requirements.anywhere import any_run, successes
from pytest_orchestrators.suite.requirements.looking import (
    EVERY_WAY,
    FAILURES,
    PLAIN,
    done_right,
    error_text,
    nothing_executed,
    shown,
)

requirement = Collector()


@requirement(
    "RUN-4",
    anywhere=Anywhere(successes),
    reads=(*PLAIN, "rerun"),
    needs=("RUN-1",),
    why="What a flavor hands back (a handle, an id, a URL) is all that its caller can go on with.",
    observed=(
        "The object that the flavor's method returned is compared with what `run()` returned, also when "
        "everything was cached."
    ),
    example="""
        def run(self, deployment, stack):
            super().run(deployment, stack)   # and the result is lost
    """,
    fix="Do not override `run`, or return what it returns.",
    limits=(
        "Whether the object is the same one is looked at where `run()` is called; what is in it is the "
        "flavor's own business."
    ),
)
def result_handed_back(reader: Reader) -> Iterator[Finding]:
    """`run()` hands back, unchanged, what `prepare_or_run_pipeline` returned."""
    for case in reader.cases(*PLAIN, "rerun"):
        if case.seen.outcome.kind == "returned" and case.seen.outcome.unchanged is not True:
            seen = "something else" if case.seen.outcome.unchanged is False else "the method was never called"
            yield Finding("the object that prepare_or_run_pipeline returned", seen, case.where)


@requirement(
    "RUN-5",
    anywhere=Anywhere(successes),
    reads=(*PLAIN, "rerun", "schedule"),
    needs=("RUN-1",),
    why="Lineage, dashboards and the cache read the record; what is not on it has not happened for them.",
    observed=(
        "The record is read under the run's name after the run. Where there is a schedule, only what belongs "
        "to no step is looked for."
    ),
    example="""
        for step in deployment.steps.values():
            self.run_step(step)
            self.run_step(step, run_name="copy")   # a second set of executions
    """,
    fix="Launch steps through `run_step` and nothing else, under one run name.",
    limits=(
        "The record is read under this pipeline's name. What a flavor writes under the name of another one "
        "is not seen."
    ),
)
def on_the_record(reader: Reader) -> Iterator[Finding]:
    """Every execution is on the record under this run's name, and under this pipeline and run name there is
    nothing that is not a step of it.
    """
    for case in reader.cases(*PLAIN, "rerun", "schedule"):
        for step in case.expected.steps:
            states = case.states(step)
            if not case.seen.action.workload.schedule and states not in (("complete",), ("cached",)):
                seen = f"step {step}: {', '.join(states) or 'no execution'}"
                yield Finding("one execution, complete or cached", seen, case.where)
        foreign = {e.step for e in case.seen.executions} - set(case.expected.steps)
        if foreign:
            yield Finding("only steps of the pipeline are on the record", listed(foreign), case.where)


@requirement(
    "RUN-6",
    anywhere=Anywhere(successes, lambda cases: _kept_apart(cases)),
    reads=("two_runs", "like_run_names"),
    why="Two runs that share outputs make each other's results wrong, and nobody can tell which is whose.",
    observed=(
        "One pipeline runs under two names with other parameters, another under six that are alike; ids and "
        "values on the record are compared, those of an earlier run also when a later one has ended."
    ),
    example="""
        self.run_step(step, run_name="latest")   # every run has the same name
    """,
    fix="Use the deployment's run name, or one that is new for every run.",
    limits="The runs come one after the other. Runs that go on at the same time are ISO-1's and CLN-10's.",
    provenance="zenml PR 568 (run name differs per step)",
)
def runs_apart(reader: Reader) -> Iterator[Finding]:
    """Two runs under different names never mix their executions or outputs."""
    for scenario in ("two_runs", "like_run_names"):
        yield from _runs_apart(case for case in reader.cases(scenario) if not case.refused)


def _runs_apart(cases: Iterable[Case]) -> Iterator[Finding]:
    """Findings where a run on the same stores has an artifact that an earlier one had, or reads one."""
    owner: dict[str, str] = {}
    before: dict[str, Artifact] = {}
    for case in cases:
        yield from _overwritten(case, before)
        own: set[str] = set()
        for execution in case.seen.executions:
            for output, artifacts in execution.outputs.items():
                for artifact in artifacts:
                    own.add(artifact.id)
                    before.setdefault(artifact.id, artifact)
                    if owner.setdefault(artifact.id, case.label) != case.label:
                        seen = f"{execution.step} shares its {output} with run {owner[artifact.id]}"
                        yield Finding("outputs of its own", seen, case.where)
                    expected = case.expected.steps.get(execution.step)
                    wanted = expected.values.get(output) if expected else None
                    if artifact.value != wanted:
                        seen = f"{execution.step}.{output} = {shown(artifact.value)}"
                        yield Finding(f"the run's own value {shown(wanted)}", seen, case.where)
        for execution in case.seen.executions:
            for name, ids in execution.inputs.items():
                if not own.issuperset(ids):
                    seen = f"{execution.step} reads {name} from another run"
                    yield Finding("inputs from this run", seen, case.where)
        if not own:
            raise nothing_executed(case)


def _overwritten(case: Case, before: Mapping[str, Artifact]) -> Iterator[Finding]:
    """Findings where what an earlier run made is something else now that this one has run."""
    for execution in case.seen.recalled:
        for output, artifacts in execution.outputs.items():
            for artifact in artifacts:
                was = before.get(artifact.id)
                if was is not None and was != artifact:
                    what = f"{execution.step}.{output} of run {case.seen.action.recalls}"
                    seen = shown(artifact.value) if artifact.exists else "it cannot be loaded"
                    yield Finding(f"{what} is still {shown(was.value)}", seen, case.where)


def _kept_apart(cases: Sequence[Case]) -> Iterator[Finding]:
    """Findings where what one run made is on the record as what another made, or is another value."""
    owners: dict[str, ArtifactId] = {}
    for case in cases:
        for execution, output, artifact in _made(case):
            expected = case.expected.steps[execution]
            identity, wanted = expected.artifacts.get(output), condensed(expected.values.get(output))
            if identity and owners.setdefault(artifact.id, identity) != identity:
                _, step, name = owners[artifact.id]
                seen = f"artifact {artifact.id}, which is {step}.{name} of an earlier run"
                yield Finding(f"{execution}.{output} is this run's own", seen, case.where)
            if artifact.exists and artifact.value != wanted:
                seen = f"{execution}.{output} = {shown(artifact.value)}"
                yield Finding(f"the run's own value {shown(wanted)}", seen, case.where)


def _made(case: Case) -> Iterator[tuple[str, str, Artifact]]:
    """Step, output and artifact of all that the record holds of the run's own steps."""
    for execution in case.seen.executions:
        if execution.step in case.expected.steps:
            for output, artifacts in execution.outputs.items():
                for artifact in artifacts:
                    yield execution.step, output, artifact


@requirement(
    "RUN-7",
    reads=("shapes", "two_runs", "other_order"),
    why="An orchestrator lives as long as its process; what it keeps of the first run spoils the second.",
    observed="One instance runs several different deployments, one after the other.",
    example="""
        def prepare_or_run_pipeline(self, deployment, stack):
            self._deployment = getattr(self, "_deployment", None) or deployment   # the first one for ever
    """,
    fix="Keep nothing of a run on the instance, or let go of it in the end.",
    limits=(
        "A handful of deployments run one after the other. What adds up over hundreds of them does not show."
    ),
)
def second_deployment(reader: Reader) -> Iterator[Finding]:
    """One orchestrator instance runs a second deployment as well as the first."""
    for scenario in ("shapes", "two_runs", "other_order"):
        first = True
        for case in reader.cases(scenario):
            if first and list(done_right(case)):
                raise Unobserved(f"the first deployment of scenario {scenario} did not run well (see RUN-1)")
            if not first:
                yield from done_right(case)
            first = False


@requirement(
    "RUN-8",
    anywhere=Anywhere(any_run),
    reads=EVERY_WAY,
    needs=("RUN-1",),
    why=(
        "A caller may run a deployment again, store it or show it; it is not the orchestrator's to write "
        "into."
    ),
    observed=(
        "The deployment as data is compared before and after the run, `extra` aside; also where the run "
        "fails or is interrupted."
    ),
    example="""
        while deployment.steps:
            self.run_step(deployment.steps.pop(next(iter(deployment.steps))))
    """,
    fix="Work on copies.",
    limits=(
        "The deployment is compared before and after the run. A change that is taken back before it ends is "
        "not seen."
    ),
)
def deployment_unchanged(reader: Reader) -> Iterator[Finding]:
    """The deployment handed in is not changed by the run (what `prepare_pipeline_deployment` adds under
    `extra` aside).
    """
    for case in reader.cases(*EVERY_WAY):
        if case.seen.changed:
            yield Finding("the deployment as it was", f"changed: {listed(case.seen.changed)}", case.where)


@requirement(
    "RUN-9",
    needs=("FLV-3",),
    why="Without the names, a mistyped step is looked for in the wrong pipeline.",
    observed=(
        "The orchestrator is asked for a step that its pipeline does not have, for names that are nearly "
        "those of its steps, and for a step of the pipeline that it was asked about before."
    ),
    example="""
        def _get_node_with_step_name(self, step_name):
            return None
    """,
    fix="Let the base class look up the node, or raise `KeyError` naming the step and the pipeline.",
    limits="Nearly means: in another case, its beginning, with a blank or a number behind it, and no name.",
)
def unknown_step(reader: Reader) -> Iterator[Finding]:
    """Asking for a step that the pipeline does not have raises `KeyError` naming the step and the
    pipeline.
    """
    probe = reader.probe("unknown_step")
    names = probe.value if isinstance(probe.value, list) else []
    if probe.error is None:
        yield Finding("KeyError", "nothing was raised", "asking for an unknown step")
        return
    if "KeyError" not in probe.error.bases:
        yield Finding("KeyError", error_text(probe.error), "asking for an unknown step")
    for wanted in names:
        if str(wanted) not in probe.error.message:
            yield Finding(
                f"an error that names {wanted}", error_text(probe.error), "asking for an unknown step"
            )
    nearly = reader.probe("nearly_known_steps").value
    for name, found in nearly.items() if isinstance(nearly, dict) else ():
        if found:
            yield Finding("KeyError", "a node was found", f"asking for {name!r}, which is none of its steps")


@requirement(
    "RUN-11",
    anywhere=Anywhere(successes),
    reads=(*PLAIN, *FAILURES),
    needs=("RUN-1",),
    why="Components prepare what the steps rely on (images, settings); twice is waste, too late is too late.",
    observed="The stack's components journal the hook; its place among the steps' events is looked at.",
    example="""
        def prepare_or_run_pipeline(self, deployment, stack):
            stack.prepare_pipeline_deployment(deployment)   # it was prepared already
    """,
    fix="Leave preparing to the caller of `run()`.",
    limits=(
        "The hook is seen in components of the suite's own. What other components of a stack make of it is "
        "not looked at."
    ),
)
def prepared_once(reader: Reader) -> Iterator[Finding]:
    """A deployment is run as prepared: `prepare_pipeline_deployment` once and before the first step."""
    for case in reader.cases(*PLAIN, *FAILURES):
        prepared = case.seen.events("prepare_pipeline_deployment")
        for component in sorted({str(f.facts.get("component")) for f in prepared} | {"artifact_store"}):
            times = sum(str(f.facts.get("component")) == component for f in prepared)
            if times != 1:
                yield Finding(f"{component} is asked to prepare once", f"{times} times", case.where)
        kinds = [f.kind for f in case.seen.facts]
        if "started" in kinds and "prepare_pipeline_deployment" in kinds[kinds.index("started") :]:
            yield Finding("prepared before the first step", "prepared after a step had started", case.where)


@requirement(
    "RUN-15",
    reads=("rerun", "failing_last"),
    needs=("FLV-3",),
    why="A step outside a run has no pipeline and no run name; what it wrote could belong to anything.",
    observed=(
        "`run_step` is called on a new orchestrator, on one that has just succeeded with a run, and on one "
        "whose run has just failed."
    ),
    example="""
        def run_step(self, step, run_name=None):
            if self._active_deployment is None:
                return None   # nothing was run, and nobody knows
    """,
    fix="Let the base class refuse it.",
    limits=(
        "Whether the error is clear is judged by its class and by a word: it has to speak of a run, of what "
        "is active or in progress, of a deployment or a pipeline."
    ),
)
def refused_outside_a_run(reader: Reader) -> Iterator[Finding]:
    """Calling `run_step` outside a run is refused with a clear error."""
    yield from _refuses(reader.probe("run_step_outside"), "run_step outside a run")
    for case in reader.cases("rerun", "failing_last"):
        if case.seen.action.oversteps and not case.seen.leftover:  # or the run is not over (CLN-1)
            if case.seen.overstepped is None or not case.executed() | case.cached():
                raise nothing_executed(case)
            yield from _refuses(case.seen.overstepped, f"run_step when it was over, {case.where}")


def _refuses(probe: Probe, where: str) -> Iterator[Finding]:
    if probe.error is None:
        yield Finding("an error that says that no run is active", "nothing was raised", where)
    elif {"AttributeError", "TypeError", "UnboundLocalError"} & set(probe.error.bases) or not any(
        word in probe.error.message.lower()
        for word in ("run", "active", "deployment", "pipeline", "progress")
    ):
        yield Finding("an error that says that no run is active", error_text(probe.error), where)
    if probe.value:
        yield Finding("no step is executed", f"{shown(probe.value)} was", where)


@requirement(
    "RUN-17",
    anywhere=Anywhere(any_run),
    reads=(*PLAIN, "rerun"),
    why="A step finds its inputs by the run's name; under two names a run cannot find its own outputs.",
    observed="The run names of `run_step` calls, of the hooks around steps and of the record are collected.",
    example="""
        self.run_step(step, run_name=f"{deployment.run_name}-{time.time()}")   # another one for every step
    """,
    fix="Pass no run name, or one and the same for all steps of a run.",
    limits=(
        "Names are those that reach `run_step`, the hooks and the record. What the target environment calls "
        "the run is not asked."
    ),
    provenance="zenml PR 568 (run name differs per step, inputs unresolvable)",
)
def one_run_name(reader: Reader) -> Iterator[Finding]:
    """All executions of one run carry one run name (the deployment's, or the one that the flavor hands to
    every `run_step` call).
    """
    for case in reader.cases(*PLAIN, "rerun"):
        if not case.run_names:
            raise nothing_executed(case)
        if len(case.run_names) != 1:
            seen = f"{len(case.run_names)}: {listed(case.run_names)}"
            yield Finding("one run name", seen, case.where)
