"""The command line: `python -m tests.mutation [ID...]`.

Without an id, all mutants are judged and the page is written; with ids, or beginnings of ids, only these, and
what became of each is shown. Ends with 1 if there is a survivor that `survivors.toml` does not explain, or an
explanation of one that is killed or no longer there.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time

from tests.mutation.explanations import FILE, explanations
from tests.mutation.judging import killers
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.page import PAGE, text_of


def main(arguments: list[str]) -> int:
    """Do what the command line says, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description="The mutation score.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="judge these, or what begins like this, alone")
    options = parser.parse_args(arguments)
    logging.getLogger().addHandler(logging.NullHandler())  # or libraries that find none log to the terminal
    wanted = tuple(options.ids) or ("",)
    chosen = [mutant for mutant in mutants() if mutant.id.startswith(wanted)]
    begin = time.monotonic()
    found: dict[Mutant, str] = {}
    for mutant, killer in killers([None, *chosen]):
        if mutant is not None:
            found[mutant] = killer
            print(f"{mutant.id} (line {mutant.line}): {killer or 'SURVIVED'}", flush=True)
        elif killer:
            print(f"The sources do not conform as they are ({killer}): nothing can be said of mutants.")
            return 1
    print(f"{len(found)} mutants judged in {time.monotonic() - begin:.0f} s")
    explained = explanations()
    if not options.ids:
        PAGE.write_text(text_of({mutant: found[mutant] for mutant in chosen}, explained), encoding="utf-8")
    survivors = {mutant.id for mutant, killer in found.items() if not killer}
    stale = set() if options.ids else explained.keys() - survivors
    wrong = [
        f"{id} survived, and {FILE.name} does not say why" for id in sorted(survivors - explained.keys())
    ]
    wrong += [f"{id} is explained in {FILE.name}, and does not survive any more" for id in sorted(stale)]
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
