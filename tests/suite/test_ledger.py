"""The ledger: who does what, agreed upon by processes that share a folder."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_orchestrators.suite.apart import Child
from pytest_orchestrators.suite.ledger import Ledger


def test_a_claim_is_made_once(tmp_path: Path) -> None:
    one, other = Ledger(tmp_path, 1), Ledger(tmp_path, 1)
    assert one.claim("work")
    assert not other.claim("work")
    assert not one.claim("work")
    assert other.claimed("work")
    assert not other.abandoned("work")


def test_the_first_answer_counts(tmp_path: Path) -> None:
    one, other = Ledger(tmp_path, 1), Ledger(tmp_path, 1)
    assert one.claim("work")
    assert other.answer("work") is None
    one.enter("work", "naïve")
    other.enter("work", "late")
    assert one.answer("work") == other.answer("work") == "naïve"
    assert not other.abandoned("work"), "it is answered, though nobody holds it any more"


def test_the_claim_of_a_dead_process_is_abandoned(tmp_path: Path) -> None:
    def claim() -> str:
        Ledger(tmp_path, 1).claim("work")
        return str(os.getpid())

    Child(claim).answer(10)
    ledger = Ledger(tmp_path, 1)
    assert ledger.abandoned("work")
    assert not ledger.claim("work"), "it is not done a second time"


def test_a_forked_child_does_not_keep_what_its_parent_held(tmp_path: Path) -> None:
    holder, other = Ledger(tmp_path, 1), Ledger(tmp_path, 1)
    assert holder.claim("work")
    assert holder.take_place() is not None

    def disowned() -> str:
        holder.disown()
        return str(other.abandoned("work"))

    assert Child(disowned).answer(10) == "False", "the parent lives and holds it"
    holder.close()
    assert other.abandoned("work")
    assert other.take_place() is not None


def test_places_are_counted_over_all_processes(tmp_path: Path) -> None:
    one, other = Ledger(tmp_path, 2), Ledger(tmp_path, 2)
    first = one.take_place()
    assert first is not None
    assert other.take_place() not in (None, first)
    assert one.take_place() is None
    one.give_back(first)
    assert other.take_place() == first
