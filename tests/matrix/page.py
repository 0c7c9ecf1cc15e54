"""The matrix as files: the same rows give the same text, in the order of the catalogue and of the modules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from pytest_orchestrators.suite.catalogue import CONTRACT_VERSION, GROUPS, catalogue
from pytest_orchestrators.suite.requirement import Requirement
from tests.matrix.rows import Matrix, Row

DOCS = Path(__file__).parents[2] / "docs"
PAGE, DATA = DOCS / "detection-matrix.md", DOCS / "detection-matrix.json"

_HEAD = """\
# Detection matrix

Written by `python -m tests.matrix`: every wrong orchestrator of `tests/broken/`, judged by contract
{contract}. Each has one sin, and must be caught by the requirement that names it (*named by*, with a scenario
that shows it on its own). *Also failed* are those that it breaks on the way, *blocked* those that say nothing
because one that they need failed. CI fails when a wrong orchestrator gets away, when a requirement is broken
by nobody, when a sin drowns in other failures, and when a right orchestrator is accused.

{count} wrong orchestrators, {requirements} requirements, {right} right orchestrators. The same as data:
[detection-matrix.json](detection-matrix.json).
"""

_RIGHT = """\
## Right orchestrators

Unlike the reference and unlike each other; no requirement may accuse any of them.
"""


def text_of(matrix: Matrix) -> str:
    """The page."""
    wrong = (*matrix.wrong, *matrix.contained)
    head = _HEAD.format(
        contract=CONTRACT_VERSION, count=len(wrong), requirements=len(catalogue()), right=len(matrix.right)
    )
    return "\n".join([head, *_by_requirement(wrong), *_by_orchestrator(wrong), _RIGHT, *_right(matrix.right)])


def data_of(matrix: Matrix) -> str:
    """The data: what passed is left out, being all the rest."""
    rows = {
        kind: [row.model_dump(exclude={"passed", "lost"}) for row in getattr(matrix, kind)]
        for kind in Matrix.model_fields
    }
    return json.dumps({"contract": CONTRACT_VERSION, **rows}, indent=1, ensure_ascii=False) + "\n"


def write(matrix: Matrix) -> None:
    """Write page and data."""
    PAGE.write_text(text_of(matrix), encoding="utf-8")
    DATA.write_text(data_of(matrix), encoding="utf-8")


def committed() -> Matrix:
    """The matrix as it was last written; empty if it never was."""
    if not DATA.is_file():
        return Matrix()
    data = json.loads(DATA.read_text(encoding="utf-8"))
    return Matrix.model_validate({kind: data[kind] for kind in Matrix.model_fields})


def _by_requirement(wrong: Iterable[Row]) -> Iterator[str]:
    rows = list(wrong)
    yield "## By requirement\n"
    for group, requirements in groupby(catalogue().values(), key=lambda requirement: requirement.group):
        yield f"### {group}: {GROUPS[group]}\n"
        yield "| | requirement | broken on purpose by | fails in all with |"
        yield "|---|---|---|---|"
        for requirement in requirements:
            yield _requirement_line(requirement, rows)
        yield ""


def _requirement_line(requirement: Requirement, rows: list[Row]) -> str:
    failed = [row for row in rows if requirement.id in row.failed]
    named = [row.name.partition(":")[2] for row in failed if requirement.id in row.named_by]
    return _line(requirement.id, requirement.sentence, ", ".join(named), str(len(failed)))


def _by_orchestrator(wrong: Iterable[Row]) -> Iterator[str]:
    yield "## By wrong orchestrator\n"
    for module, rows in groupby(wrong, key=lambda row: row.name.partition(":")[0]):
        yield f"### `tests/broken/{module}.py`\n"
        yield "| orchestrator | its sin | named by | also failed | blocked |"
        yield "|---|---|---|---|---|"
        for row in rows:
            named = ", ".join(_named(row, id) for id in row.named_by)
            others = f"{len(row.others)}: {', '.join(row.others)}" if row.others else ""
            yield _line(row.name.partition(":")[2], row.told, named, others, str(len(row.blocked) or ""))
        yield ""


def _named(row: Row, id: str) -> str:
    """A requirement that names a sin, with the scenario that shows it."""
    if id not in row.failed:
        return f"~~{id}~~"
    return f"**{id}** ({row.shown_in[id]})" if id in row.shown_in else f"**{id}**"


def _right(rows: Iterable[Row]) -> Iterator[str]:
    yield "| orchestrator | what is unusual about it | verdict |"
    yield "|---|---|---|"
    for row in rows:
        yield _line(f"`{row.name}`", row.told, row.word)
    yield ""


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
