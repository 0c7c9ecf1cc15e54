"""A counter-example as a page for people: what is done, what should have come of it, and what did."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_orchestrators.suite.account import what_was_done
from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.counterexample import CounterExample
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.rendering.drawing import mermaid, text_graph
from pytest_orchestrators.suite.workload import Workload


def summary(history: History) -> Iterator[str]:
    """A history in a few lines: pipelines drawn in characters, and what is done with them."""
    for workload in _workloads(history):
        yield f"pipeline {workload.name}:"
        yield from (f"  {line}" for line in text_graph(workload).splitlines())
    yield from what_was_done(history.actions)


def page(example: CounterExample, script: str) -> str:
    """The counter-example as Markdown, with the script that shows it."""
    flavor, finding = example.environment.flavor, example.findings[0]
    parts = [
        f"# {example.requirement} broken by {flavor}",
        catalogue()[example.requirement].sentence,
        f"Found by generated example {example.example} of seed {example.seed}, and made less since then.",
        "## What is done",
        "\n".join(
            f"{number}. {line}" for number, line in enumerate(what_was_done(example.history.actions), 1)
        ),
    ]
    for workload in _workloads(example.history):
        parts += [f"### Pipeline `{workload.name}`", _fenced("text", text_graph(workload))]
        parts += [_fenced("mermaid", mermaid(workload))]
    parts += [
        "## What came of it",
        f"- expected: {finding.expected}",
        f"- observed: {' '.join(finding.observed.splitlines())}",
        f"- where: {finding.where}",
        "## As Python",
        _fenced("python", script.rstrip("\n")),
    ]
    return "\n\n".join(parts) + "\n"


def _workloads(history: History) -> list[Workload]:
    workloads = [run.workload for run in history.runs]
    return [workload for at, workload in enumerate(workloads) if workload not in workloads[:at]]


def _fenced(language: str, text: str) -> str:
    fence = "````" if "```" in text else "```"
    return f"{fence}{language}\n{text}\n{fence}"
