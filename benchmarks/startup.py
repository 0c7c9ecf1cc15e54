"""The cost of having the plugin installed: a process that collects one empty test, with and without it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from statistics import median

from benchmarks.harness import Row, interleaved

OURS = "orchestrators"
ROUNDS = 40
#: Nothing of this may be imported before somebody asks for it.
HEAVY = ("tfx", "ml_metadata", "hypothesis", "pydantic", "docker", "zenml")

_PROGRAM = "import sys, pytest; status = pytest.main(sys.argv[1:]); sys.exit(status)"
_TELL_IMPORTS = (
    "import sys, pytest; pytest.main(sys.argv[1:]); "
    f"print('imported:', *[name for name in {HEAVY!r} if name in sys.modules])"
)


def installed() -> list[str]:
    """Names of the pytest plugins that are installed here, ours first; each distribution's first one."""
    first = {
        point.dist.name if point.dist else point.name: point.name
        for point in sorted(entry_points(group="pytest11"), key=lambda point: len(point.name), reverse=True)
    }
    return sorted(first.values(), key=lambda name: (name != OURS, name))


def _arguments(folder: Path, alone: str | None) -> list[str]:
    """Run the empty test with one plugin, or with none, of those that are installed."""
    off = [f"-pno:{point.name}" for point in entry_points(group="pytest11") if point.name != alone]
    return ["-q", "-p", "no:cacheprovider", *off, str(folder / "test_empty.py")]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _start(program: str, folder: Path, alone: str | None) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *_arguments(folder, alone)]
    return subprocess.Popen(command, cwd=folder, env=_environment(), stdout=subprocess.PIPE, text=True)


def _contestant(folder: Path, alone: str | None) -> Callable[[], float]:
    """Measure the processor time of a process: a few milliseconds of wall time drown in what else goes on."""

    def measure() -> float:
        with _start(_PROGRAM, folder, alone) as process:
            assert process.stdout is not None
            process.stdout.read()
            _, process.returncode, used = os.wait4(process.pid, 0)
        if process.returncode:
            raise SystemExit(f"the empty test did not pass with the plugin {alone or 'none'}")
        return used.ru_utime + used.ru_stime

    return measure


def _imported(folder: Path) -> list[str]:
    """What of the heavy is imported in a process with our plugin."""
    with _start(_TELL_IMPORTS, folder, OURS) as process:
        printed, _ = process.communicate()
    return printed.partition("imported:")[2].split()


def rows() -> list[Row]:
    """What every installed plugin adds to a process without any, and what ours imports."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_empty.py").write_text("def test_empty():\n    pass\n", encoding="utf-8")
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        plugins = installed()
        contestants = {plugin: _contestant(folder, plugin) for plugin in plugins}
        contestants["none"] = _contestant(folder, None)
        interleaved(contestants, 1)  # the first process writes the bytecode
        measured = interleaved(contestants, ROUNDS)
        imported = _imported(folder)
    without = median(measured["none"])
    return [
        *(
            Row(
                f"{plugin}, installed and not used",
                1000 * median(a - b for a, b in zip(measured[plugin], measured["none"], strict=True)),
                " ms",
                5 if plugin == OURS else None,
                f"a process without plugins takes {1000 * without:.0f} ms" if plugin == OURS else "for scale",
            )
            for plugin in plugins
        ),
        Row("heavy packages that ours imports", len(imported), "", 0, ", ".join(imported)),
    ]
