"""Recorded evidence: a verdict that is no greener than it may be, or an error that says what is wrong."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_orchestrators.suite.evidence import Evidence, ScenarioEvidence
from pytest_orchestrators.suite.judge import judge
from pytest_orchestrators.suite.scenarios import scenario, scenario_names
from pytest_orchestrators.suite.soundness import UnsoundEvidence, check_sound
from pytest_orchestrators.suite.verdict import Status
from tests.surface.calling import Answer, call
from tests.surface.mutating import BAD_JSON, as_json, mutated, nested, spoilt
from tests.surface.recorded import FLAVORS, SMALL, document, evidence, judge_in_this_process, part
from tests.surface.settled import examples


@pytest.fixture(scope="module", autouse=True)
def _judge_here() -> Any:
    with pytest.MonkeyPatch.context() as patches:
        judge_in_this_process(patches)
        yield


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evidence") / "evidence.json"


def judged(file: Path, text: bytes) -> Answer:
    """What `judge` says of a file that holds this."""
    file.write_bytes(text)
    answer = call("judge", file)
    if answer.refused:
        assert answer.err.startswith(f"error: {file} is no evidence"), answer.err[:500]
    else:
        last = answer.out.splitlines()[-1]
        assert answer.code in (0, 1, 8)
        assert (answer.code == 0) == (": CONFORMS" in last)
        assert (answer.code == 1) == (": DOES NOT CONFORM" in last)
    return answer


@st.composite
def some_evidence(draw: st.DrawFn, bent: bool) -> bytes:
    """Evidence of a few scenarios, one part of which was mutated."""
    found = part(draw(st.sampled_from(list(FLAVORS))), *draw(st.sets(st.sampled_from(SMALL), max_size=2)))
    scenarios = list(found["scenarios"].values())
    if scenarios and draw(st.booleans()):
        scenario = scenarios[0]
        within = draw(st.sampled_from(["actions", "runs"]))
        mended = {**scenario, within: draw(mutated(scenario[within], bent=bent))}
        return as_json({**found, "scenarios": {**found["scenarios"], scenario["name"]: mended}})
    return as_json(draw(mutated(found, bent=bent)))


@examples(150)
@given(text=some_evidence(bent=True))
def test_evidence_with_other_references_is_judged_or_refused(file: Path, text: bytes) -> None:
    judged(file, text)


@examples(100)
@given(text=some_evidence(bent=False))
@example(
    text=as_json({"contract": "9" * 5000, "environment": {"flavor": "f", "source": "s", "family": "toy"}})
)
def test_evidence_with_other_types_is_judged_or_refused(file: Path, text: bytes) -> None:
    judged(file, text)


@examples(60)
@given(text=spoilt(as_json(part("Right", "rerun"))) | st.binary(max_size=40))
def test_evidence_in_other_bytes_is_judged_or_refused(file: Path, text: bytes) -> None:
    judged(file, text)


@pytest.mark.parametrize("text", BAD_JSON, ids=lambda text: repr(text[:12]))
def test_what_is_no_evidence_is_refused(file: Path, text: bytes) -> None:
    assert judged(file, text).refused


@st.composite
def lessened(draw: st.DrawFn) -> dict[str, Any]:
    """The evidence of a wrong flavor, from which runs, scenarios, probes or requests were taken."""
    found = part("Forgetful", *SMALL)
    for field in ("scenarios", "probes"):
        gone = draw(st.sets(st.sampled_from(sorted(found[field])), max_size=8))
        found[field] = {name: value for name, value in found[field].items() if name not in gone}
    unasked = draw(st.sets(st.sampled_from(found["asked"]), max_size=3))
    found["asked"] = [id for id in found["asked"] if id not in unasked]
    for name in draw(st.sets(st.sampled_from(sorted(found["scenarios"])), max_size=2)):
        scenario = found["scenarios"][name]
        kept = draw(st.integers(0, len(scenario["runs"])))
        found["scenarios"] = {**found["scenarios"], name: {**scenario, "runs": scenario["runs"][:kept]}}
    return found


def passed(found: dict[str, Any]) -> set[str] | None:
    """The requirements that pass by evidence; nothing where runs are missing, and it does not say why."""
    read = Evidence.model_validate(found)
    try:
        return {judgement.id for judgement in judge(read).of(Status.PASSED)}
    except UnsoundEvidence:
        assert any(len(s.runs) < len(s.actions) and not s.broken for s in read.scenarios.values())
        return None


@cache
def passed_before() -> set[str] | None:
    return passed(part("Forgetful", *SMALL))


@examples(100)
@given(lessened())
def test_less_evidence_is_never_greener(found: dict[str, Any]) -> None:
    before, after = passed_before(), passed(found)
    assert before
    assert after is None or after <= before


def changed(scenario: str, **fields: Any) -> bytes:
    found = part("Right", scenario)
    found["scenarios"][scenario] = {**found["scenarios"][scenario], **fields}
    return as_json(found)


def acted(scenario: str, **fields: Any) -> bytes:
    """Evidence whose first action of a scenario is another one."""
    first, *others = document("Right")["scenarios"][scenario]["actions"]
    return changed(scenario, actions=[{**first, **fields}, *others])


DAMAGE = {"kind": "damage", "label": "nowhere", "artifact": {"step": "s", "output": "o"}, "what": "file"}
GHOST = {"step": "ghost", "output": "output"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (lambda: changed("rerun", runs=[]), "scenarios.rerun.runs: 0 of 2 are there"),
        (
            lambda: changed("rerun", actions=[]),
            "scenarios.rerun.runs.0: it is the run 'first', where none is planned",
        ),
        (lambda: changed("rerun", name="first"), "scenarios.rerun: it calls itself 'first'"),
        (lambda: changed("rerun", actions=[DAMAGE]), "damages the run 'nowhere', which is not before it"),
        (lambda: acted("rerun", recalls="nowhere"), "recalls the run 'nowhere', which is not before it"),
        (lambda: acted("rerun", faults={"ghost": "raise"}), "actions.0: faults names the step 'ghost'"),
        (lambda: acted("rerun", loses={"ghost": GHOST}), "loses names the step 'ghost'"),
        (lambda: acted("rerun", lost_class="ghost"), "lost_class names the step 'ghost'"),
        (lambda: acted("rerun", meets=["ghost"]), "meets names the step 'ghost'"),
        (
            lambda: acted("rerun", killed_at={"moment": "started", "step": "ghost"}),
            "killed_at names the step 'ghost'",
        ),
        (lambda: acted("rerun", interrupted=True), "it is interrupted, and no step waits for that"),
        (lambda: acted("rerun", beside={"workload": {"name": "w", "steps": []}}), "beside it has no step"),
        (
            lambda: as_json({**part("Right"), "contract": "9.9"}),
            "there is no version '9.9' of the contract; known: 1.0",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_evidence_that_does_not_go_together_is_refused(file: Path, text: Any, words: str) -> None:
    answer = judged(file, text())
    assert answer.refused
    assert words in answer.err


def test_a_damage_to_what_is_not_there_is_refused(file: Path) -> None:
    found = part("Right", "damaged")
    actions = found["scenarios"]["damaged"]["actions"]
    lost = [{**a, "artifact": GHOST} if a["kind"] == "damage" else a for a in actions]
    assert "damages the output 'output' of step 'ghost'" in judged(file, changed("damaged", actions=lost)).err


@pytest.mark.parametrize(
    "text", [b"", b"\xff", nested('{"a":').encode(), b"9" * 9999], ids=["empty", "bytes", "deep", "long"]
)
def test_a_process_of_its_own_ends_with_2_and_no_traceback(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "evidence.json").write_bytes(text)
    command = [sys.executable, "-m", "pytest_orchestrators", "judge", "evidence.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert done.stderr.startswith("error: evidence.json is no evidence")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", scenario_names())
def test_whatever_the_suite_plans_goes_together(name: str) -> None:
    history = scenario(name, "a seed")
    planned = ScenarioEvidence(name=name, actions=history.actions, broken="nothing was carried out")
    check_sound(evidence("Right").model_copy(update={"scenarios": {name: planned}}))
