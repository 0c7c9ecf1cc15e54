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
        "def pytest_runtest_protocol(item): return True",
        "import pytest\ndef pytest_collection_modifyitems(items):\n"
        "    for i in items: i.add_marker(pytest.mark.skip)",
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
        "def pytest_runtest_makereport():\n"
        "    report = yield\n"
        "    report.outcome, report.longrepr, report.user_properties = 'passed', None, []\n"
        "    return report",
        "import pytest\ndef pytest_collection_modifyitems(items):\n"
        "    for i in items: i.add_marker(pytest.mark.xfail(strict=False))",
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


@pytest.mark.parametrize(
    "options",
    [
        "--no-summary",
        "--tb=long",
        "-rA",
        "--ff",
        "-p no:terminal",
        "-p no:cacheprovider",
        "-p no:junitxml",
        "-p no:skipping",
        "-p no:faulthandler -p no:capture",
        "-p no:xdist",
        "--maxfail=1",
        "-x",
    ],
)
def test_options_of_pytest_do_not_change_the_verdict(run: Run, options: str) -> None:
    assert run(WRONG, *options.split()).ret == 1


@pytest.mark.parametrize(
    "options",
    ["-k RUN-1", "-m nothing", "--deselect conformance::right::RUN-1", "--collect-only", "--setup-only"],
)
def test_what_options_leave_out_is_incomplete(run: Run, options: str) -> None:
    result = run(RIGHT, *options.split())
    assert result.ret == 8
    assert "right: INCOMPLETE" in last_verdict(result)


@pytest.mark.parametrize("options", ["--lf", "--sw", "--sw-skip --sw"])
def test_what_is_left_out_because_of_the_last_time_is_incomplete(
    run: Run, project: pytest.Pytester, options: str
) -> None:
    project.makeconftest(
        "import pathlib, pytest\n"
        "def pytest_runtest_setup(item):\n"
        "    if item.name == 'WRN-3' and not pathlib.Path('tried').exists():\n"
        "        pathlib.Path('tried').touch()\n"
        "        pytest.fail('for once')\n"
    )
    assert run(RIGHT, "--sw").ret == pytest.ExitCode.INTERRUPTED
    result = run(RIGHT, *options.split())
    assert result.ret == 8
    assert "right: INCOMPLETE" in last_verdict(result)


def test_without_the_plugin_there_is_nothing_to_ask_for(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS")
    result = project.runpytest_subprocess(RIGHT, "-p", "no:orchestrators")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("*unrecognized arguments: --orchestrator-flavor=right*")


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

    monkeypatch.setattr("pytest_orchestrators.conformance.conductor.rule", broken)
    result = run(RIGHT, "-k", "FLV-1")
    assert result.ret == 8
    result.stdout.fnmatch_lines(["the isolated judge ended*", "right: INCOMPLETE, no verdict was reached"])


def test_an_interruption_stays_one(project: pytest.Pytester) -> None:
    project.makeconftest("def pytest_runtest_setup(item): raise KeyboardInterrupt")
    result = project.runpytest_subprocess(RIGHT)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "right: INCOMPLETE" in last_verdict(result)


def test_a_profile_of_hypothesis_that_draws_nothing_is_no_way_around(
    run: Run, project: pytest.Pytester
) -> None:
    project.makeconftest(DULL)
    result = run(RIGHT)
    assert result.ret == 0
    assert "generated (2, seed " in result.stdout.str()
    assert "2 examples" in result.stdout.str()


DULL = """
from hypothesis import settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

class Dull(HypothesisProvider):
    def draw_integer(self, *args, **kwargs):
        return 1

AVAILABLE_PROVIDERS["dull"] = f"{__name__}.Dull"
settings.register_profile("dull", backend="dull")
settings.load_profile("dull")
"""


EVIL = """
{start}
from tests.plugin.flavors import Forgetful

class Mine(Forgetful):
    name = "mine"
"""


@pytest.mark.parametrize(
    "start",
    [
        # A check that finds nothing.
        "from pytest_orchestrators.suite.catalogue import catalogue\n"
        "for requirement in catalogue().values(): object.__setattr__(requirement, 'check', lambda _: [])",
        # A judge that passes everything, in name and in code.
        "from pytest_orchestrators.suite import judge, session\n"
        "from pytest_orchestrators.suite.verdict import Judgement, Status\n"
        "def passed(evidence, id, *_): return Judgement(id=id, status=Status.PASSED)\n"
        "judge.judge_one = session.judge_one = passed",
        "from pytest_orchestrators.suite import judge\n"
        "def kind(requirement, reader): return Judgement(id=requirement.id, status=Status.PASSED)\n"
        "judge.judge_alone.__code__ = kind.__code__",
        "from pytest_orchestrators.suite import judge\n"
        "def kind(evidence): raise SystemExit(0)\n"
        "judge.judge.__code__ = kind.__code__",
        # A verdict that is always the same.
        "from pytest_orchestrators.suite.verdict import ExitCode, Verdict, Word\n"
        "Verdict.word, Verdict.exit_code = Word.CONFORMS, ExitCode.CONFORMS\n"
        "Verdict.model_validate_json = Verdict.model_validate = classmethod(lambda *a, **k: None)",
        # The tool with which the judge is asked.
        "import subprocess\nsubprocess.run = lambda *a, **k: subprocess.CompletedProcess(a, 0, b'{}', b'')",
        "import sys\nsys.path.insert(0, 'evil')",
        # The interpreter that the judge is in, what its loader is told, and where it looks.
        "import sys\nsys.executable = '/bin/true'",
        "import os\nos.environ['LD_PRELOAD'] = os.environ['LD_AUDIT'] = os.getcwd() + '/evil.so'",
        "import pydantic\npydantic.__spec__.origin = '/evil/pydantic/__init__.py'",
        # Findings that are not shown.
        "from pytest_orchestrators.suite.rendering import terminal\n"
        "terminal.verdict_lines = terminal.failure_lines = lambda *_: iter(())",
    ],
)
def test_a_flavor_that_patches_the_suite_does_not_conform(project: pytest.Pytester, start: str) -> None:
    project.makepyfile(evil=EVIL.format(start=start))
    result = project.runpytest_subprocess("--orchestrator-flavor=evil:Mine")
    assert result.ret == 1, result.stdout.str()
    assert last_verdict(result).startswith("mine: DOES NOT CONFORM")
    result.stdout.fnmatch_lines("FAILED RUN-1 *")


@pytest.mark.parametrize(
    "start",
    [
        "from pytest_orchestrators.suite.model import Model\nModel.expect = lambda *_: None",
        "import json\njson.loads = lambda *_: {'verdict': {}, 'lines': [], 'exit_code': 0}",
        "from pytest_orchestrators.suite.session import Session\nSession.ask = lambda *_: None",
    ],
    ids=["no model", "no JSON", "no questions"],
)
def test_a_flavor_that_breaks_the_suite_does_not_conform(project: pytest.Pytester, start: str) -> None:
    project.makepyfile(evil=EVIL.format(start=start))
    result = project.runpytest_subprocess("--orchestrator-flavor=evil:Mine")
    assert result.ret in (1, 8), result.stdout.str()
    assert not last_verdict(result).startswith("mine: CONFORMS")


LATER = "import atexit, os, threading\n{}\n"


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("import os; os._exit(0)", 4),
        ("import sys; sys.exit(0)", 4),
        ("raise KeyboardInterrupt", pytest.ExitCode.INTERRUPTED),
        (LATER.format("atexit.register(os._exit, 0)"), 1),
        (LATER.format("threading.Timer(0.1, os._exit, (0,)).start()"), 1),
        (LATER.format("os.register_at_fork(after_in_child=lambda: os._exit(0))"), 8),
    ],
    ids=["leaves", "exits", "interrupts", "leaves in the end", "leaves from a thread", "leaves in children"],
)
def test_a_flavor_that_ends_processes_does_not_decide_how(
    project: pytest.Pytester, start: str, code: int
) -> None:
    project.makepyfile(evil=EVIL.format(start=start))
    result = project.runpytest_subprocess("--orchestrator-flavor=evil:Mine")
    assert result.ret == code, result.stdout.str() + result.stderr.str()


ENDS = """
import os, sys
from tests.toy.system import ToyFlavor, ToyOrchestrator

class Orchestrator(ToyOrchestrator):
    def {method}:
        {act}

class Mine(ToyFlavor):
    name = "mine"
    implementation = Orchestrator
"""


@pytest.mark.parametrize("act", ["os._exit(0)", "sys.exit(0)", "import posix; posix._exit(0)"])
@pytest.mark.parametrize(
    "method", ["__init__(self, *_)", "execute(self, deployment)", "call(self, step, execution)"]
)
def test_a_run_that_ends_its_process_with_success_is_none(
    run: Run, project: pytest.Pytester, method: str, act: str
) -> None:
    project.makepyfile(evil=ENDS.format(method=method, act=act))
    result = run("--orchestrator-flavor=evil:Mine", "-x")
    assert result.ret in (1, 8)
    assert "CONFORMS" not in last_verdict(result)


RECOGNISES = """
from pathlib import Path
from tests.toy.system import ToyFlavor, ToyOrchestrator

class Orchestrator(ToyOrchestrator):
    def run(self, deployment):
        with open("known", "a") as known:
            print(deployment.workload.name, *deployment.workload.names, file=known)
        return super().run(deployment)

class Mine(ToyFlavor):
    name = "mine"
    implementation = Orchestrator
"""


def test_two_sessions_have_no_name_in_common(run: Run, project: pytest.Pytester) -> None:
    project.makepyfile(evil=RECOGNISES)
    drawn = []
    for _ in range(2):
        run("--orchestrator-flavor=evil:Mine", "-k", "RUN-10")
        drawn.append(set((project.path / "known").read_text().split()))
        (project.path / "known").unlink()
    assert all(len(names) > 30 for names in drawn)
    assert not drawn[0] & drawn[1]


THREADS = """
from concurrent.futures import ThreadPoolExecutor
from tests.toy.system import ToyFlavor, ToyOrchestrator

pool = ThreadPoolExecutor(1)
pool.submit(int).result()

class Orchestrator(ToyOrchestrator):
    def execute(self, deployment):
        pool.submit(int).result()
        return super().execute(deployment)

class Threaded(ToyFlavor):
    name = "threaded"
    implementation = Orchestrator
"""


def test_a_flavor_with_threads_since_its_import_is_not_accused(run: Run, project: pytest.Pytester) -> None:
    project.makepyfile(threaded=THREADS)
    result = run("--orchestrator-flavor=threaded:Threaded")
    assert "threaded: CONFORMS" in last_verdict(result)
