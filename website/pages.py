"""Pages made from the catalogue: one for every requirement, and one of them all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from pytest_orchestrators.suite.catalogue import CONTRACT_VERSION, GROUPS, catalogue
from pytest_orchestrators.suite.profile import CAPABILITIES
from pytest_orchestrators.suite.rendering.facts import Told, facts, level
from pytest_orchestrators.suite.requirement import Requirement
from pytest_orchestrators.suite.scenarios import sentence
from website.drawing import drawing
from website.least import Example, least
from website.story import rows, story

#: Requirement to the wrong orchestrators that break it on purpose: name, and what is wrong with them.
Proofs = Mapping[str, list[tuple[str, str]]]

_CATALOGUE = f"""\
# The contract, version {CONTRACT_VERSION}

What a correct orchestrator does, requirement by requirement. Ids are stable for ever. Each has a page that
says why it is there, how it is observed and by which pipeline, shows a wrong example, and what mends it.

| level | |
|---|---|
| core | every orchestrator must |
| core unless [*capability*] | every orchestrator must that does not declare the capability |
| capability [*capability*] | must if the flavor declares the capability |
| advisory | reported, and never fails the verdict |

*Warns* means: a log record of level WARNING or above, or a Python warning, with all filters at "always". *The
record* is ML Metadata, or whatever record of runs the backend in use has.

The same on a terminal: `python -m pytest_orchestrators list requirements`, and `explain ID` for one.
"""


def title(requirement: Requirement) -> str:
    """A requirement's id, and its check's name in words."""
    name = getattr(requirement.check, "__name__", "").replace("_", " ")
    return f"{requirement.id} {name}"


def address(requirement: Requirement) -> str:
    """The source of a requirement's page."""
    return f"contract/{requirement.id}.md"


def proofs(matrix: Path) -> Proofs:
    """The wrong orchestrators of the detection matrix by the requirements that name and caught them; nothing
    if the matrix is not there.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    if matrix.is_file():
        data: dict[str, Any] = json.loads(matrix.read_text(encoding="utf-8"))
        for row in (*data["wrong"], *data["contained"]):
            for id in set(row["named_by"]) & set(row["failed"]):
                found.setdefault(id, []).append((row["name"], row["told"]))
    return found


def catalogue_page() -> str:
    """All requirements by group."""
    parts = [_CATALOGUE]
    for group, requirements in groupby(catalogue().values(), key=lambda requirement: requirement.group):
        parts.append(f"## {group}: {GROUPS[group]}\n")
        lines = [(f"[{r.id}]({r.id}.md)", level(r), r.sentence) for r in requirements]
        parts.append(_table(("id", "level", "sentence"), lines) + "\n")
    return "\n".join(parts)


def requirement_page(requirement: Requirement, proved: Proofs) -> str:
    """All that is known about a requirement."""
    parts = [f"# {title(requirement)}", f"> {requirement.sentence}", _standing(requirement)]
    example = least(requirement)
    for told in facts(requirement):
        if told.field == "since":
            continue
        parts += [f"## {told.title}", _fact(told)]
        if told.field == "observed":
            parts += ["## The least pipeline that shows it", *_pipeline(example)]
    parts += _proven(proved.get(requirement.id, []))
    return "\n\n".join(parts) + "\n"


def _standing(requirement: Requirement) -> str:
    """Level and group, and what the capability is that it hangs on."""
    group = requirement.group
    anchor = f"{group}: {GROUPS[group]}"
    told = f"**{level(requirement)}**, in the group [{anchor}](index.md#{_anchor(anchor)}), "
    told += f"since version {requirement.since} of the contract"
    capability = requirement.capability or requirement.exempt
    if capability:
        told += f"\n\n`{capability}`: {CAPABILITIES[capability]}"
    return told


def _anchor(heading: str) -> str:
    """The anchor that Python-Markdown gives a heading."""
    return "-".join("".join(c for c in heading.lower() if c.isalnum() or c in " -").split())


def _fact(told: Told) -> str:
    if told.field == "example":
        return f"```python\n{told.text}\n```"
    if told.field == "reads":
        return "\n".join(f"- **{name}**: {sentence(name)}" for name in told.names)
    if told.field == "needs":
        return (
            ", ".join(f"[{name}]({name}.md)" for name in told.names)
            + "\n\nWhere one of them fails, this one is blocked."
        )
    return told.text


def _pipeline(example: Example | None) -> Iterator[str]:
    """The picture, the steps, and what is done."""
    if example is None:
        yield "None: it is found out by asking the flavor, its configuration and an orchestrator at rest."
        return
    run = example.run
    yield drawing(run.workload, example.letters, {*run.faults, *run.hook_faults})
    yield _table(("step", "reads", "comes after", "parameters", "besides"), list(rows(example)))
    yield f"It is run *{run.label}* of the scenario **{example.history.name}**, in which this is done:"
    yield "\n".join(f"{number}. {line}" for number, line in enumerate(story(example), start=1))


def _proven(wrong: list[tuple[str, str]]) -> Iterator[str]:
    """The wrong orchestrators that it catches."""
    if wrong:
        yield "## Proven by"
        yield "Wrong orchestrators of `tests/broken/` that were made to break it, and that it catches:"
        yield "\n".join(f"- `{name}`: {told}" for name, told in wrong)


def _table(titles: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table, without columns in which nothing is said."""
    said = [number for number in range(len(titles)) if any(line[number] for line in lines)]
    all_lines = [titles, ["---"] * len(titles), *lines]
    return "\n".join("| " + " | ".join(_cell(line[n]) for n in said) + " |" for line in all_lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
