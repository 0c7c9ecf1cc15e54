"""Merging: flavors side by side, shards as one, and never greener than the parts."""

from __future__ import annotations

from itertools import product

import pytest

from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.merging import PRECEDENCE, merged
from pytest_orchestrators.suite.report import FlavorAccount, ReportError
from pytest_orchestrators.suite.reporting import report_on
from pytest_orchestrators.suite.verdict import Status, Word
from tests.report.making import judged_again, with_statuses


def together(*flavors: FlavorAccount) -> FlavorAccount:
    (flavor,) = merged([report_on([flavor]) for flavor in flavors]).flavors
    return flavor


def test_flavors_stand_side_by_side(right: FlavorAccount, forgetful: FlavorAccount) -> None:
    report = merged([report_on([right]), report_on([forgetful])])
    assert report.flavors == (right, forgetful)
    assert report.exit_code == 1


def test_shards_become_the_whole(right_evidence: Evidence, right: FlavorAccount) -> None:
    running = tuple(r.id for r in right.requirements if r.group == "RUN")
    others = tuple(r.id for r in right.requirements if r.group != "RUN")
    shards = [judged_again(right_evidence, asked=asked) for asked in (running, others)]
    assert {shard.word for shard in shards} == {Word.INCOMPLETE}
    whole = together(*shards)
    assert (whole.word, whole.exit_code) == (Word.CONFORMS, 0)
    assert whole.requirements == right.requirements
    assert whole.judged == max(shard.judged for shard in shards)


def test_a_part_of_the_shards_is_not_the_whole(right_evidence: Evidence, right: FlavorAccount) -> None:
    asked = [("RUN-1", "RUN-2"), ("FLV-1",)]
    part = together(*(judged_again(right_evidence, asked=ids) for ids in asked))
    assert part.word is Word.INCOMPLETE
    assert [j.id for j in part.verdict.of(Status.PASSED)] == ["FLV-1", "RUN-1", "RUN-2"]


def test_every_status_has_its_place() -> None:
    assert set(PRECEDENCE) == set(Status)
    assert PRECEDENCE[0] is Status.FAILED
    assert PRECEDENCE[-1] is Status.NOT_RUN


@pytest.mark.parametrize(("one", "other"), list(product(Status, Status)))
def test_never_greener_than_the_parts(right: FlavorAccount, one: Status, other: Status) -> None:
    shards = [with_statuses(right, {"RUN-3": status}) for status in (one, other)]
    status = together(*shards).requirement("RUN-3").status
    assert status in (one, other)
    assert status is together(*reversed(shards)).requirement("RUN-3").status
    if Status.FAILED in (one, other):
        assert status is Status.FAILED
        assert together(*shards).word is Word.DOES_NOT_CONFORM
    if Status.NOT_RUN in (one, other) and one is not other:
        assert status is not Status.NOT_RUN


def test_findings_of_both_are_kept(right: FlavorAccount, forgetful: FlavorAccount) -> None:
    fewer = forgetful.requirement("RUN-1").findings[1:3]
    part = forgetful.model_copy(
        update={
            "requirements": tuple(
                r.model_copy(update={"findings": fewer}) if r.id == "RUN-1" else r
                for r in forgetful.requirements
            )
        }
    )
    found = together(part, forgetful).requirement("RUN-1").findings
    assert found[:2] == fewer
    assert sorted(map(str, found)) == sorted(map(str, forgetful.requirement("RUN-1").findings))


def test_scenarios_of_both_are_kept_and_a_broken_one_is_not_hidden(right: FlavorAccount) -> None:
    first, second, *_ = right.scenarios
    broken = first.model_copy(update={"broken": "it stopped"})
    one = right.model_copy(update={"scenarios": (first,)})
    other = right.model_copy(update={"scenarios": (second, broken)})
    assert together(one, other).scenarios == (broken, second)
    assert together(other, one).scenarios == (second, broken)


def test_what_blocked_a_shard_blocks_the_whole(right: FlavorAccount) -> None:
    blocked = with_statuses(right, {}, blocked="no engine")
    whole = together(right, blocked)
    assert (whole.word, whole.blocked) == (Word.BLOCKED, "no engine")


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "elsewhere:Right"},
        {"config": {"depth": 3}},
        {"versions": {"toy": "2"}},
        {"capabilities": ("containers",)},
        {"family": "native"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_reports_about_different_things_are_not_merged(
    right: FlavorAccount, changed: dict[str, object]
) -> None:
    environment = right.environment.model_copy(update=changed)
    other = right.model_copy(update={"environment": environment})
    (name,) = changed
    with pytest.raises(ReportError, match=f"flavor Right are not about the same thing.*\n  {name}: "):
        together(right, other)


def test_reports_by_different_contracts_or_catalogues_are_not_merged(right: FlavorAccount) -> None:
    with pytest.raises(ReportError, match=r"contract: '1\.0' and '2\.0'"):
        together(right, right.model_copy(update={"contract": "2.0"}))
    fewer = right.model_copy(update={"requirements": right.requirements[1:]})
    with pytest.raises(ReportError, match="requirements: only one of them has FLV-1"):
        together(right, fewer)
