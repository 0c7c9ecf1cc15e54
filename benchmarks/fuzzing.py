"""The cost of generating: workloads made up and judged against the bare launches of the same pipelines, and
what a long campaign keeps in memory.

`BENCHMARK_EXAMPLES` says how many histories the campaign has (300 unless told; 2000 are those of `deep`).
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import hypothesis
import psutil
from hypothesis import HealthCheck, Phase, settings

from benchmarks.harness import Row, interleaved, ratio, seconds_of
from pytest_orchestrators import LocalArtifactStore, SqliteMetadataConfig, Stack
from pytest_orchestrators.families.native.building import pipeline_of
from pytest_orchestrators.fixtures.judging import Judge
from pytest_orchestrators.selection.subject import subject_of_flavor
from pytest_orchestrators.strategies import workloads
from pytest_orchestrators.suite.evidence import ScenarioEvidence
from pytest_orchestrators.suite.fuzzing.campaign import Campaign
from pytest_orchestrators.suite.fuzzing.profiles import Profile
from pytest_orchestrators.suite.stores import temporary_stores
from pytest_orchestrators.suite.workload import Workload
from reference_flavors.local import LocalOrchestratorFlavor

EXAMPLES = int(os.environ.get("BENCHMARK_EXAMPLES", "300"))
WORKLOADS, ROUNDS = 25, 5
_MEGABYTE = 1 << 20


def drawn(count: int, seed: int = 1) -> list[Workload]:
    """So many workloads, as `@given(workload=workloads())` draws them."""
    found: list[Workload] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(workloads())
    def keep(workload: Workload) -> None:
        found.append(workload)

    keep()
    return found


def launched(workload: Workload) -> None:
    """Compile and run twice on fresh stores, and look at nothing."""
    with temporary_stores() as folder:  # where `judge` has them
        stack = Stack(
            "benchmark",
            LocalOrchestratorFlavor().create(),
            LocalArtifactStore.at(folder / "artifacts"),
            SqliteMetadataConfig(path=folder / "metadata.db"),
        )
        for _ in range(2):
            deployment = pipeline_of(workload, folder / "journal").compile(stack)
            stack.prepare_pipeline_deployment(deployment)
            stack.deploy_pipeline(deployment)


def _judged_against_launched() -> Row:
    judge = Judge(subject_of_flavor(LocalOrchestratorFlavor()))
    found = drawn(WORKLOADS)
    judge(found[0]).assert_conforms()  # the first launch of a process takes long

    def judged() -> None:
        for workload in drawn(WORKLOADS):
            judge(workload).assert_conforms()

    def bare() -> None:
        for workload in found:
            launched(workload)

    bare()
    contestants = {"bare": lambda: seconds_of(bare), "judged": lambda: seconds_of(judged)}
    measured = interleaved(contestants, ROUNDS)
    rates = ", ".join(f"{name} {WORKLOADS / median(taken):.1f}/s" for name, taken in measured.items())
    name = "generated and judged workloads per second against bare launches"
    return Row(name, ratio(measured, "bare", "judged"), "", 0.6, rates, at_least=True)


def _memory() -> Row:
    """In a process of its own, which has nothing else in its memory."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.fuzzing"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    early, late = json.loads(done.stdout.splitlines()[-1])
    note = f"{early / _MEGABYTE:.0f} MB in the second tenth, {late / _MEGABYTE:.0f} MB in the last"
    return Row(f"memory of a campaign after {EXAMPLES} histories", late / early, "", 1.1, note)


def _campaign() -> tuple[int, int]:
    """Bytes that the process holds in the second tenth of a campaign and in the last, in the middle: a long
    history takes some for a while.
    """
    subject = subject_of_flavor(LocalOrchestratorFlavor())
    subject.family.prepare()
    held: list[int] = []

    def note(_: ScenarioEvidence) -> None:
        held.append(psutil.Process().memory_info().rss)

    with tempfile.TemporaryDirectory() as folder:
        profile = Profile("benchmark", EXAMPLES, seconds=86_400.0)
        stores, notes = Path(folder, "stores"), Path(folder, "notes")
        Campaign(subject, profile, 1, stores, notes, first=0.1, note=note).carry_out()
    tenth = len(held) // 10
    return int(median(held[tenth : 2 * tenth])), int(median(held[-tenth:]))


def rows() -> list[Row]:
    """Both."""
    return [_judged_against_launched(), _memory()]


if __name__ == "__main__":
    logging.getLogger().addHandler(logging.NullHandler())
    print(json.dumps(_campaign()))
