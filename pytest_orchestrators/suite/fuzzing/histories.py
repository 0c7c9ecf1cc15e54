"""Histories: what is done, one after the other, with one orchestrator on one set of stores."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from hypothesis import strategies as st

from pytest_orchestrators.suite.case import GENERATED
from pytest_orchestrators.suite.fuzzing.asks import asked_resources
from pytest_orchestrators.suite.fuzzing.choosing import chosen, lists_of, seldom
from pytest_orchestrators.suite.fuzzing.faults import faults
from pytest_orchestrators.suite.fuzzing.knobs import check_choices, check_flags, check_range, check_strategy
from pytest_orchestrators.suite.fuzzing.values import other_value
from pytest_orchestrators.suite.fuzzing.workloads import workloads
from pytest_orchestrators.suite.history import Damage, History, Run
from pytest_orchestrators.suite.workload import OutputRef, Resources, Workload, WorkloadStep

#: What can come after a first run: the same again; again with a step edited; with something going wrong, and
#: then mended; again under the same run name; again with files of an artifact deleted; again by another
#: process; another pipeline.
MOVES = ("again", "edit", "fail", "repeat", "damage", "anew", "other")
#: Edits of one step.
EDITS = ("parameter", "edition", "cache", "resources", "output", "new step", "drop step")
#: What the names of a history's runs have in common: nothing, or so much that they differ in the end only.
_STEMS = (63, 100, 200)


def histories(
    workload: st.SearchStrategy[Workload] | None = None,
    *,
    min_runs: int = 1,
    max_runs: int = 4,
    moves: Collection[str] = MOVES,
    out_of_process: bool = False,
    long_run_names: bool = True,
    hostile: bool = False,
) -> st.SearchStrategy[History]:
    """What is done with pipelines: each history begins with a run in which nothing goes wrong.

    Args:
        workload: pipelines to begin with; by default those of `workloads()`.
        min_runs: the least number of runs, 1 or more.
        max_runs: the most; a failure that is mended counts as one.
        moves: some of `MOVES`: again, edit, fail, repeat, damage, anew, other.
        out_of_process: whether steps run in other processes than the one that calls `run()`.
        long_run_names: whether some histories have long run names that differ in the end only.
        hostile: whether the names of `workload` are such that a run may be refused.

    Raises:
        InvalidArgument: an argument is none of these.
    """
    check_range("histories", "runs", min_runs, max_runs, floor=1)
    check_choices("histories", "moves", moves, MOVES)
    check_strategy("histories", "workload", workload)
    check_flags("histories", out_of_process=out_of_process, long_run_names=long_run_names, hostile=hostile)
    pipelines = workloads() if workload is None else workload
    known_moves = [move for move in MOVES if move in moves]

    @st.composite
    def draw_history(draw: st.DrawFn) -> History:
        first = draw(pipelines)
        length = draw(st.sampled_from((0, *_STEMS))) if long_run_names and draw(seldom(4)) else 0
        story = _Story(draw, first, "n" * length, hostile, out_of_process)
        story.run("first")
        refusable = hostile or bool(length)  # nothing may be there that could be damaged
        possible = [move for move in known_moves if not (refusable and move == "damage")] or ["again"]
        for move in lists_of(draw, st.sampled_from(possible), min_runs - 1, max_runs - 1):
            if move == "other":
                story.workload = draw(pipelines)
                story.run("other")
            else:
                _MOVES[move](story)
        return History(name=GENERATED, actions=tuple(story.actions))

    return draw_history()


class _Story:
    """A history that is being made up."""

    def __init__(
        self, draw: st.DrawFn, workload: Workload, stem: str, hostile: bool, out_of_process: bool
    ) -> None:
        self.draw = draw
        self.workload = workload
        self.out_of_process = out_of_process
        self.actions: list[Run | Damage] = []
        self._stem = stem
        self._hostile = hostile
        self._runs = 0

    def run(self, label: str, **what: Any) -> None:
        """Run the workload as it is now, under a new run name."""
        self._runs += 1
        if self._stem:
            what["run_name"] = f"{self._stem}-{self._runs}"
        hostile = self._hostile or bool(self._stem)
        self.actions.append(
            Run(label=f"{self._runs} {label}", workload=self.workload, hostile=hostile, **what)
        )

    def repeat(self) -> None:
        """Run again what ran last, under the same run name, if that was a run that succeeds."""
        last = self.actions[-1]
        if isinstance(last, Run) and last.healthy and not last.faults and not last.anew:
            self.actions.append(last)
        else:
            self.run("again")

    def fail(self) -> None:
        """Run with something going wrong in a step that is to be executed, then mended."""
        what = self.draw(faults(self.workload, out_of_process=self.out_of_process))
        step = next(iter([*what.get("faults", ()), *what.get("hook_faults", ()), what.get("waits_in")]))
        self.workload = self.workload.edit(step, parameters={"edited": self._runs})
        self.run("failing", **what)
        self.run("mended")

    def damage(self) -> None:
        """Delete files of what a step wrote in the last run that is to succeed, and run again."""
        last = next((a for a in reversed(self.actions) if isinstance(a, Run) and a.healthy), None)
        steps = [step for step in last.workload.steps if step.outputs and step.cache] if last else []
        if last is not None and steps and not any(isinstance(a, Damage) for a in self.actions):
            step = chosen(self.draw, steps)
            artifact = OutputRef(step=step.name, output=chosen(self.draw, step.outputs))
            what = self.draw(st.sampled_from(("file", "folder")))
            self.actions.append(Damage(label=last.label, artifact=artifact, what=what))
            self.workload = last.workload
        self.run("again")

    def edit(self) -> None:
        """Edit one step, and run."""
        step = chosen(self.draw, self.workload.steps)
        self.workload = self._edited(step, self.draw(st.sampled_from(EDITS)))
        self.run("edited")

    def _edited(self, step: WorkloadStep, kind: str) -> Workload:
        workload = self.workload
        if kind == "parameter" and step.parameters:
            name = self.draw(st.sampled_from(sorted(step.parameters)))
            other = {**step.parameters, name: self.draw(other_value(step.parameters[name]))}
            return workload.edit(step.name, parameters=other)
        if kind == "cache":
            return workload.edit(step.name, cache=not step.cache)
        if kind == "resources":
            changed = self.draw(asked_resources()) if step.resources.empty else Resources()
            return workload.edit(step.name, resources=changed)
        if kind == "output" and "more" not in step.outputs:
            return workload.edit(step.name, outputs=(*step.outputs, "more"))
        if kind == "new step":
            new = WorkloadStep(name=f"{step.name}_new_{self._runs}", after=(step.name,))
            return workload.model_copy(update={"steps": (*workload.steps, new)})
        if (
            kind == "drop step"
            and len(workload.steps) > 1
            and not workload.downstream(frozenset({step.name}))
        ):
            kept = tuple(one for one in workload.steps if one != step)
            return workload.model_copy(update={"steps": kept})
        return workload.edit(step.name, edition="b" if step.edition == "a" else "a")


_MOVES: dict[str, Callable[[_Story], None]] = {
    "again": lambda story: story.run("again"),
    "edit": _Story.edit,
    "fail": _Story.fail,
    "repeat": _Story.repeat,
    "damage": _Story.damage,
    "anew": lambda story: story.run("anew", anew=True),
}
