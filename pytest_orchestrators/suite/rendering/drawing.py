"""A workload drawn in characters and as Mermaid."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from pytest_orchestrators.suite.workload import Workload, WorkloadStep

#: The width that lines are kept to where that is possible.
_WIDTH = 100


def text_graph(workload: Workload) -> str:
    """The steps, in an order in which they may run, each with an arrow to every one that comes after it.

    Along `-->` data flows, along `..>` nothing does. What hangs on one step alone, and is alone in that,
    stands behind it on one line.
    """
    return "\n".join(_lines(workload))


def _lines(workload: Workload) -> Iterator[str]:
    behind = {name: [d for u, d, _ in workload.edges() if u == name] for name in workload.names}
    told: set[str] = set()
    for name in workload.order():
        if name in told:
            continue
        line, end = f"[{name}]{_traits(workload[name])}", name
        while len(behind[end]) == 1 and len(workload[behind[end][0]].upstream) == 1:
            [after] = behind[end]
            line += f" {_arrow(workload, end, after)} [{after}]{_traits(workload[after])}"
            told.add(after)
            end = after
        yield from textwrap.wrap(line, _WIDTH, subsequent_indent="    ", break_long_words=False)
        yield from (f"    {_arrow(workload, end, after)} [{after}]" for after in behind[end])


def _arrow(workload: Workload, upstream: str, downstream: str) -> str:
    """The arrow between two steps, with the outputs that are read where there are several."""
    outputs = [ref.output for ref in workload[downstream].inputs.values() if ref.step == upstream]
    if not outputs:
        return "..>"
    return f"--{','.join(outputs)}-->" if len(workload[upstream].outputs) > 1 else "-->"


def _traits(step: WorkloadStep) -> str:
    """What is out of the ordinary about a step."""
    traits = (
        [f"outputs {', '.join(step.outputs)}" if step.outputs else "no output"]
        if len(step.outputs) != 1
        else []
    )
    traits += ["never cached"] if not step.cache else []
    traits += ["asks for resources"] if not step.resources.empty else []
    traits += [f"by operator {step.operator}"] if step.operator else []
    return f"({'; '.join(traits)})" if traits else ""


def mermaid(workload: Workload) -> str:
    """A flowchart, as Mermaid and the pages that understand it draw it."""
    ids = {name: f"s{number}" for number, name in enumerate(workload.order())}
    nodes = [f'    {id}["{_quoted(name)}"]' for name, id in ids.items()]
    arrows = [
        f"    {ids[upstream]} {'-->' if data else '-.->'} {ids[downstream]}"
        for upstream, downstream, data in workload.edges()
    ]
    return "\n".join(["flowchart TD", *nodes, *arrows])


def _quoted(name: str) -> str:
    """A name within the quotes of a label: Mermaid takes entities, written with `#`."""
    special = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "\n": " ", "\r": " "}
    return "".join(special.get(character, character) for character in name)
