"""Runs by another interpreter: it remembers nothing of this one, and is not asked for what it cannot find."""

from __future__ import annotations

import importlib
import os
import time
from pathlib import Path
from typing import Any

import pytest

from pytest_orchestrators.suite.apart import ChildLost
from pytest_orchestrators.suite.carrying import Limits, carry_out
from pytest_orchestrators.suite.case import Case, walk
from pytest_orchestrators.suite.evidence import ScenarioEvidence
from pytest_orchestrators.suite.history import History, Run
from pytest_orchestrators.suite.interpreter import NotFound, carried_out_by_another
from pytest_orchestrators.suite.scenarios import scenario
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import single
from tests.judging import SEED, session_on
from tests.plugin.flavors import Right
from tests.toy.system import ToyFlavor, ToyOrchestrator

#: Whether this module was imported by the process that the tests run in.
_IMPORTED_BY = os.getpid()


class TellsItsProcess(ToyOrchestrator):
    """Fails, and tells in which process its module was imported, and what text is hashed by."""

    def execute(self, deployment: Any) -> Any:
        raise RuntimeError(f"{_IMPORTED_BY} {os.environ['PYTHONHASHSEED']}")


class TellsItsProcessFlavor(ToyFlavor):
    implementation = TellsItsProcess


class NeedsToBeSetUp(ToyOrchestrator):
    ready = False

    def execute(self, deployment: Any) -> Any:
        if not self.ready:
            raise RuntimeError("nobody has set this up")
        return super().execute(deployment)


class NeedsToBeSetUpFlavor(ToyFlavor):
    implementation = NeedsToBeSetUp


class Hangs(ToyOrchestrator):
    def execute(self, deployment: Any) -> Any:
        time.sleep(600)


class HangsFlavor(ToyFlavor):
    implementation = Hangs


class EndsIt(ToyOrchestrator):
    def __init__(self, *arguments: Any) -> None:
        os._exit(5)


class EndsItFlavor(ToyFlavor):
    implementation = EndsIt


def by_another(flavor: type, root: Path, seconds: float = 60.0) -> ScenarioEvidence:
    """A run of one step by another interpreter."""
    history = History(name="one run", actions=(Run(label="there", workload=single(Names("elsewhere"))),))
    (root / "stores").mkdir()
    return carried_out_by_another(
        history, session_on(flavor, root / "session").subject, root / "stores", seconds
    )


def cases(flavor: type, root: Path) -> list[Case]:
    """What is seen of a run by another interpreter, and of the same run here."""
    (root / "stores").mkdir()
    subject = session_on(flavor, root / "session").subject
    seen = carry_out(scenario("another_process", SEED), subject, root / "stores", Limits(60.0))
    assert not seen.broken
    return list(walk(seen))


def test_it_has_imported_everything_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    [run] = by_another(TellsItsProcessFlavor, tmp_path).runs
    importer, hashed = run.outcome.chain[0].message.split()
    assert (int(importer) == _IMPORTED_BY, hashed) == (False, "random")


def test_what_it_has_run_is_cached_here(tmp_path: Path) -> None:
    there, here = cases(Right, tmp_path)
    assert there.executed() == here.cached() == frozenset(there.expected.steps)
    assert not {fact.pid for fact in there.seen.events("started")} & {os.getpid()}


def test_a_fork_stands_for_it_where_the_class_has_no_name(tmp_path: Path) -> None:
    class Nameless(ToyFlavor):
        pass

    with pytest.raises(NotFound, match="Nameless"):
        by_another(Nameless, tmp_path)
    (tmp_path / "forked").mkdir()
    there, here = cases(Nameless, tmp_path / "forked")
    assert there.executed() == here.cached() == frozenset(there.expected.steps)


def test_a_fork_stands_for_it_where_the_class_needs_what_was_done_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NeedsToBeSetUp, "ready", True)
    there, here = cases(NeedsToBeSetUpFlavor, tmp_path)
    assert there.seen.outcome.kind == "returned"
    assert there.executed() == here.cached() == frozenset(there.expected.steps)


def test_a_module_that_is_not_found_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "once_importable.py"
    source.write_text("from tests.toy.system import ToyFlavor\nclass Mine(ToyFlavor):\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    flavor = importlib.import_module("once_importable").Mine
    source.unlink()
    with pytest.raises(NotFound, match="No module named 'once_importable'"):
        by_another(flavor, tmp_path)


def test_one_that_hangs_is_given_up_where_it_is(tmp_path: Path) -> None:
    [run] = by_another(HangsFlavor, tmp_path, seconds=3.0).runs
    assert run.outcome.kind == "timed_out"
    assert "in execute" in run.outcome.stacks


def test_one_that_ends_its_process_is_lost(tmp_path: Path) -> None:
    with pytest.raises(ChildLost, match="another interpreter ended without an answer, exit code 5"):
        by_another(EndsItFlavor, tmp_path)
