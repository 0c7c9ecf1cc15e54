"""What a script needs to show a broken requirement without pytest: `show`, and the words of histories.

The conformance suite writes such scripts (`repro_RUN-3.py`) for whatever it finds broken.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NoReturn

from pytest_orchestrators.selection.binding import make_importable
from pytest_orchestrators.selection.errors import SelectionError
from pytest_orchestrators.selection.settings import FlavorSettings, Settings, nearest
from pytest_orchestrators.selection.subject import subject_of
from pytest_orchestrators.suite.catalogue import catalogue
from pytest_orchestrators.suite.history import Beside, Damage, Halt, History, Run
from pytest_orchestrators.suite.rendering.terminal import failure_lines
from pytest_orchestrators.suite.repro import judge_history
from pytest_orchestrators.suite.verdict import ExitCode, Judgement, Status
from pytest_orchestrators.suite.workload import OutputRef, Resources, Workload, WorkloadStep

__all__ = ["Beside", "Damage", "Halt", "OutputRef", "Resources", "Run", "Workload", "WorkloadStep", "show"]


def show(
    flavor: str,
    requirement: str,
    scenario: str = "",
    *actions: Run | Damage,
    capabilities: Collection[str] = (),
    config: Mapping[str, Any] | None = None,
) -> NoReturn:
    """Carry out a history on a flavor, print what it breaks of a requirement, and end the process.

    Args:
        flavor: where its class is, as `module:Class`; the current folder is importable.
        requirement: its id, for example `RUN-3`.
        scenario: the name of the scenario that the history is the part of; empty for what is found out by
            calling.
        *actions: what is done, in order.
        capabilities: what the flavor declares.
        config: the configuration of its orchestrators.

    Raises:
        SystemExit: with 1 if the requirement is broken, 0 if it is not, 8 if that could not be judged, 4 if
            the flavor or the requirement cannot be used.
    """
    make_importable(Path.cwd())
    _log_warnings_only()
    if requirement not in catalogue():
        sys.exit(_refused(f"there is no requirement {requirement!r}{nearest(requirement, catalogue())}"))
    table = FlavorSettings(source=flavor, capabilities=sorted(capabilities), config=dict(config or {}))
    try:
        subject = subject_of(flavor, Settings(flavors={flavor: table}), {})
    except SelectionError as error:
        sys.exit(_refused(str(error)))
    judgement = judge_history(subject, requirement, History(name=scenario, actions=actions))
    print("\n".join(_told(judgement)))
    codes = {Status.FAILED: ExitCode.DOES_NOT_CONFORM, Status.BLOCKED: ExitCode.UNDECIDED}
    sys.exit(int(codes.get(judgement.status, ExitCode.CONFORMS)))


def _log_warnings_only() -> None:
    """Show no more of the log than warnings: backends tell hundreds of lines of a run, even unasked."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)


def _told(judgement: Judgement) -> list[str]:
    if judgement.status is Status.FAILED:
        return [line.text for line in failure_lines(judgement)]
    reason = f": {judgement.reason}" if judgement.reason else ""
    return [f"{judgement.id} is not broken here ({judgement.status.value}{reason})"]


def _refused(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return int(ExitCode.USAGE)
