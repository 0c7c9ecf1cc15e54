"""The mutator changes what it says, one place at a time, and mutants are judged by the suite."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.explanations import Explanation, explanations
from tests.mutation.mutants import mutants, mutants_of
from tests.mutation.page import score, text_of

ROOT = Path(__file__).parents[2]

SOURCE = '''
class Runs:
    """A docstring, left alone."""

    def run(self, step: "Step", name: str | None = None) -> bool:
        """Another one."""
        try:
            if step.ready and not self.closed:
                self.start(step, name=name or "default")
        except BaseException:
            self.note("failed")
            raise
        finally:
            self.active = None
        return len(step.inputs) == 1
'''


def changed_by(operator: str) -> list[tuple[str, str]]:
    """What the mutants of one operator make of the source above."""
    return [m.shown for m in mutants_of("some.module", SOURCE) if f":{operator}:" in m.id]


@pytest.mark.parametrize(
    ("operator", "before", "after"),
    [
        (
            "negate-condition",
            "if step.ready and (not self.closed):",
            "if not (step.ready and (not self.closed)):",
        ),
        ("and/or", "step.ready and (not self.closed)", "step.ready or not self.closed"),
        ("drop-operand", "step.ready and (not self.closed)", "not self.closed"),
        ("drop-not", "not self.closed", "self.closed"),
        ("remove-statement", "self.start(step, name=name or 'default')", "pass"),
        ("remove-statement", "raise", "pass"),
        ("remove-assignment", "self.active = None", "pass"),
        ("drop-keyword", "self.start(step, name=name or 'default')", "self.start(step)"),
        ("narrow-except", "except BaseException:", "except Exception:"),
        ("return-nothing", "return len(step.inputs) == 1", "return"),
        ("other-comparison", "len(step.inputs) == 1", "len(step.inputs) != 1"),
        ("off-by-one", "1", "2"),
        ("other-text", "'default'", "''"),
    ],
)
def test_an_operator_changes_one_thing(operator: str, before: str, after: str) -> None:
    assert (before, after) in changed_by(operator)


def test_a_lost_finally_keeps_what_it_was_around() -> None:
    (lost,) = (m for m in mutants_of("some.module", SOURCE) if ":remove-finally:" in m.id)
    tried = next(node for node in ast.walk(ast.parse(lost.text)) if isinstance(node, ast.Try))
    assert not tried.finalbody
    assert tried.handlers


def test_neither_docstrings_nor_annotations_are_changed() -> None:
    for mutant in mutants_of("some.module", SOURCE):
        assert '"""A docstring, left alone."""' in mutant.text
        assert mutant.before not in ("'Step'", "str | None", "bool")


def test_ids_do_not_move_with_the_lines_and_are_told_apart() -> None:
    ids = [mutant.id for mutant in mutants_of("some.module", SOURCE)]
    assert len(set(ids)) == len(ids)
    moved = SOURCE.replace("class Runs:", "import os\n\n\nclass Before:\n    x = 1\n\n\nclass Runs:")
    assert set(ids) <= {mutant.id for mutant in mutants_of("some.module", moved)}


def test_every_mutant_of_the_sources_is_python_and_something_else() -> None:
    texts = [mutant.text for mutant in mutants()]
    assert all(ast.parse(text) for text in texts)
    assert len(texts) > 300


def test_explanations_are_of_mutants_that_there_are() -> None:
    known = {mutant.id for mutant in mutants()}
    assert explanations().keys() <= known


def test_the_score_is_not_rounded_up() -> None:
    assert score(9999, 10000) == 99.9
    assert score(0, 0) == 0.0


def test_a_survivor_that_is_not_explained_is_shown_as_such() -> None:
    killed, elsewhere, survivor, equal, *_ = mutants()
    same = Explanation(kind="equivalent", reason="for a test")
    found = {killed: "RUN-1", elsewhere: "FLR-11 with ForkPerStep", survivor: "", equal: ""}
    page = " ".join(text_of(found, {equal.id: same}).split())
    assert "2 of 4 mutants are killed, 1 of them with `local` alone; of the 3 that differ" in page
    assert "66.6 %" in page
    assert "### unexplained" in page.split(survivor.id)[0].split(equal.id)[1]
    assert killed.id not in page
    assert elsewhere.id not in page


#: Beginnings of ids, and what is said of the mutants that they name. `local` returns nothing: others must.
SMOKE = {
    "orchestrator:LocalOrchestrator.prepare_or_run_pipeline:empty-function": "RUN-1",
    "orchestrator:LocalOrchestratorConfig.is_local:empty-function": "FLV-6",
    "base:BaseOrchestrator.run:drop-result": "RUN-4 with LastReadyFirst",
    "base:BaseOrchestrator._cleanup_run:empty-function": "CLN-1",
    "config:BaseOrchestratorConfig._drop_deprecated_field:remove-statement": "FLV-5",
}


def test_mutants_are_judged_by_the_suite() -> None:
    """In a process of its own: in this one, what is changed is loaded already."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutation", *SMOKE], cwd=ROOT, capture_output=True, text=True
    )
    told = [line for line in done.stdout.splitlines() if " (line " in line]
    assert len(told) == len(SMOKE), done.stdout + done.stderr
    for id, killer in SMOKE.items():
        (line,) = (line for line in told if line.startswith(id))
        assert line.endswith(f": {killer}")
