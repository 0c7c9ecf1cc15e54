"""The command line: `python -m benchmarks [PART...]`; exits with 1 if a target is missed, or a part cannot be
measured here.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module

from benchmarks.harness import table
from pytest_orchestrators import MissingPrerequisiteError

PARTS = ("steps", "suite", "startup", "fuzzing", "containers")
#: Those that take many minutes, and are measured only when they are named.
LONG = ("steady",)


def main(asked: list[str]) -> int:
    """Measure the parts asked for, or all that do not take long, and print the table."""
    unknown = [name for name in asked if name not in PARTS + LONG]
    if unknown:
        print(
            f"there is no benchmark {', '.join(unknown)}; known: {', '.join(PARTS + LONG)}", file=sys.stderr
        )
        return 2
    logging.getLogger().addHandler(logging.NullHandler())  # or libraries that find none log to the terminal
    rows, absent = [], []
    for name in asked or PARTS:
        try:
            rows += import_module(f"benchmarks.{name}").rows()
        except MissingPrerequisiteError as error:
            absent.append(f"{name}: not measured. {error}")
    print("\n".join([table(rows), *absent]))
    return 1 if absent or any(row.missed for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
