"""Scripts that show a broken requirement: the least that shows it, and the very same history."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_orchestrators import reproduction
from pytest_orchestrators.conformance.reproducing import write_reproductions
from pytest_orchestrators.suite.evidence import Environment
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.rendering.script import script
from pytest_orchestrators.suite.scenarios import scenario, scenario_names
from pytest_orchestrators.suite.verdict import Judgement, Observation, Status
from tests.broken import caching, failing, flavor, running
from tests.judging import judged, session_on
from tests.plugin.flavors import Forgetful

ROOT = Path(__file__).parents[2]
ENVIRONMENT = Environment(
    flavor="f", source="m:F", family="native", capabilities=("containers",), config={"a": 'quo"te'}
)
SCREEN = 60


def broken(id: str, observed: str = "nothing") -> Judgement:
    finding = Observation(expected="something", observed=observed)
    return Judgement(id=id, status=Status.FAILED, findings=(finding,))


def shown(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What a script hands to `show`."""
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    monkeypatch.setattr(reproduction, "show", lambda *given, **options: calls.append((given, options)))
    exec(compile(text, "repro.py", "exec"), {})
    [call] = calls
    return call


@pytest.mark.parametrize("name", scenario_names())
def test_a_script_does_what_the_scenario_did(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    history = scenario(name, "seed")
    given, options = shown(script(broken("RUN-1"), ENVIRONMENT, history), monkeypatch)
    assert given == ("m:F", "RUN-1", name, *history.actions)
    assert options == {"capabilities": {"containers"}, "config": {"a": 'quo"te'}}


def test_whatever_was_observed_is_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    text = script(broken("RUN-1", 'a """ and a \\ and\na line'), ENVIRONMENT, None)
    assert shown(text, monkeypatch)[0] == ("m:F", "RUN-1")


def reproductions(flavor: type, requirement: str, folder: Path) -> str:
    session = session_on(flavor, folder / "stores")
    verdict = judged(session, [requirement])
    written = write_reproductions(session.subject, session.evidence, verdict, folder / "scripts")
    assert list(written) == [requirement]
    text = written[requirement].read_text()
    assert len(text.splitlines()) <= SCREEN, text
    return text


def test_a_run_that_suffices_alone_stays_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = reproductions(failing.GoesOn.Flavor, "FLR-2", tmp_path)  # type: ignore[attr-defined]
    actions = [given for given in shown(text, monkeypatch)[0] if isinstance(given, Run)]
    assert len(actions) == 1


@pytest.mark.parametrize(
    ("flavor", "requirement"),
    [
        (running.LosesTheResult.Flavor, "RUN-4"),  # type: ignore[attr-defined]
        (caching.AlwaysCaches.Flavor, "CCH-2"),  # type: ignore[attr-defined]
        (flavor.NamePerInstance, "FLV-1"),
        (Forgetful, "RUN-1"),
    ],
    ids=lambda value: getattr(value, "__qualname__", value),
)
def test_a_script_shows_what_is_broken(flavor: type, requirement: str, tmp_path: Path) -> None:
    file = tmp_path / "repro.py"
    file.write_text(reproductions(flavor, requirement, tmp_path))
    done = subprocess.run([sys.executable, str(file)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith(f"FAILED {requirement} ")
    assert "expected:" in done.stdout


def run_script(call: str) -> subprocess.CompletedProcess[str]:
    text = f"from pytest_orchestrators.reproduction import show\n{call}"
    return subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("call", "code", "told"),
    [
        ("show('reference_flavors.local:LocalOrchestratorFlavor', 'FLV-1')", 0, "FLV-1 is not broken here"),
        ("show('nowhere:F', 'FLV-1')", 4, "error: flavor nowhere:F: module 'nowhere' is neither"),
        ("show('reference_flavors.local:LocalOrchestratorFlavor', 'FLV-9')", 4, "no requirement 'FLV-9'"),
    ],
)
def test_a_script_tells_what_it_cannot_show(call: str, code: int, told: str) -> None:
    done = run_script(call)
    assert done.returncode == code
    assert told in done.stdout + done.stderr


def test_scripts_of_an_earlier_session_go(tmp_path: Path) -> None:
    stale = tmp_path / "scripts" / "Forgetful" / "repro_CCH-1.py"
    stale.parent.mkdir(parents=True)
    stale.write_text("")
    reproductions(Forgetful, "RUN-1", tmp_path)
    assert not stale.exists()
