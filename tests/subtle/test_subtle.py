"""What generating finds: the table is full, and true of what is drawn today."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.broken.sins import Sinner
from tests.subtle.all import MODULES, every
from tests.subtle.page import PAGE, committed, name_of, text_of
from tests.subtle.searching import PROFILE, SEEDS, breaks, example, examples_needed

#: The seed whose example is looked at anew.
SEED = 1


def test_all_are_registered() -> None:
    modules = {sinner.source.partition(":")[0] for sinner in every()}
    assert modules == {module.__name__ for module in MODULES}


def test_the_table_is_full() -> None:
    rows = committed()
    assert [row.name for row in rows] == [name_of(sinner) for sinner in every()]
    assert len(rows) >= 25
    for row in rows:
        assert len(row.needed) == len(SEEDS)
        assert all(1 <= number <= PROFILE.examples for number in row.needed), row


def test_the_page_is_of_the_data() -> None:
    assert PAGE.read_text(encoding="utf-8") == text_of(committed())


@pytest.mark.parametrize("sinner", every(), ids=lambda sinner: sinner.name)
def test_it_is_found_where_the_table_says(sinner: Sinner, tmp_path: Path) -> None:
    [row] = [row for row in committed() if row.name == name_of(sinner)]
    history = example(sinner, SEED, row.needed[SEEDS.index(SEED)], tmp_path)
    if not set(sinner.named_by) & breaks(sinner, history, tmp_path):
        # Hypothesis takes some values from constants in whatever modules are loaded: the place may move.
        assert examples_needed(sinner, SEED, tmp_path / "anew")
