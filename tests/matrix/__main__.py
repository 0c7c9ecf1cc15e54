"""The command line: `python -m tests.matrix [--check] [NAME...]`.

Judges all orchestrators, or those whose names are given or begin like this (`running:Null`, `leaking:`,
`right.`), and writes their rows; with `--check` it compares instead. Ends with 1 if the matrix does not show
what it must, or is not what is committed.
"""

from __future__ import annotations

import argparse
import difflib
import logging
import os
import sys
import time

from pytest_orchestrators.families.native.family import NativeFamily
from tests.matrix.gate import complaints
from tests.matrix.judging import rows_of
from tests.matrix.page import PAGE, committed, text_of, write
from tests.matrix.rows import (
    Contestant,
    Matrix,
    Row,
    engine_answers,
    right_ones,
    right_ones_in_containers,
    wrong_ones,
    wrong_ones_in_containers,
)

NO_ENGINE = "No container engine answers: who needs one is not judged, and those rows are left as they are."


def main(arguments: list[str]) -> int:
    """Do what the command line says, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix", description="The detection matrix.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="judge these, or what begins like this, alone"
    )
    parser.add_argument(
        "--check", action="store_true", help="compare with what is committed, and write nothing"
    )
    options = parser.parse_args(arguments)
    logging.getLogger().addHandler(logging.NullHandler())  # or libraries that find none log to the terminal
    contestants = _judged_here(tuple(options.names) or ("",))
    NativeFamily().prepare()  # what takes long the first time is done before anything forks
    begin = time.monotonic()
    found: dict[str, Row] = {}
    for row in rows_of(contestants):
        found[row.name] = row
        print(f"{row.name}: {row.lost or row.word} ({', '.join(row.failed) or 'nothing'} failed)", flush=True)
        if not options.check:
            write(_matrix(found))
    print(f"{len(found)} orchestrators judged in {time.monotonic() - begin:.0f} s")
    matrix = _matrix(found)
    wrong = complaints(matrix)
    if options.check:
        wrong += _differences(matrix)
    print("\n".join(["", *wrong]) if wrong else "The matrix shows what it must.")
    return 1 if wrong else 0


def _judged_here(wanted: tuple[str, ...]) -> list[Contestant]:
    """The wanted ones, those first that take longest."""
    contained = [*right_ones_in_containers(), *wrong_ones_in_containers()]
    if not engine_answers():
        print(NO_ENGINE)
        contained = []
    everybody = [*contained, *right_ones(), *wrong_ones()]
    return [contestant for contestant in everybody if contestant.row.name.startswith(wanted)]


def _matrix(found: dict[str, Row]) -> Matrix:
    """What was found, and the committed rows of who was not judged now."""
    before = committed()
    known = {row.name: row for row in (*before.wrong, *before.contained, *before.right)} | found

    def rows(*contestants: Contestant) -> tuple[Row, ...]:
        return tuple(known[each.row.name] for each in contestants if each.row.name in known)

    return Matrix(
        wrong=rows(*wrong_ones()),
        contained=rows(*wrong_ones_in_containers()),
        right=rows(*right_ones(), *right_ones_in_containers()),
    )


def _differences(matrix: Matrix) -> list[str]:
    """What the committed page says otherwise, and that nothing was compared which CI is to compare."""
    was = PAGE.read_text(encoding="utf-8").splitlines() if PAGE.is_file() else []
    found = text_of(matrix).splitlines()
    changed = list(difflib.unified_diff(was, found, "committed", "found", n=0, lineterm=""))
    told = [f"{PAGE.name} is not what is found: run python -m tests.matrix", *changed] if changed else []
    if os.environ.get("CI") and not engine_answers():
        told.append("No container engine answers, and in CI there must be one.")
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
