"""A history that is made up action by action: what can be done next, and what that does to the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from hypothesis import strategies as st

from pytest_orchestrators.suite.fuzzing.asks import asked_resources
from pytest_orchestrators.suite.fuzzing.choosing import Draw, chosen
from pytest_orchestrators.suite.fuzzing.faults import faults
from pytest_orchestrators.suite.fuzzing.values import other_value
from pytest_orchestrators.suite.history import Damage, Run
from pytest_orchestrators.suite.workload import OutputRef, Resources, Workload, WorkloadStep

#: Edits of one step; the one that can be made in most ways comes more often than others.
EDITS = ("parameter",) * 8 + ("edition", "cache", "resources", "output", "order", "new step", "drop step")


class Story:
    """A history that is being made up.

    Args:
        draw: draws from a strategy.
        workload: the pipeline to begin with.
        stem: what all run names begin with, if they are not made up.
        hostile: whether the names are such that a run may be refused.
        out_of_process: whether steps run in other processes than the one that calls `run()`.
        resources: whether edits change what steps ask for.
    """

    def __init__(
        self,
        draw: Draw,
        workload: Workload,
        stem: str = "",
        hostile: bool = False,
        out_of_process: bool = False,
        resources: bool = True,
    ) -> None:
        self.draw = draw
        self.workload = workload
        self.out_of_process = out_of_process
        self._edits = [edit for edit in EDITS if resources or edit != "resources"]
        self.actions: list[Run | Damage] = []
        self._stem = stem
        self._hostile = hostile
        self._runs = 0
        self._pipelines: list[Workload] = []

    def run(self, label: str, **what: Any) -> None:
        """Run the workload as it is now, under a new run name."""
        self._runs += 1
        if self.workload not in self._pipelines:
            self._pipelines.append(self.workload)
        if self._stem:
            what["run_name"] = f"{self._stem}-{self._runs}"
        hostile = self._hostile or bool(self._stem)
        self.actions.append(
            Run(label=f"{self._runs} {label}", workload=self.workload, hostile=hostile, **what)
        )

    def repeat(self) -> None:
        """Run again what ran last, once or twice, under the same run name, if that run succeeds."""
        last = self.actions[-1]
        if isinstance(last, Run) and last.healthy and not last.faults and not last.anew:
            self.actions += [last] * self.draw(st.integers(1, 2))
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

    def back(self) -> None:
        """Run a pipeline as it was before, if it was another one."""
        self.workload = chosen(self.draw, self._pipelines)
        self.run("back")

    def rename(self) -> None:
        """Run the same steps as another pipeline."""
        self.workload = self.workload.model_copy(update={"name": f"{self.workload.name}_renamed"})
        self.run("renamed")

    def edit(self) -> None:
        """Edit a step, or a few, and run."""
        for _ in range(self.draw(st.integers(1, 5))):
            self.workload = self._edited(self.draw(st.sampled_from(self._edits)))
        self.run("edited")

    def _edited(self, kind: str) -> Workload:
        workload = self.workload
        possible = [step for step in workload.steps if step.parameters or kind != "parameter"]
        step = chosen(self.draw, possible or workload.steps)
        if kind == "parameter" and step.parameters:
            name = chosen(self.draw, sorted(step.parameters))
            other = {**step.parameters, name: self.draw(other_value(step.parameters[name]))}
            return workload.edit(step.name, parameters=other)
        if kind == "cache":
            return workload.edit(step.name, cache=not step.cache)
        if kind == "resources":
            changed = self.draw(asked_resources()) if step.resources.empty else Resources()
            return workload.edit(step.name, resources=changed)
        if kind == "output" and "more" not in step.outputs:
            return workload.edit(step.name, outputs=(*step.outputs, "more"))
        if kind == "order":
            behind = workload.downstream(frozenset({step.name}))
            others = [name for name in workload.names if name not in {step.name, *step.upstream, *behind}]
            return workload.edit(step.name, after=(chosen(self.draw, others),) if others else ())
        if kind == "new step":
            stem = step.name.partition("_new_")[0]  # or the new of the new has a name that is too long
            names = (f"{stem}_new_{number}" for number in count(self._runs))
            free = next(name for name in names if name not in workload.names)
            new = WorkloadStep(name=free, after=(step.name,))
            return workload.model_copy(update={"steps": (*workload.steps, new)})
        if (
            kind == "drop step"
            and len(workload.steps) > 1
            and not workload.downstream(frozenset({step.name}))
        ):
            kept = tuple(one for one in workload.steps if one != step)
            return workload.model_copy(update={"steps": kept})
        return workload.edit(step.name, edition="b" if step.edition == "a" else "a")


#: What can be done next with the pipeline as it is, by its name.
STORY_MOVES: dict[str, Callable[[Story], None]] = {
    "again": lambda story: story.run("again"),
    "edit": Story.edit,
    "fail": Story.fail,
    "repeat": Story.repeat,
    "damage": Story.damage,
    "anew": lambda story: story.run("anew", anew=True),
    "back": Story.back,
    "rename": Story.rename,
}
