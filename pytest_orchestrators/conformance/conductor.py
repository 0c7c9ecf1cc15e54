"""The conductor: lets pytest run the suite on every flavor, and has the verdicts made and shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from pytest_orchestrators.conformance.differing import Differential
from pytest_orchestrators.conformance.distribution import Stage, is_worker, led_stage, told_stage
from pytest_orchestrators.conformance.items import STATUS
from pytest_orchestrators.conformance.lines import write_lines
from pytest_orchestrators.conformance.performer import Performer, sessions_on
from pytest_orchestrators.conformance.reporting import Reporting
from pytest_orchestrators.conformance.reproducing import Reproducing
from pytest_orchestrators.conformance.vigil import Presence, Vigil
from pytest_orchestrators.suite.catalogue import applicable
from pytest_orchestrators.suite.observers.exits import ProcessExit, stay
from pytest_orchestrators.suite.rendering.terminal import header
from pytest_orchestrators.suite.ruling import Ruling, rule
from pytest_orchestrators.suite.session import Session
from pytest_orchestrators.suite.stores import temporary_stores
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.verdict import ExitCode, Status, Verdict, worst

#: Ends of pytest itself that say more than an undecided verdict.
_OWN_ENDS = (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)


class Conductor:
    """A plugin that is there only when the suite runs, in the process that has the last word.

    Args:
        config: pytest's.
        stage: where the sessions take place.
        sessions: one for each flavor.

    Raises:
        pytest.UsageError: the folder of the report cannot be written to.
    """

    def __init__(self, config: pytest.Config, stage: Stage, sessions: Sequence[Session]) -> None:
        self._stage = stage
        self._sessions = sessions
        self._reporting = Reporting(config)
        self._reproducing = Reproducing(config)
        self._differential = Differential(config, sessions)
        self._items = {
            f"conformance::{gathering.subject.name}::{requirement.id}": (gathering, requirement.id)
            for gathering in sessions
            for requirement in applicable(gathering.subject.family.name)
        }
        self._rulings: list[Ruling | Exception] | None = None
        self._crashes: list[pytest.TestReport] = []
        config.option.reportchars = ""  # the summary below says it all, unless more is asked for
        if stage.shared:
            config.add_cleanup(Vigil(stage.folder).end)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker process of pytest-xdist's what it shares with the others."""
        self._stage.tell(node.workerinput)

    def pytest_report_header(self) -> list[str]:
        """Say what is judged."""
        return [line for s in self._sessions for line in header(s.subject.environment(), s.contract)]

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Leave the lines to the scenarios: the items are in no file whose name could begin one."""
        terminal: Any = session.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None and session.config.get_verbosity() == 0:
            terminal.showfspath = False

    def pytest_report_teststatus(self, report: pytest.TestReport | pytest.CollectReport) -> Any:
        """Show a requirement that is blocked or waived, or that does not apply, as what it is."""
        status = dict(getattr(report, "user_properties", ())).get(STATUS)
        if report.when == "call" and status == Status.BLOCKED.value:
            return "blocked", "B", ("BLOCKED", {"yellow": True})
        if report.when == "call" and status == Status.WAIVED.value:
            return "waived", "W", ("WAIVED", {"yellow": True})
        if report.when == "call" and status == Status.NOT_APPLICABLE.value:
            return "not applicable", "-", ("N/A", {})
        return None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what went wrong in the suite itself, and count what workers have asked for."""
        gathering, requirement = self._items.get(report.nodeid, (None, ""))
        answered = STATUS in dict(report.user_properties)
        if report.failed and not (answered and report.when == "call"):
            self._crashes.append(report)
            if gathering is not None:
                gathering.forget(requirement)
        elif gathering is not None and answered and self._stage.shared:
            gathering.note(requirement)
        if self._stage.shared:
            for gathering in self._sessions:
                gathering.look()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the verdicts."""
        for crash in self._crashes:
            terminalreporter.write_sep("=", f"error of the suite at {crash.nodeid}", red=True)
            terminalreporter.write_line(crash.longreprtext)
        for gathering, ruling in zip(self._sessions, self.rulings(), strict=True):
            name = gathering.subject.name
            terminalreporter.write_sep("=", f"conformance of {name} to contract {gathering.contract}")
            if isinstance(ruling, Exception):
                terminalreporter.write_line(str(ruling))
                terminalreporter.write_line(
                    f"{name}: INCOMPLETE, no verdict was reached", yellow=True, bold=True
                )
                continue
            write_lines(terminalreporter, ruling.lines)
        self._differential.show(terminalreporter)
        for told in (self._reproducing.told, self._reporting.told):
            if told:
                terminalreporter.write_line(told)

    def rulings(self) -> list[Ruling | Exception]:
        """What the judge, in a process of its own, makes of each flavor's evidence; an error if it fails."""
        if self._rulings is None:
            self._rulings = [_ruling(gathering) for gathering in self._sessions]
            judged = [
                (gathering, _verdict(ruling))
                for gathering, ruling in zip(self._sessions, self._rulings, strict=True)
            ]
            for gathering, verdict in judged:
                self._reproducing.write(gathering, verdict)
            self._reporting.write((gathering.evidence, verdict) for gathering, verdict in judged)
        return self._rulings

    def exit_code(self, status: int | None) -> int:
        """The exit code of the worst verdict; where pytest itself was stopped or crashed, that it was."""
        if status in _OWN_ENDS:
            return int(status)
        codes = [_exit_code(ruling) for ruling in self.rulings()]
        codes += self._differential.exit_codes()
        if self._reporting.failed:
            codes.append(ExitCode.UNDECIDED)
        return int(worst(codes))


def conduct(config: pytest.Config, bind: Callable[[], Sequence[Subject]]) -> Conductor | None:
    """Start the suite on the flavors that `bind` finds.

    The conductor is none in a worker process, which has no last word.

    Raises:
        pytest.UsageError: a flavor cannot be used, the budget is not a positive time, the version of the
            contract is unknown, the folder of the report cannot be written to, or workers are on another
            machine.
    """
    plugins = config.pluginmanager
    subjects = _bound(config, bind)
    if is_worker(config):
        stage = told_stage(config)
        presence = Presence(stage.folder)
        sessions = sessions_on(config, stage, subjects, on_wait=presence.show)
        plugins.register(Performer(config, sessions, presence), "orchestrators-performer")
        return None
    stores = ExitStack()
    config.add_cleanup(stores.close)
    stage = led_stage(config, stores.enter_context(temporary_stores()), len(subjects))
    sessions = sessions_on(config, stage, subjects)
    if not stage.shared:
        plugins.register(Performer(config, sessions), "orchestrators-performer")
    conductor = Conductor(config, stage, sessions)
    plugins.register(conductor, "orchestrators-conductor")
    return conductor


def _bound(config: pytest.Config, bind: Callable[[], Sequence[Subject]]) -> Sequence[Subject]:
    """The flavors, none of which has ended this process with an exit code of its own when it was imported."""
    if not is_worker(config):  # those pytest-xdist ends as it likes, and misses if anybody else does
        stay()
    try:
        return bind()
    except (SystemExit, ProcessExit) as error:
        raise pytest.UsageError(f"a flavor ended the process when it was imported: {error!r}") from error


def _ruling(gathering: Session) -> Ruling | Exception:
    try:
        return rule(gathering.evidence.model_dump_json())
    except Exception as error:
        return error


def _verdict(ruling: Ruling | Exception) -> Verdict | Exception:
    """The verdict as reports and scripts take it, which are written in this process."""
    if isinstance(ruling, Exception):
        return ruling
    try:
        return Verdict.model_validate(ruling.verdict)
    except Exception as error:
        return error


def _exit_code(ruling: Ruling | Exception) -> ExitCode:
    return ExitCode.UNDECIDED if isinstance(ruling, Exception) else ExitCode(ruling.exit_code)
