"""The cost of judging: the whole suite on `local` against the runs that it cannot do without.

Runs go on two at a time, so that on two cores the suite may take less time than its runs have taken together.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.harness import Row
from pytest_orchestrators import BaseOrchestratorFlavor
from pytest_orchestrators.families.native.family import NativeFamily
from pytest_orchestrators.families.native.workspace import NativeWorkspace
from pytest_orchestrators.suite.case import GENERATED
from pytest_orchestrators.suite.catalogue import applicable
from pytest_orchestrators.suite.fuzzing.generation import Fuzzing
from pytest_orchestrators.suite.fuzzing.profiles import DEFAULT, PROFILES
from pytest_orchestrators.suite.ruling import rule
from pytest_orchestrators.suite.session import Session
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.verdict import ExitCode
from reference_flavors.local import LocalOrchestratorFlavor

ROUNDS = 3
#: As by default, but always the same.
FUZZING = Fuzzing(PROFILES[DEFAULT], seed=1)


@dataclass(frozen=True)
class Judged:
    """What one session took, in seconds, and how often it began its most frequent scenario."""

    whole: float
    runs: float
    most_often: int
    scenarios: int


class Counting(NativeFamily):
    """Notes the stores that are opened, one line for each scenario that is begun."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._session = os.getpid()

    def open(
        self, flavor: Any, config: Mapping[str, Any], root: Path, beside: str = ""
    ) -> AbstractContextManager[NativeWorkspace]:
        # Generated ones are carried out one after the other; what a scenario runs elsewhere is its own.
        if not beside and GENERATED not in root.parts and os.getppid() == self._session:
            with self._file.open("a") as file:
                print(root, file=file)
        return super().open(flavor, config, root, beside)


def judged_once(flavor: BaseOrchestratorFlavor) -> Judged:
    """Judge a flavor from the first requirement to the verdict, as the plugin does it."""
    capabilities = frozenset(getattr(flavor, "capabilities", ()))
    with tempfile.TemporaryDirectory() as folder:
        begun = Path(folder, "begun")
        family = Counting(begun)
        subject = Subject(flavor.name, "benchmark", flavor, family, capabilities=capabilities)
        begin = time.perf_counter()
        session = Session(subject, Path(folder, "session"), seed="benchmark", fuzzing=FUZZING)
        wanted = [requirement.id for requirement in applicable(family.name)]
        session.plan(wanted)
        for requirement in wanted:
            session.ask(requirement)
        ruling = rule(session.evidence.model_dump_json())
        whole = time.perf_counter() - begin
        session.close()
        carried_out = Counter(begun.read_text().splitlines())
    if ruling.exit_code != ExitCode.CONFORMS:
        raise SystemExit(f"{ruling.lines[-1][0]}: there is nothing to measure until it conforms")
    generated = session.evidence.generated
    scenarios = [*session.evidence.scenarios.values(), *(generated.examples if generated else ())]
    runs = sum(run.outcome.seconds for s in scenarios for run in s.runs)
    return Judged(whole, runs, max(carried_out.values()), len(carried_out))


def rows() -> list[Row]:
    """The ratio, and that no scenario is carried out twice."""
    sessions = [judged_once(LocalOrchestratorFlavor()) for _ in range(ROUNDS)]
    whole, runs = median(s.whole for s in sessions), median(s.runs for s in sessions)
    again = max(s.most_often for s in sessions)
    return [
        Row(
            "whole suite on local against its runs",
            median(s.whole / s.runs for s in sessions),
            "",
            1.5,
            f"suite {whole:.2f} s, runs {runs:.2f} s",
        ),
        Row("times that a scenario is carried out", again, "", 1, f"{sessions[0].scenarios} scenarios"),
    ]
