"""A state machine: one orchestrator, its stores and the model side by side, a rule at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pytest_orchestrators.suite.attempting import Limits
from pytest_orchestrators.suite.budgets import DEFAULT_BUDGET
from pytest_orchestrators.suite.carrying import performing
from pytest_orchestrators.suite.case import GENERATED
from pytest_orchestrators.suite.evidence import RunEvidence, ScenarioEvidence
from pytest_orchestrators.suite.fuzzing.scope import Scope
from pytest_orchestrators.suite.fuzzing.story import STORY_MOVES, Story
from pytest_orchestrators.suite.history import Damage, Run
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.workload import Workload

#: Called with everything seen so far after each rule; raises if it breaks anything.
Look = Callable[[ScenarioEvidence], None]


def machine_on(
    subject: Subject, look: Look, pipelines: st.SearchStrategy[Workload] | None = None
) -> type[RuleBasedStateMachine]:
    """A machine whose rules are what can be done with an orchestrator of a flavor.

    Every run of the machine has an orchestrator and stores of its own. After each rule the evidence of all of
    it is handed to `look`, which holds it against the model.

    Args:
        subject: the flavor.
        look: raises if what was seen breaks anything.
        pipelines: what is run; by default what may be asked of the flavor.
    """
    scope = Scope.of(subject)
    drawn = scope.workloads() if pipelines is None else pipelines
    moves = [move for move in STORY_MOVES if scope.anew or move != "anew"]

    class OrchestratorMachine(RuleBasedStateMachine):
        """One orchestrator, and what is done with it."""

        def __init__(self) -> None:
            super().__init__()
            self._around = ExitStack()
            folder = self._around.enter_context(tempfile.TemporaryDirectory(prefix="pytest-orchestrators-"))
            stores = Path(folder) / "stores"
            stores.mkdir()
            self._performance = self._around.enter_context(
                performing(subject, stores, Limits(DEFAULT_BUDGET))
            )
            self._seen: list[RunEvidence] = []
            self._done = 0

        @initialize(workload=drawn, data=st.data())
        def begin(self, workload: Workload, data: st.DataObject) -> None:
            """A first run, in which nothing goes wrong."""
            self._story = Story(
                data.draw, workload, out_of_process=scope.out_of_process, resources=scope.resources
            )
            self._story.run("first")

        @rule(data=st.data(), move=st.sampled_from(moves))
        def go_on(self, data: st.DataObject, move: str) -> None:
            """What can be done with the pipeline as it is now."""
            STORY_MOVES[move](self._drawing(data))

        @rule(data=st.data(), workload=drawn)
        def other(self, data: st.DataObject, workload: Workload) -> None:
            """Another pipeline."""
            self._drawing(data).workload = workload
            self._story.run("other")

        @invariant()
        def as_the_model_says(self) -> None:
            """What was done is done now, and what was seen of it breaks nothing."""
            actions = self._actions
            for action in actions[self._done :]:
                seen = self._performance.do(action)
                if seen is not None:
                    self._seen.append(seen)
            self._done = len(actions)
            look(ScenarioEvidence(name=GENERATED, actions=actions, runs=tuple(self._seen)))

        @property
        def _actions(self) -> tuple[Run | Damage, ...]:
            return tuple(self._story.actions) if hasattr(self, "_story") else ()

        def _drawing(self, data: st.DataObject) -> Story:
            """The story, told by what this rule draws."""
            self._story.draw = data.draw
            return self._story

        def teardown(self) -> None:
            """The stores go, with all that is in them."""
            self._around.close()

    return OrchestratorMachine
