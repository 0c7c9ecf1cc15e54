"""The table of subtly wrong orchestrators, as data and as a page of the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median

from pytest_orchestrators.suite.data import Data
from tests.broken.sins import Sinner
from tests.subtle.searching import PROFILE, SEEDS

DOCS = Path(__file__).parents[2] / "docs"
PAGE, DATA = DOCS / "what-generating-finds.md", DOCS / "what-generating-finds.json"

_HEAD = """\
# What generating finds

Written by `python -m tests.subtle`: wrong orchestrators of `tests/subtle/` that every scenario of the suite
takes for right ones, because they need a size, a shape, a value or a history that nobody thought of. Each is
looked for with the profile `{profile}` ({most} histories) and the seeds {seeds}. The columns say how many
histories it took until a requirement was broken that names the sin.

{count} wrong orchestrators, all found with all seeds; half of the searches ended within {half} histories, the
longest after {worst}.

| wrong orchestrator | what is wrong | requirement | {columns} |
|---|---|---|{rules}|
"""


class Row(Data):
    """One wrong orchestrator, and how many examples it took with each seed."""

    name: str
    told: str
    named_by: tuple[str, ...]
    needed: tuple[int, ...]


def name_of(sinner: Sinner) -> str:
    """The name of the class."""
    return sinner.name.partition(":")[2].removesuffix(".Flavor")


def row_of(sinner: Sinner, needed: Iterable[int]) -> Row:
    """The row of a wrong orchestrator."""
    return Row(name=name_of(sinner), told=sinner.told, named_by=sinner.named_by, needed=tuple(needed))


def text_of(rows: Iterable[Row]) -> str:
    """The page."""
    return "".join(_lines(list(rows)))


def _lines(rows: list[Row]) -> Iterator[str]:
    needed = sorted(number for row in rows for number in row.needed)
    yield _HEAD.format(
        profile=PROFILE.name,
        most=PROFILE.examples,
        seeds=", ".join(map(str, SEEDS)),
        count=len(rows),
        half=int(median(needed or [0])),
        worst=max(needed, default=0),
        columns=" | ".join(f"seed {seed}" for seed in SEEDS),
        rules="|".join("---:" for _ in SEEDS),
    )
    for row in rows:
        numbers = " | ".join(map(str, row.needed))
        yield f"| `{row.name}` | {row.told} | {', '.join(row.named_by)} | {numbers} |\n"


def write(rows: list[Row]) -> None:
    """Write page and data."""
    PAGE.write_text(text_of(rows), encoding="utf-8")
    data = [row.model_dump(mode="json") for row in rows]
    DATA.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def committed() -> list[Row]:
    """The table as it was last written; empty if it never was."""
    if not DATA.is_file():
        return []
    return [Row.model_validate(row) for row in json.loads(DATA.read_text(encoding="utf-8"))]
