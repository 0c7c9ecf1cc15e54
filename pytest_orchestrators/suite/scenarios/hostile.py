"""Scenarios with names and parameters that do harm where they are taken for something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import get_args

from pydantic import JsonValue

from pytest_orchestrators.suite.history import Run, Trouble
from pytest_orchestrators.suite.sandbox import SANDBOX
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import chain, feed
from pytest_orchestrators.suite.workload import OutputRef, Workload, WorkloadStep

#: Names by what is hostile about them, each around a word. Whoever cuts, folds, normalises, quotes or cleans
#: them makes two of one kind equal, or one of them mean something.
NAMES: dict[str, Callable[[str], list[str]]] = {
    "spaces and case": lambda w: [f"{w} of two", f"{w}_of_two", f"{w}-of-two", f" {w}", w, w.upper()],
    "quotes and shell": lambda w: [
        f'{w}\'s "{w}" `true`',
        f"{w} $(true); true & true | true",
        f"{w} %s %d {{}} {{0}} ${{HOME}}",
        f"* ? [{w}] ~ # ! = ,",
    ],
    "unicode": lambda w: [
        *(f"{w}\u00e9", f"{w}e\u0301", f"{w}ß", f"{w}ss", f"🚀{w} \u202e שלום 日本"),
        f"{w}{'日本語' * 16}",  # short enough for a file, and too long once it is quoted
    ],
    "dashes, dots and length": lambda w: [
        f"--{w}",
        f".{w}",
        f"{w}-{'long-' * 27}1",
        f"{w}-{'long-' * 27}2",
    ],
}
#: What the class of a system that keeps values in folders refuses: parts of names by what they are.
REFUSED = {
    "slash": "{}/x",
    "backslash": "{}\\x",
    "newline": "{}\nx",
    "tab": "{}\tx",
    "nothing in it": "",
    "three hundred characters": "{}" + "x" * 300,
}
#: Names that lead out of the folder that they are put in.
LEADING_OUT = {
    "one up": "..",
    "several up": "../../../../../../{}",
    "absolute": SANDBOX + "/{}",
}
#: What of a workload gets a hostile name.
KINDS = ("pipeline", "run", "step", "output")

#: Values that somebody splits, quotes, formats, strips or takes for another type.
VALUES: dict[str, JsonValue] = {
    "assignment": "a=b=c, d;e:f|g&h",
    "lines": "first\nsecond\r\nthird\n",
    "tabs": "\tone\t two  ",
    "quotes": 'it\'s "quoted" `twice`',
    "shell": "$(true); true && echo $HOME | true",
    "formats": "%s %d %% {} {0} ${x} {{y}}",
    "backslashes": "C:\\new\\table \\u0041 \\",
    "slashes": "../../x//y/./z",
    "unicode": "naïve e\u0301 \u00e9 🚀 \u202e שלום 日本",
    "option": "--step_name",
    "look-alikes": ["true", "null", "1", "1.0", "[]", "{}", ""],
    "long": "0123456789" * 1000,
    "keys": {"a b": 1, "a=b": 2, "": 3, "é": 4, "e\u0301": 5, "--x": 6, "../x": 7},
}
#: Values that end a text, or a line of it, for some.
CONTROLS: dict[str, JsonValue] = {
    "zero": "before\0after",
    "escape": "\x1b[31mred\x1b[0m\x07\x7f",
    "separators": "one\x85two\u2028three\u2029four\x0bfive\x0csix\x1cseven",
    "unseen": "\ufeffzero\u200bwidth",
}
#: Names of parameters: equal to each other, to words of a language or to options for some.
PARAMETER_NAMES = (
    *("two words", "two_words", "two-words", "Two words", "a=b", "a,b", "it's", '"it"', "$HOME", "$(true)"),
    *("%s", "{}", "\u00e9", "e\u0301", "🚀", "שלום", "new\nline", "back\\slash", "sl/ash", "../x", "/x"),
    *("-", "--step_name", ".", "..", "self", "class", "None", "n" * 150 + "1", "n" * 150 + "2"),
)


def hostile_names(names: Names) -> Iterator[Run]:
    """For each kind of names a pipeline whose own, run's, steps' and outputs' names are of it, all at once.

    The first and the last step have plain names, so that a refusal in the middle is seen, and every name has
    a parameter of its own, so that two that are taken for one are.
    """
    for label, hostile in NAMES.items():
        first, last = names.some(2)
        steps = hostile(names.one())
        outputs = tuple(hostile(names.one()))
        plain = WorkloadStep(name=first, outputs=outputs, parameters={"n": label})
        reading = [
            WorkloadStep(name=name, inputs={"x": OutputRef(step=first, output=output)}, parameters={"n": n})
            for n, (name, output) in enumerate(zip(steps, outputs, strict=True))
        ]
        pipeline, run_name = (max(hostile(names.one()), key=len) for _ in range(2))
        workload = Workload(
            name=pipeline[:24], steps=(plain, *reading, WorkloadStep(name=last, inputs=feed(*steps)))
        )
        yield Run(label=label, workload=workload, run_name=run_name, hostile=True)


def hostile_parameters(names: Names) -> Iterator[Run]:
    """Hostile values, control characters, hostile names of parameters: each on the second of two steps."""
    by_name: dict[str, JsonValue] = {name: number for number, name in enumerate(PARAMETER_NAMES)}
    for label, parameters in (("values", VALUES), ("control characters", CONTROLS), ("names", by_name)):
        workload = chain(names, 2)
        workload = workload.edit(workload.names[1], parameters=parameters)
        yield Run(label=label, workload=workload, hostile=True)


def refused_names(names: Names) -> Iterator[Run]:
    """Names that cannot be folders, and names that lead out of one: for pipeline, run, step and output."""
    for what, pattern in (REFUSED | LEADING_OUT).items():
        for kind in KINDS:
            yield _named(names, f"{kind}: {what}", kind, pattern)


def smuggled_names(names: Names) -> Iterator[Run]:
    """Deployments with names that lead out of the stores, past the checks of what builds deployments: in all
    of a deployment, and in all but what it has the launcher do.
    """
    for what, pattern in LEADING_OUT.items():
        for kind in KINDS:
            run = _named(names, f"{kind}: {what}, smuggled", kind, pattern)
            yield run.model_copy(update={"smuggled": True})
    for kind in KINDS:
        run = _named(names, f"{kind}: smuggled by half", kind, LEADING_OUT["one up"])
        yield run.model_copy(update={"smuggled": True, "by_half": True})


def _named(names: Names, label: str, kind: str, pattern: str) -> Run:
    """A run of two steps, with a hostile name for one kind of thing."""
    first, behind = names.falling(2)
    hostile = pattern.format(names.one())
    step, output = hostile if kind == "step" else behind, hostile if kind == "output" else "output"
    steps = (WorkloadStep(name=first), WorkloadStep(name=step, inputs=feed(first), outputs=(output,)))
    pipeline = hostile if kind == "pipeline" else names.one()
    return Run(
        label=label,
        workload=Workload(name=pipeline, steps=steps),
        run_name=hostile if kind == "run" else names.one(),
        hostile=True,
    )


def record_trouble(names: Names) -> Iterator[Run]:
    """After a good run everything that can be wrong with the record store is, one thing after the other;
    then the same pipeline runs again.
    """
    workload = chain(names, 2)
    workload = workload.edit(workload.names[1], cache=False)
    yield Run(label="before", workload=workload)
    troubles: Sequence[Trouble] = get_args(Trouble)
    for trouble in troubles:
        yield Run(label=trouble, workload=workload, trouble=trouble, recalls="before")
    yield Run(label="afterwards", workload=workload, recalls="before")


SCENARIOS = {
    "hostile_names": hostile_names,
    "hostile_parameters": hostile_parameters,
    "refused_names": refused_names,
    "smuggled_names": smuggled_names,
    "record_trouble": record_trouble,
}
