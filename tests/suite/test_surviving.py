"""Killing, halting, second calls, two sides: the harness in parts, and checks on evidence made by hand."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from pytest_orchestrators.probes import control, halting, journal, questions
from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.evidence import (
    Fact,
    Failure,
    Outcome,
    RunEvidence,
    ScenarioEvidence,
)
from pytest_orchestrators.suite.history import Beside, History, Run
from pytest_orchestrators.suite.judge import judge_alone
from pytest_orchestrators.suite.killing import run_and_kill
from pytest_orchestrators.suite.neighbour import Side, neighbour
from pytest_orchestrators.suite.observers.descendants import descendants, interrupt_descendants
from pytest_orchestrators.suite.observers.resting import wait_until_at_rest
from pytest_orchestrators.suite.requirements.interrupting import PROMPT_S
from pytest_orchestrators.suite.scenarios import scenario
from pytest_orchestrators.suite.scenarios.naming import Names
from pytest_orchestrators.suite.scenarios.shapes import chain
from pytest_orchestrators.suite.second_call import SecondCall
from pytest_orchestrators.suite.surroundings import Containers, interruptible
from pytest_orchestrators.suite.verdict import Judgement, Status
from tests.judging import reader_of

NO_CONTAINERS = Containers(Path(), None, wanted=False)
PATIENCE_S = 60.0


def halting_run(root: Path, helper: Path | None = None) -> Callable[[], None]:
    """A run that halts at the start of step `s`, and says so in the journal if it ever goes on."""

    def run() -> None:
        if helper is not None:
            sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            helper.write_text(str(sleeper.pid))
        halting.halt(root, {"run": "r", "halts": [["started", "s"]]}, "started", "s")
        journal.append(root, "went on")

    return run


def kinds(root: Path) -> list[str]:
    return [event["kind"] for event in journal.read(root)[0]]


def test_a_run_is_killed_where_it_halts_and_what_it_started_with_it(tmp_path: Path) -> None:
    helper = tmp_path / "helper"
    outcome = run_and_kill(halting_run(tmp_path, helper), "r", tmp_path, NO_CONTAINERS, PATIENCE_S)
    assert outcome.kind == "killed"
    assert kinds(tmp_path) == ["halted"]
    pid = int(helper.read_text())
    deadline = time.monotonic() + PATIENCE_S
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_run_that_never_halts_tells_how_it_ended(tmp_path: Path) -> None:
    def fail() -> None:
        raise ValueError("nothing to do")

    returned = run_and_kill(lambda: None, "r", tmp_path, NO_CONTAINERS, PATIENCE_S)
    raised = run_and_kill(fail, "r", tmp_path, NO_CONTAINERS, PATIENCE_S)
    assert (returned.kind, raised.kind) == ("returned", "raised")
    assert raised.chain[0].message == "nothing to do"


def test_a_run_that_does_not_come_to_its_halt_is_ended(tmp_path: Path) -> None:
    outcome = run_and_kill(threading.Event().wait, "r", tmp_path, NO_CONTAINERS, 0.1)
    assert outcome.kind == "timed_out"


def test_a_halt_lasts_until_it_is_answered(tmp_path: Path) -> None:
    thread = threading.Thread(target=halting_run(tmp_path))
    thread.start()
    while kinds(tmp_path) != ["halted"]:
        time.sleep(0.01)
    control.answer(tmp_path, questions.may_go_on("r", "started", "another"))
    control.answer(tmp_path, questions.may_go_on("r", "started", "s"))
    thread.join()
    assert kinds(tmp_path) == ["halted", "went on"]


def test_other_moments_and_steps_do_not_halt(tmp_path: Path) -> None:
    orders: dict[str, Any] = {"run": "r", "halts": [["started", "s"]]}
    halting.halt(tmp_path, orders, "started", "another")
    halting.halt(tmp_path, orders, "cleanup_step_run", "s")
    halting.halt(tmp_path, {}, "started", "s")
    assert kinds(tmp_path) == []


def test_a_second_call_is_waited_for_as_long_as_it_journals(tmp_path: Path) -> None:
    go_on = threading.Event()
    never = SecondCall(go_on.wait, tmp_path)
    assert never.outcome(0.0) is None
    never.begin()
    stuck = never.outcome(0.05)
    assert stuck is not None
    assert stuck.kind == "timed_out"
    go_on.set()
    ended = never.outcome(PATIENCE_S)
    assert ended is not None
    assert ended.kind == "returned"


def test_a_second_call_that_raises(tmp_path: Path) -> None:
    call = SecondCall(lambda: {}["missing"], tmp_path)
    call.begin()
    ended = call.outcome(PATIENCE_S)
    assert ended is not None
    assert (ended.kind, ended.chain[0].type) == ("raised", "builtins.KeyError")


def test_of_two_sides_each_waits_for_the_other(tmp_path: Path) -> None:
    told: list[str] = []
    workload = chain(Names("seed"), 2)

    def there(history: History, side: Side) -> ScenarioEvidence:
        [run] = history.actions
        assert isinstance(run, Run)
        side.begin()
        journal.append(tmp_path, "there begins")
        side.halt()
        journal.append(tmp_path, "there goes on")
        side.end()
        seen = RunEvidence(action=run, run_name="beside", outcome=Outcome(kind="returned"))
        return ScenarioEvidence(name=history.name, actions=history.actions, runs=(seen,))

    beside = Beside(workload=workload, same_stores=True)
    with neighbour(beside, "label", there, PATIENCE_S) as (here, seen):
        here.begin()
        journal.append(tmp_path, "here begins")
        here.halt()
        journal.append(tmp_path, "here goes on")
        told.append(seen().action.waits_in or "")
    assert kinds(tmp_path) == ["there begins", "here begins", "there goes on", "here goes on"]
    assert told == [workload.order()[1]]


def test_descendants_in_this_group_are_interrupted() -> None:
    program = "import time; print('up', flush=True); time.sleep(600)"
    before = descendants()
    with interruptible():  # whose children do not ignore SIGINT, whatever this process was started with
        near, far = (
            subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=alone)
            for alone in (False, True)
        )
    try:
        for process in (near, far):
            assert process.stdout is not None
            process.stdout.readline()
        interrupt_descendants(but=before)
        assert near.wait(PATIENCE_S) != 0
        assert far.poll() is None
    finally:
        for process in (near, far):
            process.kill()
            process.communicate()


def judged(id: str, *scenarios: ScenarioEvidence) -> Judgement:
    return judge_alone(catalogue()[id], reader_of(*scenarios))


def done(action: Run, begin: float = 0.0) -> RunEvidence:
    """A run in which every step took one second, as the journal tells it."""
    facts = tuple(
        Fact(kind=kind, step=step, pid=1, thread=1, monotonic=begin + 2 * number + (kind == "finished"))
        for number, step in enumerate(action.workload.order())
        for kind in ("started", "finished")
    )
    return RunEvidence(action=action, run_name="r", outcome=Outcome(kind="returned"), facts=facts, midway=())


def interrupted(late: float) -> ScenarioEvidence:
    history = scenario("stopped", "seed")
    stopped, afterwards, many, last = history.runs
    events = (("interrupted", 1.0), ("let_go", 2.0), ("run_ended", 2.0 + late))
    facts = tuple(Fact(kind=kind, pid=1, thread=1, monotonic=moment) for kind, moment in events)
    error = Failure(type="builtins.KeyboardInterrupt", message="", bases=("KeyboardInterrupt",))
    outcome = Outcome(kind="raised", chain=(error,))
    seen, *alike = (
        RunEvidence(action=each, run_name="r", outcome=outcome, facts=facts) for each in (stopped, many, last)
    )
    return ScenarioEvidence(name="stopped", actions=history.actions, runs=(seen, done(afterwards), *alike))


@pytest.mark.parametrize(("late", "accused"), [(PROMPT_S - 1, False), (-1.0, False), (PROMPT_S + 1, True)])
def test_an_interrupted_run_has_its_time_from_the_moment_that_its_step_is_let_go(
    late: float, accused: bool
) -> None:
    found = judged("CLN-9", interrupted(late)).findings
    assert any("comes back within" in finding.expected for finding in found) is accused


@pytest.mark.parametrize(("moment", "accused"), [("before", False), ("after", True)])
def test_a_step_that_ends_after_an_interrupted_run_was_left_behind(moment: str, accused: bool) -> None:
    scenario_seen = interrupted(late=0.0)
    stopped, *others = scenario_seen.runs
    step = stopped.action.workload.order()[0]
    end = Fact(kind="finished", step=step, pid=1, thread=2, monotonic=2.0)
    facts = list(stopped.facts)
    facts.insert(len(facts) if moment == "after" else -1, end)
    stopped = stopped.model_copy(update={"facts": tuple(facts)})
    judgement = judged("CLN-9", scenario_seen.model_copy(update={"runs": (stopped, *others)}))
    assert any(f"step {step} went on" in finding.observed for finding in judgement.findings) is accused


@pytest.mark.parametrize(
    ("thread", "moment", "advised"), [(7, "after", True), (7, "before", False), (8, "after", False)]
)
def test_who_had_a_step_under_way_is_advised_to_take_up_no_other(
    thread: int, moment: str, advised: bool
) -> None:
    scenario_seen = interrupted(late=0.0)
    first, afterwards, many, last = scenario_seen.runs
    one, other, *_ = many.action.workload.order()
    begun = Fact(kind="started", step=one, pid=1, thread=7, monotonic=0.5)
    taken_up = Fact(kind="started", step=other, pid=1, thread=thread, monotonic=2.0)
    facts = [begun, *many.facts]
    facts.insert(2 if moment == "before" else len(facts), taken_up)
    many = many.model_copy(update={"facts": tuple(facts)})
    runs = (first, afterwards, many, last)
    judgement = judged("CLN-9", scenario_seen.model_copy(update={"runs": runs}))
    assert any("by the thread that had run" in advice.observed for advice in judgement.advice) is advised


@pytest.mark.skipif(sys.platform != "linux", reason="nobody says what a thread does")
@pytest.mark.parametrize(
    ("doing", "at_rest"), [(None, True), (lambda: sum(range(1000)), False), (lambda: time.sleep(0.05), False)]
)
def test_who_waits_is_at_rest_and_who_works_or_looks_around_is_not(
    doing: Callable[[], object] | None, at_rest: bool
) -> None:
    with ThreadPoolExecutor(1) as watcher:
        watching = watcher.submit(wait_until_at_rest, threading.Event(), PATIENCE_S if at_rest else 2.0)
        while doing is not None and not watching.done():
            doing()
        assert watching.result() is at_rest


def test_nobody_is_waited_for_when_it_is_over() -> None:
    over = threading.Event()
    over.set()
    assert not wait_until_at_rest(over, PATIENCE_S)


def side_by_side(begin: float) -> ScenarioEvidence:
    history = scenario("shared_stores", "seed")
    action = history.actions[0]
    assert isinstance(action, Run)
    assert action.beside is not None
    other = Run(label="beside", workload=action.beside.workload, waits_in=action.beside.waits_in)
    seen = done(action).model_copy(update={"beside": done(other, begin)})
    return ScenarioEvidence(name="shared_stores", actions=history.actions[:1], runs=(seen,))


@pytest.mark.parametrize(("begin", "told"), [(0.5, False), (100.0, True)])
def test_runs_that_did_not_overlap_prove_nothing(begin: float, told: bool) -> None:
    requirement = catalogue()["ISO-1"]
    gap = ""
    try:
        list(requirement.check(reader_of(side_by_side(begin))))
    except Exception as unobserved:
        gap = str(unobserved)
    assert ("not in the middle of a step at once" in gap) is told


def test_a_run_that_was_not_killed_blocks() -> None:
    scenarios = []
    for name in ("killed_early", "killed_late"):
        history = scenario(name, "seed")
        runs = tuple(done(action) for action in history.actions[:2] if isinstance(action, Run))
        scenarios.append(ScenarioEvidence(name=name, actions=history.actions[:2], runs=runs))
    judgement = judged("ISO-2", *scenarios)
    assert judgement.status is Status.BLOCKED
    assert "was not killed in scenario killed_early" in judgement.reason
