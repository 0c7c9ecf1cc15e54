"""A scenario in words: the steps of its pipeline, and what is done, action by action.

Fields and faults that have no words here are told by their names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.workload import Workload, WorkloadStep
from website.least import Example

#: Characters of a value that are shown at most.
_SHOWN = 60

_VALUES = {
    "raise": "raises an exception",
    "exit": "raises `SystemExit` with a message",
    "exit_zero": "raises `SystemExit(0)`",
    "stop_iteration": "raises `StopIteration`",
    "interrupt": "is interrupted as by Ctrl-C",
    "missing_output": "returns one output too few",
    "ill_typed_output": "returns values of another type than it says",
    "unstorable_output": "returns what cannot be stored",
    "os_exit": "ends its process with an exit code",
    "os_exit_zero": "ends its process with the exit code 0 and no result",
    "kill": "is killed with `SIGKILL`",
    "out_of_memory": "takes more memory than it may",
    "preparation": "the deployment cannot be prepared",
    "end_of_preparation": "preparing fails when the run is active already",
    "flavor": "the flavor's own code fails",
}
#: What a field of a run says of one step.
_OF_A_STEP = {
    "faults": "{step} {value}",
    "hook_faults": "`{value}` fails around {step}",
    "loses": "{step} takes the output of {value} off the record",
    "seconds": "{step} takes {value} s",
    "prints": "{step} prints, line by line",
}
#: What a field of a run says of the run.
_OF_THE_RUN = {
    "run_fault": "{value}",
    "lost_class": "the class of an artifact of {value} cannot be loaded",
    "waits_in": "{value} waits until it is let go",
    "wait_too": "so do {value}, if they are begun",
    "interrupted": "the process that called `run()` is interrupted meanwhile",
    "until_back": "it waits until `run()` has come back",
    "meets": "{value} wait for each other",
    "beside": "a run of another process goes on beside it",
    "meanwhile": "a second call of `run()` on the same orchestrator is made meanwhile",
    "meanwhile_waits": "its first step waits, too, while this one goes on",
    "killed_at": "the process that called `run()` is killed in {value}",
}


def rows(example: Example) -> Iterator[tuple[str, ...]]:
    """The steps of the pipeline: letter, what it reads, what it comes after, its parameters, and what else
    there is to it.
    """
    workload = example.run.workload
    for step in map(workload.__getitem__, workload.order()):
        reads = [
            ref.step if ref.output == "output" else f"{ref.step} (`{ref.output}`)"
            for ref in step.inputs.values()
        ]
        parameters = f"`{_clipped(step.parameters)}`" if step.parameters else ""
        cells = (step.name, ", ".join(reads), ", ".join(step.after), parameters, "; ".join(_besides(step)))
        yield tuple(map(example.lettered, cells))


def _besides(step: WorkloadStep) -> Iterator[str]:
    if step.outputs != ("output",):
        outputs = ", ".join(f"`{output}`" for output in step.outputs)
        yield f"outputs {outputs}" if outputs else "no output"
    if not step.cache:
        yield "caching off"
    if not step.resources.empty:
        yield f"asks for `{_clipped(step.resources.model_dump(exclude_none=True))}`"
    if step.operator:
        yield f"names the step operator `{step.operator}`"


def story(example: Example) -> Iterator[str]:
    """What is done in the scenario, action by action."""
    run_before: dict[str, Workload] = {}
    for action in example.history.actions:
        if isinstance(action, Run):
            told = "; ".join([*_pipeline(example, action.workload, run_before), *_happening(action)])
            run_before[action.workload.name] = action.workload
            yield f"Run *{action.label}*: {example.lettered(told)}."
        else:
            yield example.lettered(_between(action.model_dump()))


def _pipeline(example: Example, workload: Workload, run_before: Mapping[str, Workload]) -> Iterator[str]:
    """Which pipeline is run, and how it was changed."""
    earlier = run_before.get(workload.name)
    if earlier is None:
        alike = workload.steps == example.run.workload.steps
        yield "the pipeline above" if alike else f"a pipeline of {_count(len(workload.steps), 'step')}"
        if workload.schedule:
            yield f"its schedule is `{workload.schedule}`"
    else:
        yield ", ".join(changes(earlier, workload)) or "the same pipeline"


def changes(earlier: Workload, workload: Workload) -> Iterator[str]:
    """How a pipeline was changed, step by step."""
    yield from (f"{name} is gone" for name in earlier.names if name not in workload.names)
    for step in workload.steps:
        if step.name not in earlier.names:
            yield f"{step.name} is new{_place(step)}"
            continue
        told = set()
        if step.upstream != earlier[step.name].upstream:
            told = {"inputs", "after"}
            yield f"{step.name} comes now{_place(step) or ' first'}"
        old, new = earlier[step.name].model_dump(), step.model_dump()
        for field in new:
            if field not in told and json.dumps(new[field]) != json.dumps(old[field]):  # 0 is no `False` here
                yield f"{step.name} has now `{field} = {_clipped(new[field])}`"


def _place(step: WorkloadStep) -> str:
    return f" after {' and '.join(sorted(step.upstream))}" if step.upstream else ""


def _happening(run: Run) -> Iterator[str]:
    """What is made to go wrong or to take its time."""
    told = run.model_dump(exclude_defaults=True, exclude={"kind", "label", "workload"})
    for field, value in told.items():
        if field in _OF_A_STEP:
            for step, what in value.items():
                yield _OF_A_STEP[field].format(step=step, value=_words(what))
        else:
            words = _OF_THE_RUN.get(field, f"{field.replace('_', ' ')}: {{value}}")
            yield words.format(value=_words(value))


def _between(action: Mapping[str, object]) -> str:
    """What is done between two runs."""
    if action["kind"] != "damage":
        return f"{str(action['kind']).replace('_', ' ').capitalize()}."
    what = "One file of" if action["what"] == "file" else "The whole folder of"
    step = _words(action["artifact"])
    return f"{what} the output of {step} in run *{action['label']}* is deleted."


def _words(value: object) -> str:
    if isinstance(value, Mapping) and "moment" in value:
        return f"`{value['moment']}`" + (f" of {value['step']}" if "step" in value else "")
    if isinstance(value, Mapping) and "step" in value:
        return str(value["step"])
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return " and ".join(value)
    return _VALUES.get(value, value) if isinstance(value, str) else _clipped(value)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" + ("" if number == 1 else "s")


def _clipped(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
