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
