"""Scripts that show what is broken: left by a session that found something, and by no other."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import ROOT, Run


def test_a_failure_leaves_a_script_that_shows_it(
    run: Run, project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run("--orchestrator-flavor=forgetful", "-k", "RUN-1")
    script = project.path / ".conformance" / "forgetful" / "repro_RUN-1.py"
    result.stdout.fnmatch_lines([f"shown without pytest: python {script.relative_to(project.path)}"])
    assert (project.path / ".conformance" / ".gitignore").read_text() == "*\n"
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    shown = project.runpython(script)
    assert shown.ret == 1
    shown.stdout.fnmatch_lines(["FAILED RUN-1 *", "    expected: *is executed once"])


def test_the_folder_of_the_report_holds_them_too(run: Run, project: pytest.Pytester) -> None:
    run("--orchestrator-flavor=forgetful", "-k", "RUN-1", "--conformance-report=out")
    assert (project.path / "out" / "forgetful" / "repro_RUN-1.py").is_file()
    assert not (project.path / "out" / ".gitignore").exists()
    assert not (project.path / ".conformance").exists()


def test_who_conforms_leaves_nothing(run: Run, project: pytest.Pytester) -> None:
    run("--orchestrator-flavor=right", "-k", "RUN-1")
    assert not (project.path / ".conformance").exists()


CHATTY = """
import logging
from tests.plugin.flavors import Forgetful, ForgetfulOrchestrator

class Orchestrator(ForgetfulOrchestrator):
    def execute(self, deployment):
        logging.info("nobody asked")
        logging.warning("somebody should know")
        return super().execute(deployment)

class Chatty(Forgetful):
    name = "chatty"
    implementation = Orchestrator
"""


def test_a_script_shows_no_more_of_the_log_than_warnings(
    run: Run, project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.makepyfile(chatty=CHATTY)
    run("--orchestrator-flavor=chatty:Chatty", "-k", "RUN-1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    shown = project.runpython(project.path / ".conformance" / "chatty" / "repro_RUN-1.py")
    assert "somebody should know" in shown.stderr.lines
    assert "nobody asked" not in shown.stderr.str()
