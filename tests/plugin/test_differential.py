"""`--differential`: the same generated histories through several flavors, and what came out differently."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import Run

TWO = ("--orchestrator-flavor=right", "--orchestrator-flavor=forgetful", "--differential")
FEW = ("-k", "RUN-17", "--orchestrator-fuzz=3", "--orchestrator-fuzz-seed=1")


def test_what_another_flavor_does_otherwise_is_shown(run: Run) -> None:
    result = run(*TWO, *FEW)
    assert result.ret == 1  # although nothing that was asked for is broken
    sides = ["*right: executed", "*forgetful: not run"]
    result.stdout.fnmatch_lines(
        ["=* right and forgetful side by side =*", "DIFFERENT in generated *", *sides]
    )
    result.stdout.fnmatch_lines(["right and forgetful DIFFER in *"])


def test_flavors_that_do_the_same_are_said_to(run: Run) -> None:
    alike = [f"--orchestrator-flavor=tests.plugin.flavors:{name}" for name in ("Right", "Silent")]
    result = run(*alike, "--differential", *FEW)
    result.stdout.fnmatch_lines(["right and silent do the same in 3 generated histories, * runs with each*"])
    assert result.ret == 8  # the verdicts are undecided, one requirement having been looked at


def test_workers_see_the_same(run: Run) -> None:
    result = run(*TWO, *FEW, "-n", "2")
    result.stdout.fnmatch_lines(["right and forgetful DIFFER in *"])


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            ("--orchestrator-flavor=right", "--differential"),
            "name two flavors and more by --orchestrator-flavor",
        ),
        ((*TWO, "--orchestrator-fuzz=0"), "with --orchestrator-fuzz 0 there is nothing to compare"),
    ],
)
def test_what_cannot_be_compared_is_said(run: Run, options: tuple[str, ...], complaint: str) -> None:
    result = run(*options)
    assert result.ret == 4
    assert complaint in result.stderr.str()
