"""What a person sees while scenarios are carried out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pytest_orchestrators.suite.case import GENERATED
from pytest_orchestrators.suite.evidence import GeneratedEvidence, ScenarioEvidence


class Progress:
    """One line per scenario in the terminal; the results of requirements follow on it. Quiet with `-q`."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def scenario(self, flavor: str, name: str) -> None:
        """A scenario begins."""
        with self._terminal() as terminal:
            if terminal is not None:
                terminal.ensure_newline()
                writer = self._config.get_terminal_writer()
                if writer.width_of_current_line:
                    writer.line()
                writer.write(f"{flavor}: scenario {name} ... ")
                writer.flush()

    def evidence(self, evidence: ScenarioEvidence) -> None:
        """A scenario has ended."""
        with self._terminal() as terminal:
            if terminal is not None:
                runs = f"{len(evidence.runs)} run{'s' * (len(evidence.runs) != 1)}"
                broken = "broken off, " if evidence.broken else ""
                terminal.write(f"{broken}{runs}, {evidence.seconds:.1f} s ", flush=True)

    def generated(self, flavor: str, evidence: GeneratedEvidence) -> None:
        """All histories were generated that are going to be."""
        self.scenario(flavor, f"{GENERATED} ({evidence.profile}, seed {evidence.seed})")
        with self._terminal() as terminal:
            if terminal is not None:
                count, seconds = len(evidence.examples), sum(e.seconds for e in evidence.examples)
                broken = "broken off, " if evidence.broken else ""
                of = f" of up to {evidence.wanted}" if count < evidence.wanted else ""
                terminal.write(f"{broken}{count}{of} examples, {seconds:.1f} s ", flush=True)

    @contextmanager
    def _terminal(self) -> Iterator[Any]:
        """The terminal reporter, free of pytest's capturing; none when there is nobody to tell."""
        plugins = self._config.pluginmanager
        terminal, capture = plugins.get_plugin("terminalreporter"), plugins.get_plugin("capturemanager")
        if terminal is None or self._config.get_verbosity() < 0:
            yield None
        elif capture is None:
            yield terminal
        else:
            with capture.global_and_fixture_disabled():
                yield terminal
