"""Evidence and reports to be mutated: of a right toy and of a wrong one, recorded once."""

from __future__ import annotations

import io
import json
import sys
from functools import cache
from subprocess import CompletedProcess
from typing import Any

import pytest

from pytest_orchestrators.suite import isolated, ruling
from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.reporting import report_on
from tests.judging import stores
from tests.plugin.flavors import Forgetful, Right
from tests.report.making import evidence_on, judged_again
from tests.toy.system import ToyFlavor

FLAVORS = {"Right": Right, "Forgetful": Forgetful}
#: Scenarios that are small and differ in what is done to runs: those that examples are made of.
SMALL = ("first", "order", "rerun", "interruption", "hooks", "missing_input", "missing_class", "called_twice")
SMALL += ("damaged", "schedule", "resources", "own_code", "failure")


@cache
def evidence(flavor: str) -> Evidence:
    kind: type[ToyFlavor] = FLAVORS[flavor]
    with stores() as root:
        return evidence_on(kind, root)


@cache
def document(flavor: str) -> dict[str, Any]:
    """The evidence as JSON has it."""
    found: dict[str, Any] = json.loads(evidence(flavor).model_dump_json())
    return found


def part(flavor: str, *scenarios: str) -> dict[str, Any]:
    """The evidence with these scenarios only."""
    whole = document(flavor)
    return {**whole, "scenarios": {name: whole["scenarios"][name] for name in scenarios}}


@cache
def report() -> dict[str, Any]:
    """A report on both, with the scenarios of which there is the most to draw."""
    accounts = [judged_again(evidence(flavor)) for flavor in FLAVORS]
    found: dict[str, Any] = json.loads(report_on(accounts).text())
    for flavor in found["flavors"]:
        flavor["scenarios"] = [told for told in flavor["scenarios"] if told["name"] in SMALL[:5]]
    return found


def judge_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the isolated judge's program run here, which takes milliseconds, and end as its process does."""

    def run(command: list[str], *, input: bytes, **keywords: Any) -> CompletedProcess[bytes]:
        streams = sys.stdin, sys.stdout, sys.stderr
        out, err = io.StringIO(), io.StringIO()
        sys.stdin, sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO(input)), out, err
        try:
            isolated.main()
            code = 0
        except SystemExit as left:
            code = int(left.code or 0)
        finally:
            sys.stdin, sys.stdout, sys.stderr = streams
        return CompletedProcess(command, code, out.getvalue().encode(), err.getvalue().encode())

    monkeypatch.setattr(ruling, "run", run)
