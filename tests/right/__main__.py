"""The command line: `python -m tests.right [--histories N] [--seed SEED] [NAME...]`.

Has right orchestrators, all or those whose class is named, go through generated histories, and says what is
held against them. Ends with 1 if it is anything.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from pytest_orchestrators.families.native.family import NativeFamily
from pytest_orchestrators.suite.fuzzing.judging import broken_by_examples
from pytest_orchestrators.suite.fuzzing.profiles import PROFILES, Profile
from tests.campaigns import campaign_on
from tests.judging import session_on, stores
from tests.right.all import every

#: Nobody waits for this: a campaign ends when it has drawn what is wanted.
_SECONDS = 86_400.0


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.right", description="Right ones and histories.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="these orchestrators alone")
    parser.add_argument("--histories", type=int, default=2_000, help="for each of them (2000)")
    parser.add_argument("--seed", type=int, default=1, help="what they are drawn from (1)")
    options = parser.parse_args(arguments)
    known = {flavor.__qualname__.partition(".")[0]: flavor for flavor in every()}
    unknown = [name for name in options.names if name not in known]
    if unknown:
        parser.error(f"no right orchestrator is called {', '.join(unknown)}; there are: {', '.join(known)}")
    profile = replace(PROFILES["quick"], examples=options.histories, seconds=_SECONDS)
    logging.getLogger().addHandler(logging.NullHandler())  # or libraries that find none log to the terminal
    NativeFamily().prepare()
    accused = [_accused(name, known[name], profile, options.seed) for name in options.names or known]
    return 1 if any(accused) else 0


def _accused(name: str, flavor: type, profile: Profile, seed: int) -> bool:
    """Whether anything is held against a flavor by histories; tells it."""
    begin = time.monotonic()
    with stores() as root:
        generated = campaign_on(flavor, root, profile, seed)
        broken = broken_by_examples(generated, session_on(flavor, root / "environment").subject.environment())
    told = f"accused of {', '.join(broken)}" if broken else "nobody accuses it"
    seconds = time.monotonic() - begin
    print(f"{name}: {generated.drawn} histories in {seconds:.0f} s, {told}", flush=True)
    for found in broken.values():
        for finding in found.findings:
            print(f"    {finding}", flush=True)
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
