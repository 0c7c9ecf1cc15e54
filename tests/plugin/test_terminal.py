"""Verdicts as text."""

from __future__ import annotations

import pytest

from pytest_orchestrators.suite.catalogue import CONTRACT_VERSION, catalogue
from pytest_orchestrators.suite.rendering.terminal import explanation, sentence, verdict_lines
from pytest_orchestrators.suite.verdict import Judgement, Observation, Status, Verdict


def verdict(*judgements: Judgement, blocked: str = "") -> Verdict:
    return Verdict(flavor="mine", contract=CONTRACT_VERSION, judgements=judgements, blocked=blocked)


def judged(id: str, status: Status = Status.PASSED, reason: str = "", **observations: object) -> Judgement:
    return Judgement.model_validate({"id": id, "status": status, "reason": reason, **observations})


def text(of: Verdict) -> list[str]:
    return [line.text for line in verdict_lines(of)]


def finding(observed: str, where: str = "") -> Observation:
    return Observation(expected="order", observed=observed, where=where)


@pytest.mark.parametrize(
    ("judgements", "words", "colour"),
    [
        ([judged("FLV-1")], "CONFORMS to contract 1.0 (1 of 1 requirements passed)", "green"),
        (
            [judged("FLV-1"), judged("WRN-4", Status.NOT_APPLICABLE)],
            "CONFORMS to contract 1.0 (1 of 2 requirements passed, 1 not applicable)",
            "green",
        ),
        (
            [judged("FLV-1"), judged("WRN-3", Status.WAIVED)],
            "CONFORMS WITH 1 WAIVER to contract 1.0 (1 of 2 requirements passed, 1 waived)",
            "green",
        ),
        (
            [judged("FLV-1", Status.FAILED), judged("WRN-3", Status.WAIVED)],
            "DOES NOT CONFORM to contract 1.0 (1 of 2 requirements failed, 1 waived)",
            "red",
        ),
        (
            [
                judged("RUN-1", Status.FAILED),
                judged("RUN-4", Status.BLOCKED),
                judged("FLV-1", Status.NOT_RUN),
            ],
            "DOES NOT CONFORM to contract 1.0 (1 of 3 requirements failed, 1 blocked, 1 not run)",
            "red",
        ),
        (
            [judged("FLV-1"), judged("RUN-4", Status.BLOCKED)],
            "BLOCKED, contract 1.0 (1 of 2 requirements blocked)",
            "yellow",
        ),
        (
            [judged("FLV-1"), judged("RUN-1", Status.NOT_RUN)],
            "INCOMPLETE, contract 1.0 (1 of 2 requirements were looked at)",
            "yellow",
        ),
    ],
)
def test_the_sentence_counts_against_the_catalogue(
    judgements: list[Judgement], words: str, colour: str
) -> None:
    line = sentence(verdict(*judgements))
    assert (line.text, line.colour) == (f"mine: {words}", colour)
    assert text(verdict(*judgements))[-1] == line.text


def test_what_blocks_everything_is_in_the_sentence() -> None:
    line = sentence(verdict(judged("FLV-1", Status.BLOCKED), blocked="no engine"))
    assert line.text == "mine: BLOCKED, contract 1.0 (no engine)"


def test_groups_are_counted_in_the_order_of_the_contract() -> None:
    lines = text(verdict(judged("FLV-1"), judged("RUN-1"), judged("RUN-2", Status.NOT_RUN)))
    assert [line.split()[0] for line in lines[:-1]] == ["FLV", "RUN"]
    assert lines[1].endswith("1 passed, 1 not run")


def test_a_failure_shows_its_first_findings() -> None:
    findings = [finding("chaos\n  at line 3", "scenario order, run first"), *map(finding, "abcd")]
    lines = text(verdict(judged("RUN-2", Status.FAILED, findings=findings)))
    start = lines.index(f"FAILED RUN-2 {catalogue()['RUN-2'].sentence}")
    assert lines[start + 1 : start + 5] == [
        "    expected:   order",
        "    observed:   chaos",
        "                  at line 3",
        "    where:      scenario order, run first",
    ]
    assert "    ... and 2 more of the kind" in lines
    assert "    observed:   c" not in lines


def test_what_is_waived_shows_its_waiver_and_what_it_breaks() -> None:
    broken = judged("WRN-3", Status.WAIVED, "never, without an end: no", findings=[finding("silence")])
    lines = text(verdict(judged("FLV-1"), broken))
    start = lines.index(f"WAIVED WRN-3 {catalogue()['WRN-3'].sentence}")
    assert lines[start + 1 : start + 4] == [
        "    waived:     never, without an end: no",
        "    expected:   order",
        "    observed:   silence",
    ]


def test_endless_texts_are_cut() -> None:
    long = "\n".join(["x" * 1000, *map(str, range(100))])
    lines = text(verdict(judged("RUN-2", Status.FAILED, findings=[finding(long)])))
    assert max(map(len, lines)) < 500
    assert any("1000 characters" in line for line in lines)
    assert any("89 lines more" in line for line in lines)


def test_one_root_cause_is_one_line() -> None:
    """CCH-3 needs CCH-1, which needs RUN-1: all of them wait for the one that failed."""
    lines = text(
        verdict(
            judged("RUN-1", Status.FAILED, findings=[finding("nothing")]),
            judged("CCH-1", Status.BLOCKED, "it needs RUN-1, which failed"),
            judged("CCH-3", Status.BLOCKED, "it needs CCH-1, which is blocked"),
            judged("LOG-1", Status.BLOCKED, "scenario shapes did not come to its end: it hangs\nThread 1"),
        )
    )
    assert [line for line in lines if line.startswith("BLOCKED")] == [
        "BLOCKED CCH-1, CCH-3: it needs RUN-1, which failed",
        "BLOCKED LOG-1: scenario shapes did not come to its end: it hangs",
    ]
    assert "    Thread 1" in lines


def test_of_many_that_are_blocked_the_first_are_named() -> None:
    reason = "it needs RUN-1, which failed"
    lines = text(verdict(*(judged(id, Status.BLOCKED, reason) for id in list(catalogue())[:14])))
    [line] = [line for line in lines if line.startswith("BLOCKED")]
    assert line.endswith(f", {list(catalogue())[9]} and 4 more: {reason}")


def test_what_several_scenarios_have_in_common_is_one_line() -> None:
    cause = "not carried out after runs that did not end"
    lines = text(
        verdict(
            judged("CCH-1", Status.BLOCKED, f"scenario rerun did not come to its end: {cause}", cause=cause),
            judged("CCH-3", Status.BLOCKED, "it needs CCH-1, which is blocked"),
            judged(
                "FLR-1", Status.BLOCKED, f"scenario failure did not come to its end: {cause}", cause=cause
            ),
            judged("FLR-3", Status.BLOCKED, "scenario names has no run first"),
        )
    )
    assert [line for line in lines if line.startswith("BLOCKED")] == [
        f"BLOCKED CCH-1, CCH-3, FLR-1: 2 scenarios did not come to their end: {cause}",
        "BLOCKED FLR-3: scenario names has no run first",
    ]


def test_nothing_that_a_flavor_says_is_an_order_to_the_terminal() -> None:
    hidden = "\x1b[2J\x1b[1A\rmine: CONFORMS \x9b8m\ud800 \u202e naïve 日本"
    lines = text(
        verdict(
            judged("RUN-1", Status.FAILED, findings=[finding(hidden, hidden)]),
            judged("CCH-1", Status.BLOCKED, hidden),
            judged("LOG-1", Status.BLOCKED, f"{hidden}\n{hidden}"),
        )
    )
    assert not [line for line in lines if not line.isprintable()]
    assert not [line for line in lines if line.startswith("mine: CONFORMS")]
    assert any("\\x1b[2J\\x1b[1A" in line for line in lines)
    assert any("\\x9b8m\\ud800 \\u202e naïve 日本" in line for line in lines)


def test_advice_is_shown() -> None:
    lines = text(verdict(judged("RUN-14", advice=[finding("undersold")])))
    assert "ADVICE RUN-14 order; observed: undersold" in lines


def test_advice_that_reads_the_same_is_shown_once() -> None:
    lines = text(verdict(judged("RUN-14", advice=[finding("undersold"), finding("undersold")])))
    assert lines.count("ADVICE RUN-14 order; observed: undersold") == 1


@pytest.mark.parametrize("id", list(catalogue()))
def test_explanations_fit_a_terminal(id: str) -> None:
    assert max(map(len, explanation(catalogue()[id]).splitlines())) <= 110
