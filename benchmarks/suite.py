"""The cost of judging: the whole suite on `local` against the runs that it cannot do without."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.harness import Row
from pytest_orchestrators import BaseOrchestratorFlavor
from pytest_orchestrators.families import family_of
from pytest_orchestrators.suite.catalogue import applicable
from pytest_orchestrators.suite.judge import judge_apart
from pytest_orchestrators.suite.session import Session
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.verdict import Word
from reference_flavors.local import LocalOrchestratorFlavor

ROUNDS = 3


@dataclass(frozen=True)
class Judged:
    """What one session took, in seconds, and how often it began its most frequent scenario."""

    whole: float
    runs: float
    most_often: int
    scenarios: int


def judged_once(flavor: BaseOrchestratorFlavor) -> Judged:
    """Judge a flavor from the first requirement to the verdict, as the plugin does it."""
    family = family_of(type(flavor))
    capabilities = frozenset(getattr(flavor, "capabilities", ()))
    subject = Subject(flavor.name, "benchmark", flavor, family, capabilities=capabilities)
    carried_out: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        session = Session(
            subject, Path(folder), seed="benchmark", on_scenario=lambda s: carried_out.update([s])
        )
        wanted = [requirement.id for requirement in applicable(family.name)]
        session.plan(wanted)
        for requirement in wanted:
            session.ask(requirement)
        verdict = judge_apart(session.evidence)
        whole = time.perf_counter() - begin
    if verdict.word is not Word.CONFORMS:
        raise SystemExit(f"{flavor.name} {verdict.word.value}: there is nothing to measure until it conforms")
    runs = sum(run.outcome.seconds for s in session.evidence.scenarios.values() for run in s.runs)
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
