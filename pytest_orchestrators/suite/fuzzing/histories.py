"""Histories: what is done, one after the other, with one orchestrator on one set of stores."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis import strategies as st

from pytest_orchestrators.suite.case import GENERATED
from pytest_orchestrators.suite.fuzzing.choosing import lists_of, seldom
from pytest_orchestrators.suite.fuzzing.knobs import check_choices, check_flags, check_range, check_strategy
from pytest_orchestrators.suite.fuzzing.story import STORY_MOVES, Story
from pytest_orchestrators.suite.fuzzing.workloads import workloads
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.workload import Workload

#: What can come after a first run: the same again; again with a step edited; with something going wrong, and
#: then mended; again under the same run name; again with files of an artifact deleted; again by another
#: process; a pipeline as it was before; the same steps under another pipeline name; another pipeline.
MOVES = (*STORY_MOVES, "other")
#: Those that can be made in most ways come more often than others.
_OFTEN = {"edit": 6, "fail": 3, "back": 2}
#: What the names of a history's runs have in common: nothing, or so much that they differ in the end only.
_STEMS = (63, 100, 200)


def histories(
    workload: st.SearchStrategy[Workload] | None = None,
    *,
    min_runs: int = 1,
    max_runs: int = 4,
    moves: Collection[str] = MOVES,
    out_of_process: bool = False,
    resources: bool = True,
    long_run_names: bool = True,
    hostile: bool = False,
) -> st.SearchStrategy[History]:
    """What is done with pipelines: each history begins with a run in which nothing goes wrong.

    Args:
        workload: pipelines to begin with; by default those of `workloads()`.
        min_runs: the least number of runs, 1 or more.
        max_runs: the most; a failure that is mended counts as one.
        moves: some of `MOVES`: again, edit, fail, repeat, damage, anew, back, rename, other.
        out_of_process: whether steps run in other processes than the one that calls `run()`.
        resources: whether edits change what steps ask for.
        long_run_names: whether some histories have long run names that differ in the end only.
        hostile: whether the names of `workload` are such that a run may be refused.

    Raises:
        InvalidArgument: an argument is none of these.
    """
    check_range("histories", "runs", min_runs, max_runs, floor=1)
    check_choices("histories", "moves", moves, MOVES)
    check_strategy("histories", "workload", workload)
    check_flags(
        "histories",
        out_of_process=out_of_process,
        resources=resources,
        long_run_names=long_run_names,
        hostile=hostile,
    )
    pipelines = workloads() if workload is None else workload
    known_moves = [move for move in MOVES if move in moves for _ in range(_OFTEN.get(move, 1))]

    @st.composite
    def draw_history(draw: st.DrawFn) -> History:
        first = draw(pipelines)
        length = draw(st.sampled_from((0, *_STEMS))) if long_run_names and draw(seldom(8)) else 0
        story = Story(draw, first, "n" * length, hostile, out_of_process, resources)
        story.run("first")
        refusable = hostile or bool(length)  # nothing may be there that could be damaged
        possible = [move for move in known_moves if not (refusable and move == "damage")] or ["again"]
        for move in lists_of(draw, st.sampled_from(possible), min_runs - 1, max_runs - 1):
            if move == "other":
                story.workload = draw(pipelines)
                story.run("other")
            else:
                STORY_MOVES[move](story)
        return History(name=GENERATED, actions=tuple(story.actions))

    return draw_history()
