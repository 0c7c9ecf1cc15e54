"""A witness: what is seen of the runs of one history in journal and record, also when they are over."""

from __future__ import annotations

from contextlib import suppress

from pytest_orchestrators.suite.evidence import Execution, Fact, RunEvidence
from pytest_orchestrators.suite.family import Workspace
from pytest_orchestrators.suite.gathering import Seen, facts_since
from pytest_orchestrators.suite.history import Run
from pytest_orchestrators.suite.workload import Workload


class Witness:
    """Reads the journal on from where it was read last, and the record by the names that runs have there.

    Args:
        workspace: the stores; what another process has journaled in them before is passed over.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._over: dict[str, tuple[Workload, str]] = {}
        self._killed: tuple[Run, frozenset[str]] | None = None
        self.offset = 0
        self.facts()

    def facts(self) -> tuple[Fact, ...]:
        """The journal's events since the last call."""
        facts, self.offset = facts_since(self._workspace.root, self.offset)
        return facts

    def executions(self, action: Run, run_name: str, seen: Seen) -> tuple[Execution, ...]:
        """What the record holds of a run."""
        return self._recorded(action, action.workload, seen.run_names(run_name))

    def look(self, action: Run, run_name: str, seen: list[tuple[Execution, ...]]) -> None:
        """Note what the record says in the middle of a run; nothing if it cannot be asked."""
        with suppress(Exception):
            facts, _ = facts_since(self._workspace.root, self.offset)
            seen.append(self.executions(action, run_name, Seen(facts)))

    def remember(self, evidence: RunEvidence) -> None:
        """A run is over: by its label it can be asked for again."""
        self._over[evidence.label] = evidence.action.workload, evidence.recorded_as

    def remember_killed(self, action: Run, run_names: frozenset[str]) -> None:
        """A run was killed, and had these names."""
        self._killed = action, run_names

    def recorded_as(self, label: str) -> tuple[Workload, str]:
        """What the last run of a label ran, and its name on the record.

        Raises:
            KeyError: none of this label has come to its end.
        """
        return self._over[label]

    def recalled(self, action: Run) -> tuple[Execution, ...]:
        """What the record says now of the run that the action recalls."""
        if action.recalls is None:
            return ()
        workload, run_name = self.recorded_as(action.recalls)
        return self._recorded(action, workload, frozenset({run_name}))

    def of_killed(self) -> tuple[Execution, ...]:
        """What the record says of the last run that was killed."""
        if self._killed is None:
            return ()
        action, run_names = self._killed
        return tuple(self._workspace.observe(action.workload, run_names))

    def _recorded(self, action: Run, workload: Workload, run_names: frozenset[str]) -> tuple[Execution, ...]:
        """What the record holds; nothing if it cannot be read after a run in which it was in trouble."""
        try:
            return tuple(self._workspace.observe(workload, run_names))
        except Exception:
            if action.trouble is None:
                raise
            return ()
