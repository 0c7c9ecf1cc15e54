"""Whether the verdict on `local` is always the same: the whole suite, again and again, in new processes.

`python -m benchmarks steady` runs it 50 times, or as often as `BENCHMARK_SESSIONS` says.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from statistics import median

from benchmarks.harness import Row

SESSIONS = int(os.environ.get("BENCHMARK_SESSIONS", "50"))
_COMMAND = (sys.executable, "-m", "pytest", "--orchestrator-flavor=local", "-q", "-p", "no:cacheprovider")


def _session() -> tuple[str, float]:
    """The last line of the verdict with the exit code, and the seconds of the whole process."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        done = subprocess.run(_COMMAND, cwd=folder, capture_output=True, text=True)
        seconds = time.perf_counter() - begin
    told = [line for line in done.stdout.splitlines() if line.startswith("local: ")]
    return f"exit code {done.returncode}: {told[-1] if told else done.stderr.strip()}", seconds


def rows() -> list[Row]:
    """How many sessions said something else than most of them, and how long they took."""
    sessions = [_session() for _ in range(SESSIONS)]
    verdicts = Counter(verdict for verdict, _ in sessions)
    usual, times = verdicts.most_common(1)[0]
    others = "".join(f"; {count} x {verdict}" for verdict, count in verdicts.items() if verdict != usual)
    seconds = [seconds for _, seconds in sessions]
    return [
        Row("verdicts on local unlike the others", SESSIONS - times, "", 0, f"{times} x {usual}{others}"),
        Row("suite on local, whole process", median(seconds), " s", 30, f"longest {max(seconds):.1f} s"),
    ]
