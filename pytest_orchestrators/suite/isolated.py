"""The judge as a program: reads evidence from standard input, prints verdict, lines and exit code as JSON.

It is run by `ruling` in an interpreter that has seen nothing of the flavor.
"""

from __future__ import annotations

import json
import sys

from pydantic import ValidationError

from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.frozen import UnknownContract
from pytest_orchestrators.suite.judge import judge
from pytest_orchestrators.suite.rendering.terminal import verdict_lines
from pytest_orchestrators.suite.ruling import NO_EVIDENCE
from pytest_orchestrators.suite.soundness import UnsoundEvidence


def main() -> None:
    """Judge.

    Raises:
        SystemExit: what was read is no evidence.
    """
    try:
        evidence = Evidence.model_validate_json(sys.stdin.buffer.read())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        print(f"{place}: {first['msg']}" if place else first["msg"], file=sys.stderr)
        raise SystemExit(NO_EVIDENCE) from None
    try:
        verdict = judge(evidence)
    except (UnsoundEvidence, UnknownContract) as error:
        print(error, file=sys.stderr)
        raise SystemExit(NO_EVIDENCE) from None
    lines = [[line.text, line.colour, line.bold] for line in verdict_lines(verdict)]
    told = {"verdict": verdict.model_dump(mode="json"), "lines": lines, "exit_code": int(verdict.exit_code)}
    json.dump(told, sys.stdout)
