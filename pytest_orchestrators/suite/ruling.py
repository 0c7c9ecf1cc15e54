"""A ruling: what the judge says in a fresh, isolated interpreter, taken over as plain data.

Verdict, the lines that tell it and the exit code are all made there: what a flavor has changed in this
process (a check, the judge, the model of a verdict) does not reach them. The interpreter looks at no
environment variable, no current folder and no `sitecustomize`, and looks into the standard library first.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from json import loads
from pathlib import Path
from subprocess import TimeoutExpired, run
from typing import Any

#: Exit code of the interpreter when what it read is no evidence; the reason is on standard error.
NO_EVIDENCE = 2
#: What the judge imports that is neither ours nor the standard library's.
_IMPORTED = ("pydantic", "pydantic_core", "typing_extensions", "psutil")
#: Variables without which an interpreter may not start, or not write text.
_NEEDED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "LD_LIBRARY_PATH")


class NoEvidence(Exception):
    """What is to be judged is no evidence; the message says why."""


@dataclass(frozen=True)
class Ruling:
    """What the judge said.

    Attributes:
        verdict: the verdict as JSON has it.
        lines: its lines: text, colour, and whether it is bold.
        exit_code: what a process that tells it is to end with.
    """

    verdict: dict[str, Any]
    lines: tuple[tuple[str, str, bool], ...]
    exit_code: int


def rule(evidence: str, timeout: float = 120.0) -> Ruling:
    """Have evidence judged.

    Args:
        evidence: the evidence as JSON.
        timeout: seconds that the interpreter may take.

    Raises:
        NoEvidence: it is none.
        RuntimeError: the interpreter did not come to a verdict, or not in time; the message holds what it
            printed.
    """
    found = f"import sys; sys.path += {_FOLDERS!r}"
    program = f"{found}; from pytest_orchestrators.suite.isolated import main; main()"
    command = [_INTERPRETER, "-I", "-S", "-c", program]
    given = evidence.encode(errors="replace")
    try:
        done = run(command, input=given, capture_output=True, timeout=timeout, env=_ENVIRONMENT)
    except TimeoutExpired:
        raise RuntimeError(f"the isolated judge had no answer after {timeout:g} s and was ended") from None
    printed = done.stderr.decode(errors="replace").strip()
    if done.returncode == NO_EVIDENCE:
        raise NoEvidence(printed)
    if done.returncode != 0:
        raise RuntimeError(f"the isolated judge ended with exit code {done.returncode}:\n{printed}")
    told = loads(done.stdout)
    lines = tuple((text, colour, bold) for text, colour, bold in told["lines"])
    return Ruling(told["verdict"], lines, told["exit_code"])


def _folders() -> list[str]:
    """Where the judge and what it imports are, ours first."""
    found = [Path(__file__).resolve().parents[2]]
    for name in _IMPORTED:
        spec = find_spec(name)
        if spec is not None and spec.origin:
            parents = Path(spec.origin).parents
            found.append(parents[1] if spec.submodule_search_locations else parents[0])
    return list(dict.fromkeys(map(str, found)))


# All of it as it is before the flavor is imported, which may change what it likes.
_INTERPRETER = sys.executable
_FOLDERS = _folders()
#: Not what the flavor's process has: the loader takes orders from it (LD_PRELOAD).
_ENVIRONMENT = {name: os.environ[name] for name in _NEEDED if name in os.environ}
