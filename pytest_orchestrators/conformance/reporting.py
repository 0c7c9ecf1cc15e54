"""The report that `--conformance-report` asks for: its folder first, its files once there are verdicts."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.rendering.folder import make_folder, write_folder
from pytest_orchestrators.suite.rendering.markdown import summary
from pytest_orchestrators.suite.report import Report, ReportError
from pytest_orchestrators.suite.reporting import flavor_account, report_on, without_verdict
from pytest_orchestrators.suite.verdict import Verdict

#: Names the file that GitHub's pages of CI show, and to which a summary is added.
GITHUB_SUMMARY = "GITHUB_STEP_SUMMARY"


class Reporting:
    """Writes the report of a session, if one is asked for.

    Attributes:
        told: what became of it, in a sentence; empty if none is asked for.
        failed: whether it was asked for and could not be written.

    Raises:
        pytest.UsageError: the folder cannot be written to.
    """

    def __init__(self, config: pytest.Config) -> None:
        asked = config.getoption("conformance_report")
        self._folder = None if asked is None else config.invocation_params.dir / asked
        self.told = ""
        self.failed = False
        if self._folder is not None:
            try:
                if not asked:
                    raise ReportError("no folder is named")
                make_folder(self._folder)
            except ReportError as error:
                raise pytest.UsageError(f"--conformance-report: {error}") from error

    def write(self, judged: Iterable[tuple[Evidence, Verdict | Exception]]) -> None:
        """Write the report; whatever goes wrong with that is told, and leaves the verdicts as they are."""
        if self._folder is None:
            return
        try:
            report = _write(self._folder, list(judged))
            self.told = f"report written to {self._folder / 'report.html'}, with its data beside it"
            if shown := os.environ.get(GITHUB_SUMMARY):
                with Path(shown).open("a", encoding="utf-8") as file:
                    file.write(summary(report))
        except Exception as error:
            self.failed = True
            reason = str(error) if isinstance(error, ReportError) else f"{type(error).__name__}: {error}"
            what = f"{self.told}, and" if self.told else "the report was not written:"
            self.told = f"error: {what} {reason}"


def _write(folder: Path, judged: list[tuple[Evidence, Verdict | Exception]]) -> Report:
    report = report_on(
        flavor_account(
            evidence, without_verdict(evidence, str(found)) if isinstance(found, Exception) else found
        )
        for evidence, found in judged
    )
    raw = {evidence.environment.flavor: evidence.model_dump_json() for evidence, _ in judged}
    write_folder(report, folder, raw)
    return report
