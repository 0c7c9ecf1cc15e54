"""The seam: what the suite needs to know about a kind of orchestrators, and nothing else.

A family bridges between a system and the suite. The suite calls nothing of a system but through these two
protocols, so whatever can be wrapped in them can be judged by the same scenarios and requirements.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from pytest_orchestrators.suite.evidence import Execution, Probe, StepCall, TroubleEvidence
from pytest_orchestrators.suite.history import Damage, Run, Trouble
from pytest_orchestrators.suite.workload import Workload


class Watch(Protocol):
    """What is seen of one run from within this process, filled while the run goes on."""

    @property
    def calls(self) -> Sequence[StepCall]:
        """Calls of `run_step`, in the order in which they ended."""

    @property
    def handed_back(self) -> Sequence[Any]:
        """The objects that the flavor's own method returned, one per call of it."""

    @property
    def patched(self) -> Sequence[str]:
        """Classes and modules of the backend that were found patched."""


class Workspace(Protocol):
    """Fresh stores for one scenario."""

    @property
    def root(self) -> Path:
        """Folder of the journal and the control file, visible to steps wherever they run."""

    @property
    def lost_source(self) -> str:
        """The source that `build` names for the artifact class of an action's `lost_class`."""

    @property
    def kept(self) -> Collection[str]:
        """How the names begin, in the folder that was opened, of what holds artifacts and record: what a run
        puts there under other names is its own to remove.
        """

    def create(self) -> Any:
        """A new orchestrator of the flavor, bound to these stores."""

    def build(self, action: Run, run_name: str) -> Any:
        """What an orchestrator of this family is handed to run the action's workload under this name."""

    def snapshot(self, deployment: Any) -> Mapping[str, Any]:
        """The deployment as plain data by field, without what the contract lets a run add."""

    def run(self, orchestrator: Any, deployment: Any) -> Any:
        """Run it the way the system's users do; what the orchestrator returns or raises comes out."""

    def overstep(self, orchestrator: Any, deployment: Any) -> None:
        """Call `run_step` for the first step of a deployment of which no run is active."""

    @property
    def waitable(self) -> bool:
        """Whether the flavor itself says how a run is waited for that `run()` has come back from."""

    def wait(self, returned: Any) -> None:
        """Wait for the end of a run, given what `run()` returned; what the run fails with is raised.

        Asked of flavors only that declare `async_submission` or are `waitable`.
        """

    def watch(self, orchestrator: Any, action: Run) -> AbstractContextManager[Watch]:
        """Look on while a run goes on; put the action's `run_fault` in its way."""

    def observe(self, workload: Workload, run_names: frozenset[str]) -> Sequence[Execution]:
        """What the record holds of this pipeline under these run names."""

    def leftover(self, orchestrator: Any) -> Mapping[str, str]:
        """State that is still active on the orchestrator, name to its text; empty when it is at rest."""

    def target(self, orchestrator: Any, run_name: str) -> Mapping[str, Any]:
        """What the flavor shows of its target environment: `resources` by step, `schedule`; empty if
        nothing.
        """

    def engine(self) -> AbstractContextManager[Any]:
        """A client of the container engine that the flavor's containers run on, as docker-py has it; asked
        for flavors only that declare `containers`.
        """

    def damage(self, action: Damage, workload: Workload, run_name: str) -> None:
        """Delete files of an artifact of an earlier run."""

    def trouble(self, kind: Trouble) -> AbstractContextManager[TroubleEvidence]:
        """Let something be wrong with the record store until the block ends, and have the orchestrator give
        it up after a second or so; or say why it could not be made.

        In the end the trouble is taken away, unless somebody has put something else in the store's place:
        that is left as it is.
        """


class Family(Protocol):
    """A kind of orchestrators: a base class, a deployment format, a record."""

    @property
    def name(self) -> str:
        """The family's name, for example `native`."""

    def prepare(self) -> None:
        """Warm up, outside the flavor: what the first use of the backend leaves in a process for good."""

    def missing(self, error: BaseException) -> str:
        """What a flavor stands on and did not find (an engine, a server), with advice, if that is what the
        error says; empty if it says anything else.
        """

    def versions(self) -> Mapping[str, str]:
        """Package to version of what the family stands on."""

    def inspect(self, flavor: Any, config: Mapping[str, Any]) -> Mapping[str, Probe]:
        """What is found out by calling rather than running: name of the question to the answer.

        The answer to `created` holds the error if no orchestrator can be made. Raises what says that
        something is missing, as `missing` knows it.
        """

    def open(
        self, flavor: Any, config: Mapping[str, Any], root: Path, beside: str = ""
    ) -> AbstractContextManager[Workspace]:
        """Stores under a folder, fresh if that is empty, closed on leaving.

        `beside` is a name for a second workspace on the stores of another process: it has a journal of its
        own.
        """
