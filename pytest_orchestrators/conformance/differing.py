"""The differential mode: what several flavors made of the same generated histories."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_orchestrators.conformance.lines import write_lines
from pytest_orchestrators.suite.differing import Comparison, compared
from pytest_orchestrators.suite.rendering.differing import comparison_lines
from pytest_orchestrators.suite.session import Session
from pytest_orchestrators.suite.verdict import ExitCode


class Differential:
    """Compares each flavor with the first, when all have been asked.

    Args:
        config: pytest's.
        sessions: one for each flavor.
    """

    def __init__(self, config: pytest.Config, sessions: Sequence[Session]) -> None:
        self._sessions = sessions if config.getoption("orchestrator_differential") else ()
        self._comparisons: list[Comparison] | None = None

    def show(self, terminal: pytest.TerminalReporter) -> None:
        """Tell what came out differently."""
        for comparison in self.comparisons():
            terminal.write_sep("=", f"{comparison.reference} and {comparison.other} side by side")
            write_lines(terminal, comparison_lines(comparison))

    def exit_codes(self) -> list[ExitCode]:
        """What each comparison would have the process end with: a difference is a flavor that is wrong."""
        return [_exit_code(comparison) for comparison in self.comparisons()]

    def comparisons(self) -> list[Comparison]:
        """What each flavor made of the histories, compared with the first one."""
        if self._comparisons is None:
            generated = [(one.subject.name, one.evidence.generated) for one in self._sessions]
            self._comparisons = [compared(*generated[0], *other) for other in generated[1:]]
        return self._comparisons


def _exit_code(comparison: Comparison) -> ExitCode:
    if not comparison.histories:
        return ExitCode.UNDECIDED
    return ExitCode.DOES_NOT_CONFORM if comparison.wrong() else ExitCode.CONFORMS
