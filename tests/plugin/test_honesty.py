"""Nothing in the session makes a verdict greener: not a foreign hook, not a crash, not what is left out."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import Run, last_verdict

RIGHT, WRONG = "--orchestrator-flavor=right", "--orchestrator-flavor=forgetful"


@pytest.mark.parametrize(
    "hook",
    [
        "def pytest_collection_modifyitems(items): del items[3:]",
        "def pytest_collection_modifyitems(items):\n    for i in items: i.runtest = lambda: None",
        "import pytest\ndef pytest_runtest_setup(item): pytest.skip('not today')",
        "import pytest\ndef pytest_runtest_logreport(report): pytest.exit('enough', returncode=0)",
        "def pytest_runtestloop(session): return True",
        "import pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_collection(session): return True",
    ],
)
def test_what_was_left_out_is_incomplete(run: Run, project: pytest.Pytester, hook: str) -> None:
    project.makeconftest(hook)
    result = run(RIGHT)
    assert result.ret == 8
    assert "right: INCOMPLETE" in last_verdict(result)


@pytest.mark.parametrize(
    "hook",
    [
        "def pytest_sessionfinish(session): session.exitstatus = 0",
        "import pytest\ndef pytest_sessionfinish(session): pytest.exit('fine', returncode=0)",
        "def pytest_runtest_logreport(report): report.outcome = 'passed'",
        "import pytest\n"
        "@pytest.hookimpl(wrapper=True)\n"
        "def pytest_cmdline_main(config):\n"
        "    yield\n"
        "    return 0",
    ],
)
def test_what_is_rewritten_still_fails(run: Run, project: pytest.Pytester, hook: str) -> None:
    project.makeconftest(hook)
    assert run(WRONG).ret == 1


def test_no_terminal_is_no_excuse(run: Run) -> None:
    assert run(WRONG, "-p", "no:terminal").ret == 1


@pytest.mark.parametrize("options", [("--no-summary",), ("--tb=long",), ("-rA",), ("-p", "no:cacheprovider")])
def test_options_of_pytest_do_not_change_the_verdict(run: Run, options: tuple[str, ...]) -> None:
    assert run(WRONG, *options).ret == 1


def test_a_crash_of_the_suite_is_shown_and_is_not_green(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the session is broken")

    monkeypatch.setattr("pytest_orchestrators.suite.session.Session.ask", broken)
    result = run(RIGHT, "-k", "FLV-1")
    assert result.ret == 8
    result.stdout.fnmatch_lines(
        ["*error of the suite at conformance::right::FLV-1*", "*the session is broken*"]
    )
    assert "right: INCOMPLETE" in last_verdict(result)


def test_a_family_that_cannot_start_blocks_everything(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the family is broken")

    monkeypatch.setattr("tests.toy.family.ToyFamily.inspect", broken)
    result = run(RIGHT)
    assert result.ret == 8
    assert last_verdict(result).startswith("right: BLOCKED, contract 1.0 (the toy family cannot start")


def test_without_a_judge_there_is_no_verdict(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the isolated judge ended with exit code 1")

    monkeypatch.setattr("pytest_orchestrators.conformance.conductor.judge_apart", broken)
    result = run(RIGHT, "-k", "FLV-1")
    assert result.ret == 8
    result.stdout.fnmatch_lines(["the isolated judge ended*", "right: INCOMPLETE, no verdict was reached"])


def test_an_interruption_stays_one(project: pytest.Pytester) -> None:
    project.makeconftest("def pytest_runtest_setup(item): raise KeyboardInterrupt")
    result = project.runpytest_subprocess(RIGHT)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "right: INCOMPLETE" in last_verdict(result)
