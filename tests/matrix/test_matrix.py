"""The matrix tells what it must, complains of what it must not show, and is committed as it is found."""

from __future__ import annotations

import os

import pytest

from pytest_orchestrators.suite.catalogue import catalogue
from tests.matrix import gate
from tests.matrix.gate import MOST_OTHERS, NULL, complaints
from tests.matrix.judging import rows_of
from tests.matrix.page import PAGE, committed, text_of
from tests.matrix.rows import (
    Contestant,
    Matrix,
    Row,
    right_ones,
    right_ones_in_containers,
    wrong_ones,
    wrong_ones_in_containers,
)
from tests.right.in_this_process import LastReadyFirst

AS_THEY_ARE = {"name", "told", "named_by"}


@pytest.fixture(scope="module")
def good() -> Matrix:
    """The committed matrix, with which nothing is wrong."""
    return committed()


def with_row(matrix: Matrix, row: Row) -> Matrix:
    """The matrix with another row of the same name."""
    changed = {
        kind: tuple(row if each.name == row.name else each for each in getattr(matrix, kind))
        for kind in ("wrong", "contained", "right")
    }
    return matrix.model_copy(update=changed)


def new_in(changed: Matrix, good: Matrix) -> list[str]:
    """What is complained of in a changed matrix, and was not before."""
    before = complaints(good)
    return [complaint for complaint in complaints(changed) if complaint not in before]


def row_of(matrix: Matrix, name: str) -> Row:
    return next(row for row in (*matrix.wrong, *matrix.contained, *matrix.right) if row.name == name)


def test_nothing_is_wrong_with_the_committed_matrix(good: Matrix) -> None:
    assert complaints(good) == []


def test_page_and_data_are_of_one_matrix(good: Matrix) -> None:
    assert PAGE.read_text(encoding="utf-8") == text_of(good)


@pytest.mark.parametrize(
    ("kind", "contestants"),
    [
        ("wrong", wrong_ones()),
        ("contained", wrong_ones_in_containers()),
        ("right", [*right_ones(), *right_ones_in_containers()]),
    ],
    ids=["wrong", "contained", "right"],
)
def test_every_orchestrator_has_its_row(good: Matrix, kind: str, contestants: list[Contestant]) -> None:
    """If not: `python -m tests.matrix`."""
    known = [row.model_dump(include=AS_THEY_ARE) for row in getattr(good, kind)]
    assert known == [contestant.row.model_dump(include=AS_THEY_ARE) for contestant in contestants]


def test_a_sin_that_gets_away_is_complained_of(good: Matrix) -> None:
    caught = row_of(good, "running:LosesTheResult")
    missed = caught.model_copy(update={"failed": ()})
    assert f"{caught.name} is not caught by RUN-4, which names its sin" in new_in(
        with_row(good, missed), good
    )


def test_a_requirement_that_nobody_breaks_is_complained_of(good: Matrix) -> None:
    left = tuple(row for row in good.wrong if "RUN-4" not in row.named_by)
    assert new_in(good.model_copy(update={"wrong": left}), good) == [
        "RUN-4 is broken by no wrong orchestrator: nobody knows whether it can fail"
    ]


def test_a_sin_that_drowns_is_complained_of(good: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    row = row_of(good, "running:LosesTheResult")
    others = [id for id in catalogue() if id not in row.named_by][: MOST_OTHERS + 1]
    drowned = with_row(good, row.model_copy(update={"failed": (*row.named_by, *others)}))
    (complaint,) = new_in(drowned, good)
    assert f"makes {MOST_OTHERS + 1} requirements fail besides" in complaint
    monkeypatch.setitem(gate.WIDE, row.name, "for a test")
    assert complaint not in complaints(drowned)
    assert f"{row.name} is excused for a cascade that it does not have any more" in complaints(good)


def test_an_excuse_for_nobody_is_complained_of(good: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gate.WIDE, "running:Nobody", "for a test")
    assert "there is no running:Nobody to be excused for its cascade" in complaints(good)


def test_what_doing_nothing_passes_is_complained_of(good: Matrix) -> None:
    null = row_of(good, NULL)
    assert new_in(with_row(good, null.model_copy(update={"passed": ("FLV-1", "RUN-3")})), good) == [
        f"{NULL} does nothing, and passes RUN-3, which looks at runs"
    ]
    without = good.model_copy(update={"wrong": tuple(row for row in good.wrong if row.name != NULL)})
    assert f"{NULL}, the orchestrator that does nothing, is not among the wrong ones" in new_in(without, good)


def test_a_right_one_that_is_accused_is_complained_of(good: Matrix) -> None:
    row = good.right[0].model_copy(update={"word": "DOES NOT CONFORM", "failed": ("RUN-2",)})
    assert new_in(with_row(good, row), good) == [
        f"{row.name} is right, and is said to be: DOES NOT CONFORM (RUN-2)"
    ]


def test_who_is_silent_about_the_sin_is_complained_of(good: Matrix) -> None:
    row = good.wrong[0].model_copy(update={"told": ""})
    assert new_in(with_row(good, row), good) == [
        f"{row.name} does not say what is wrong with it: give it a docstring"
    ]


class LeavesTheProcess(LastReadyFirst.Flavor):  # type: ignore[misc, name-defined]
    """Ends the process that asks for its name."""

    @property
    def name(self) -> str:
        os._exit(3)


def test_each_is_judged_in_a_process_of_its_own() -> None:
    names = ("flavor:NamelessFlavor", "running:Null", "right.in_this_process:OtherParameters")
    known = {each.row.name: each for each in (*wrong_ones(), *right_ones())}
    leaves = Contestant(Row(name="leaves", told="Ends the process."), LeavesTheProcess)
    found = {row.name: row for row in rows_of([leaves, *(known[name] for name in names)])}
    assert found["leaves"].word == "BLOCKED"
    assert not found["leaves"].passed
    assert found["flavor:NamelessFlavor"].failed == ("FLV-1",)
    assert found["running:Null"].named_by == ("RUN-1", "RUN-10")
    assert {"RUN-1", "RUN-10"} <= set(found["running:Null"].failed)
    assert not [id for id in found["running:Null"].passed if catalogue()[id].reads]
    assert found["running:Null"].shown_in["RUN-1"] == catalogue()["RUN-1"].reads[0]
    assert not found["flavor:NamelessFlavor"].shown_in
    assert found["right.in_this_process:OtherParameters"].word == "CONFORMS"
