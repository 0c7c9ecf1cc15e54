"""The judge: from evidence to verdict, and from nothing else."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pytest_orchestrators.suite import ruling
from pytest_orchestrators.suite.catalogue import applicable, catalogue
from pytest_orchestrators.suite.evidence import Environment, Evidence
from pytest_orchestrators.suite.judge import judge, judge_apart, judge_one
from pytest_orchestrators.suite.ruling import NoEvidence, rule
from pytest_orchestrators.suite.session import Session
from pytest_orchestrators.suite.verdict import ExitCode, Judgement, Status, Verdict, Word, worst
from tests.broken import toy
from tests.judging import judged, session_on
from tests.toy.system import ToyDeployment, ToyFlavor, ToyOrchestrator, toy_flavor


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A right toy, asked for everything."""
    session = session_on(ToyFlavor, tmp_path_factory.mktemp("toy"))
    for requirement in applicable("toy"):
        session.ask(requirement.id)
    return session


def verdict(*statuses: Status, blocked: str = "") -> Verdict:
    judgements = tuple(Judgement(id=f"RUN-{n}", status=status) for n, status in enumerate(statuses))
    return Verdict(flavor="f", contract="1.0", judgements=judgements, blocked=blocked)


@pytest.mark.parametrize(
    ("statuses", "word", "code"),
    [
        ((Status.PASSED, Status.NOT_APPLICABLE), Word.CONFORMS, ExitCode.CONFORMS),
        ((Status.PASSED, Status.FAILED, Status.NOT_RUN), Word.DOES_NOT_CONFORM, ExitCode.DOES_NOT_CONFORM),
        ((Status.BLOCKED, Status.FAILED), Word.DOES_NOT_CONFORM, ExitCode.DOES_NOT_CONFORM),
        ((Status.PASSED, Status.BLOCKED, Status.NOT_RUN), Word.BLOCKED, ExitCode.UNDECIDED),
        ((Status.PASSED, Status.NOT_RUN), Word.INCOMPLETE, ExitCode.UNDECIDED),
        ((Status.NOT_APPLICABLE,), Word.INCOMPLETE, ExitCode.UNDECIDED),
        ((), Word.INCOMPLETE, ExitCode.UNDECIDED),
    ],
)
def test_words_and_exit_codes(statuses: tuple[Status, ...], word: Word, code: ExitCode) -> None:
    assert (verdict(*statuses).word, verdict(*statuses).exit_code) == (word, code)


def test_what_blocks_everything_is_no_conformity() -> None:
    assert verdict(Status.PASSED, blocked="no engine").word is Word.BLOCKED


def test_the_worst_of_several_exit_codes() -> None:
    assert worst([ExitCode.CONFORMS, ExitCode.UNDECIDED]) is ExitCode.UNDECIDED
    assert worst([ExitCode.UNDECIDED, ExitCode.DOES_NOT_CONFORM]) is ExitCode.DOES_NOT_CONFORM
    assert worst([]) is ExitCode.UNDECIDED


def test_a_right_toy_conforms(session: Session) -> None:
    verdict = judge_apart(session.evidence)
    assert verdict.word is Word.CONFORMS, verdict.of(Status.FAILED, Status.BLOCKED)
    assert verdict == judge(session.evidence)


def test_the_denominator_is_the_catalogue(session: Session) -> None:
    partial = session.evidence.model_copy(update={"asked": ("RUN-3",)})
    verdict = judge(partial)
    assert verdict.word is Word.INCOMPLETE
    assert [j.id for j in verdict.of(Status.PASSED)] == ["RUN-3"]
    assert len(verdict.judgements) == len(applicable("toy"))


def test_missing_evidence_blocks(session: Session) -> None:
    scenarios = {n: s for n, s in session.evidence.scenarios.items() if n != "same_name"}
    verdict = judge(session.evidence.model_copy(update={"scenarios": scenarios}))
    assert verdict["CCH-8"].status is Status.BLOCKED
    assert "same_name" in verdict["CCH-8"].reason
    assert verdict.word is Word.BLOCKED


def test_evidence_survives_json(session: Session) -> None:
    evidence = session.evidence
    assert Evidence.model_validate_json(evidence.model_dump_json()) == evidence


def test_a_scenario_is_carried_out_once(tmp_path: Path) -> None:
    session = session_on(ToyFlavor, tmp_path)
    carried: list[str] = []
    session._on_scenario = carried.append  # type: ignore[method-assign]
    for requirement in ("RUN-1", "RUN-2", "CCH-1", "RUN-1"):
        session.ask(requirement)
    assert len(carried) == len(set(carried)) > 0


def test_what_needs_a_failed_one_is_blocked(tmp_path: Path) -> None:
    verdict = judged(session_on(toy_flavor(toy.Null), tmp_path))
    assert verdict["RUN-1"].status is Status.FAILED
    assert verdict["RUN-4"].status is Status.BLOCKED
    assert "RUN-1, which failed" in verdict["RUN-4"].reason
    passed = [j.id for j in verdict.of(Status.PASSED)]
    assert not [id for id in passed if catalogue()[id].reads]


def test_a_capability_that_works_and_is_not_declared_is_undersold(tmp_path: Path) -> None:
    session = session_on(toy_flavor(ToyOrchestrator, capabilities=frozenset()), tmp_path)
    judgement = session.ask("RUN-14")
    assert judgement.status is Status.NOT_APPLICABLE
    assert "could declare step_operator" in judgement.advice[0].observed


class Hangs(ToyOrchestrator):
    """Never comes back."""

    def execute(self, deployment: ToyDeployment) -> Any:
        while True:
            self.wait_for_nobody()

    def wait_for_nobody(self) -> None:
        time.sleep(0.05)


def test_a_flavor_that_hangs_ends_with_its_stacks(tmp_path: Path) -> None:
    session = session_on(toy_flavor(Hangs), tmp_path, budget=0.3)
    begin = time.monotonic()
    judgement = session.ask("RUN-16")
    assert time.monotonic() - begin < 10
    outcome = session.evidence.scenarios["order"].runs[0].outcome
    assert outcome.kind == "timed_out"
    assert "wait_for_nobody" in outcome.stacks
    assert judgement.status in (Status.FAILED, Status.BLOCKED)


def test_the_judge_sits_apart(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a flavor does to this process does not reach the verdict."""
    evidence = session.evidence.model_copy(update={"scenarios": {}})
    monkeypatch.setattr("pytest_orchestrators.suite.judge.judge", lambda _: verdict(Status.PASSED))
    monkeypatch.setattr(Verdict, "word", Word.CONFORMS)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "nowhere"))
    monkeypatch.setattr(sys, "path", ["/nowhere"])
    apart = judge_apart(evidence)
    assert apart["RUN-1"].status is Status.BLOCKED


def test_what_is_no_evidence_is_said() -> None:
    environment = Environment(flavor="f", source="m:F", family="toy")
    broken = Evidence(contract="1.0", environment=environment).model_copy(update={"format": 7})
    with pytest.raises(NoEvidence, match="format: Input should be 1"):
        judge_apart(broken)


def test_a_judge_that_fails_says_what_it_printed(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ruling, "_FOLDERS", ruling._FOLDERS[:1])
    with pytest.raises(RuntimeError, match=r"ended with exit code 1:(.|\n)*No module named 'pydantic'"):
        rule(session.evidence.model_dump_json())


def test_a_judge_that_takes_too_long_is_ended(session: Session) -> None:
    with pytest.raises(RuntimeError, match=r"no answer after 0\.001 s"):
        rule(session.evidence.model_dump_json(), timeout=0.001)


def test_scenarios_under_the_name_of_another_are_no_evidence(session: Session) -> None:
    swapped = {**session.evidence.scenarios, "first": session.evidence.scenarios["damaged"]}
    with pytest.raises(NoEvidence, match=r"scenarios\.first: it calls itself 'damaged'"):
        judge_apart(session.evidence.model_copy(update={"scenarios": swapped}))


LOOKS = """
import sys
open({told!r}, "a").write(" ".join(sys.argv))
"""


def test_the_judge_imports_nothing_of_the_flavors(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    for name in ("sitecustomize", "usercustomize", "json", "pydantic", "pytest_orchestrators", "enum"):
        (tmp_path / f"{name}.py").write_text(LOOKS.format(told=str(told)))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "json.py"))
    monkeypatch.setenv("PYTHONUSERBASE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert judge_apart(session.evidence).word is Word.CONFORMS
    assert not told.exists()


def test_an_unknown_requirement_is_an_error(session: Session) -> None:
    with pytest.raises(KeyError):
        judge_one(session.evidence, "RUN-999")
