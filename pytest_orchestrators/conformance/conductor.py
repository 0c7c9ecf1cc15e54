"""The conductor: lets pytest run the suite on every flavor, and has the verdicts made and shown."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

from pytest_orchestrators.conformance.items import STATUS, FlavorCollector, RequirementItem, exact_ids
from pytest_orchestrators.conformance.progress import Progress
from pytest_orchestrators.suite.catalogue import CONTRACT_VERSION
from pytest_orchestrators.suite.judge import judge_apart
from pytest_orchestrators.suite.rendering.terminal import header, verdict_lines
from pytest_orchestrators.suite.session import Session
from pytest_orchestrators.suite.stores import temporary_stores
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.verdict import ExitCode, Status, Verdict, worst

#: Ends of pytest itself that say more than an undecided verdict.
_OWN_ENDS = (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)


class Conductor:
    """A plugin that is there only when the suite runs.

    Raises:
        pytest.UsageError: the budget is not a positive time, or tests are distributed over processes.
    """

    def __init__(self, config: pytest.Config, subjects: Sequence[Subject]) -> None:
        budget = config.getoption("orchestrator_budget")
        if budget is not None and not budget > 0:
            raise pytest.UsageError(f"--orchestrator-budget: {budget:g} is not a time in seconds above 0")
        if config.getoption("dist", "no") != "no":
            raise pytest.UsageError("the conformance suite runs in one process: leave out -n, or say -n 0")
        progress = Progress(config)
        end = ExitStack()
        config.add_cleanup(end.close)
        stores = end.enter_context(temporary_stores())
        self._sessions = [
            Session(
                subject,
                stores / str(number),
                seed=secrets.token_hex(8),
                budget=budget,
                on_scenario=partial(progress.scenario, subject.name),
                on_evidence=progress.evidence,
            )
            for number, subject in enumerate(subjects)
        ]
        for gathering in self._sessions:
            end.callback(gathering.close)
        self._verdicts: list[Verdict | Exception] | None = None
        self._crashes: list[pytest.TestReport] = []
        config.option.keyword = exact_ids(config.option.keyword)
        config.option.reportchars = ""  # the summary below says it all, unless more is asked for
        if config.getoption("tbstyle", None) == "auto":
            config.option.tbstyle = "no"

    def pytest_report_header(self) -> list[str]:
        """Say what is judged."""
        return [line for s in self._sessions for line in header(s.environment(), CONTRACT_VERSION)]

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Leave the lines to the scenarios: the items are in no file whose name could begin one."""
        terminal: Any = session.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None and session.config.get_verbosity() == 0:
            terminal.showfspath = False

    def pytest_collection(self, session: pytest.Session) -> Sequence[Any]:
        """Collect no files."""
        return session.perform_collect([])

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        """Add the requirements before anybody selects among items."""
        for gathering in self._sessions:
            items.extend(session.genitems(FlavorCollector.of(session, gathering)))
        return (yield)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Let scenarios that are to be carried out go on while others are waited for."""
        for gathering in self._sessions:
            asked = [i for i in session.items if isinstance(i, RequirementItem) and i.gathering is gathering]
            gathering.plan(item.requirement.id for item in asked)

    def pytest_report_teststatus(self, report: pytest.TestReport | pytest.CollectReport) -> Any:
        """Show a requirement that is blocked, or that does not apply, as what it is."""
        status = dict(getattr(report, "user_properties", ())).get(STATUS)
        if report.when == "call" and status == Status.BLOCKED.value:
            return "blocked", "B", ("BLOCKED", {"yellow": True})
        if report.when == "call" and status == Status.NOT_APPLICABLE.value:
            return "not applicable", "-", ("N/A", {})
        return None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what went wrong in the suite itself."""
        if report.failed and STATUS not in dict(report.user_properties):
            self._crashes.append(report)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the verdicts."""
        for crash in self._crashes:
            terminalreporter.write_sep("=", f"error of the suite at {crash.nodeid}", red=True)
            terminalreporter.write_line(crash.longreprtext)
        for gathering, verdict in zip(self._sessions, self.verdicts(), strict=True):
            name = gathering.subject.name
            terminalreporter.write_sep("=", f"conformance of {name} to contract {CONTRACT_VERSION}")
            if isinstance(verdict, Exception):
                terminalreporter.write_line(str(verdict))
                terminalreporter.write_line(
                    f"{name}: INCOMPLETE, no verdict was reached", yellow=True, bold=True
                )
                continue
            for line in verdict_lines(verdict):
                colours = {line.colour: True} if line.colour else {}
                terminalreporter.write_line(line.text, bold=line.bold, **colours)

    def verdicts(self) -> list[Verdict | Exception]:
        """What the judge, in a process of its own, makes of each flavor's evidence; an error if it fails."""
        if self._verdicts is None:
            self._verdicts = [_judged(gathering) for gathering in self._sessions]
        return self._verdicts

    def exit_code(self, status: int | None) -> int:
        """The exit code of the worst verdict; where pytest itself was stopped or crashed, that it was."""
        if status in _OWN_ENDS:
            return int(status)
        return int(
            worst(ExitCode.UNDECIDED if isinstance(v, Exception) else v.exit_code for v in self.verdicts())
        )


def _judged(gathering: Session) -> Verdict | Exception:
    try:
        return judge_apart(gathering.evidence)
    except Exception as error:
        return error
