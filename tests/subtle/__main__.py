"""Search for all subtly wrong orchestrators, or those that are named, and write the table.

Each is first judged by the scenarios alone, which must have nothing against it.
"""

from __future__ import annotations

import sys
from collections.abc import Collection

from pytest_orchestrators.suite.verdict import Word
from tests.broken.sins import Sinner
from tests.judging import judged, session_on, stores
from tests.subtle.all import every
from tests.subtle.page import committed, name_of, row_of, write
from tests.subtle.searching import SEEDS, examples_needed


def main(names: Collection[str]) -> int:
    """Search; the exit code is 1 if one is seen by a scenario, or is not found with every seed."""
    rows = {row.name: row for row in committed()}
    failed = False
    for sinner in every():
        name = name_of(sinner)
        if names and name not in names:
            continue
        word = _word_of_scenarios(sinner)
        needed = [_needed(sinner, seed) for seed in SEEDS]
        print(f"{name}: scenarios say {word.value}; {', '.join(map(str, needed))}", flush=True)
        failed = failed or word is not Word.CONFORMS or 0 in needed
        rows[name] = row_of(sinner, needed)
    write([rows[name] for sinner in every() if (name := name_of(sinner)) in rows])
    return int(failed)


def _word_of_scenarios(sinner: Sinner) -> Word:
    with stores() as root:
        return judged(session_on(sinner.flavor, root)).word


def _needed(sinner: Sinner, seed: int) -> int:
    with stores() as root:
        return examples_needed(sinner, seed, root)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
