"""Somebody else's test suite, with our fixtures in it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.plugin.conftest import TABLE

STEPS = """
import pytest
from pytest_orchestrators import Pipeline, step

@step
def load(n: int) -> int:
    return n

@step
def double(x: int) -> int:
    return 2 * x
"""


def check(project: pytest.Pytester, code: str, *arguments: str, **outcomes: int) -> pytest.RunResult:
    """Run a test module of a project, in a process of its own."""
    project.makepyfile(steps=STEPS, test_own="from steps import *\n" + dedent(code))
    result = project.runpytest_subprocess("-p", "no:cacheprovider", *arguments)
    result.assert_outcomes(**outcomes)
    return result


def test_a_suite_of_ones_own(project: pytest.Pytester) -> None:
    code = """
    def test_second_run_is_cached(run_pipeline):
        pipeline = Pipeline("demo", double(load(n=21)))
        assert run_pipeline(pipeline)["double"].output == 42
        assert run_pipeline(pipeline).cached == {"load", "double"}

    def test_stores_are_fresh_in_every_test(run_pipeline, make_pipeline):
        assert run_pipeline(make_pipeline(double(load(n=21)), name="demo")).executed == {"load", "double"}
    """
    check(project, code, passed=2)


def test_each_fixture_can_be_overridden_alone(project: pytest.Pytester) -> None:
    code = """
    from pytest_orchestrators import LocalArtifactStore, Stack, SubprocessStepOperator
    from reference_flavors.local import LocalOrchestrator, LocalOrchestratorConfig, LocalOrchestratorFlavor

    class NoisyConfig(LocalOrchestratorConfig):
        volume: int = 1

    class NoisyFlavor(LocalOrchestratorFlavor):
        name = "noisy"
        config_class = NoisyConfig

    @pytest.fixture(scope="session")
    def orchestrator_flavor():
        return NoisyFlavor()

    @pytest.fixture(scope="session")
    def orchestrator_config():
        return {"volume": 11}

    @pytest.fixture
    def artifact_store(tmp_path):
        return LocalArtifactStore.at(tmp_path / "elsewhere")

    @pytest.fixture
    def stack(stack):
        return Stack(
            name="mine",
            orchestrator=stack.orchestrator,
            artifact_store=stack.artifact_store,
            metadata=stack.metadata,
            step_operators={"sub": SubprocessStepOperator("sub")},
        )

    def test_all(orchestrator, stack, run_pipeline, make_pipeline, tmp_path, monkeypatch):
        assert orchestrator.name == "noisy"
        assert orchestrator.config == NoisyConfig(volume=11)
        assert stack.orchestrator is orchestrator
        result = run_pipeline(make_pipeline(double(load(n=2).with_options(step_operator="sub"))))
        assert result["double"].output == 4
        assert list((tmp_path / "elsewhere").iterdir())

    def test_judge_uses_them(judge):
        from pytest_orchestrators.suite.workload import Workload, WorkloadStep
        judged = judge(Workload(name="w", steps=(WorkloadStep(name="a"),)))
        judged.assert_conforms()
        assert [run.outcome.kind for run in judged.evidence.runs] == ["returned", "returned"]
    """
    check(project, code, passed=2)


def test_judge_names_what_is_broken(project: pytest.Pytester) -> None:
    code = """
    from pytest_orchestrators.suite.history import History, Run
    from pytest_orchestrators.suite.workload import OutputRef, Workload, WorkloadStep

    def chain():
        second = WorkloadStep(name="second", inputs={"x": OutputRef(step="first")})
        return Workload(name="w", steps=(WorkloadStep(name="first"), second))

    def test_workload(judge):
        with pytest.raises(AssertionError, match="FAILED RUN-1 (?s:.*)step second is executed"):
            judge(chain()).assert_conforms()

    def test_history(judge):
        history = History(name="h", actions=(Run(label="bad", workload=chain(), faults={"first": "raise"}),))
        assert judge(history).conforms
    """
    check(project, code, "--orchestrator-flavor=forgetful", "test_own.py", passed=2)


def test_fixtures_are_bound_without_a_verdict_when_paths_are_given(project: pytest.Pytester) -> None:
    code = """
    def test_bound(orchestrator_flavor, orchestrator_config):
        assert orchestrator_flavor.name == "right"
        assert orchestrator_config == {"depth": 3}
    """
    arguments = ["--orchestrator-flavor=right", "--orchestrator-config=depth=3", "test_own.py"]
    result = check(project, code, *arguments, passed=1)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["orchestrator fixtures: right (tests.plugin.flavors:Right); no verdict*"])
    result.stdout.no_fnmatch_line("*contract 1.0*")


@pytest.mark.parametrize("addopts", [False, True])
def test_the_default_binds_and_never_starts_the_suite(project: pytest.Pytester, addopts: bool) -> None:
    table = "default = 'right'\nflavors.right.source = 'tests.plugin.flavors:Right'\n"
    options = "[tool.pytest.ini_options]\naddopts = '--orchestrator-flavor=right'\n" if addopts else ""
    project.makepyprojecttoml(f"{options}[tool.pytest_orchestrators]\n{table}")
    code = """
    def test_bound(orchestrator_flavor):
        assert orchestrator_flavor.name == "right"
    """
    result = check(project, code, passed=1)
    result.stdout.no_fnmatch_line("*contract 1.0*")


def test_the_command_line_comes_before_addopts(project: pytest.Pytester) -> None:
    table = "flavors.silent.source = 'tests.plugin.flavors:Silent'\n"
    options = "[tool.pytest.ini_options]\naddopts = '--orchestrator-flavor=silent'\n"
    project.makepyprojecttoml(f"{options}[tool.pytest_orchestrators]\n{table}")
    result = project.runpytest_subprocess("--orchestrator-flavor", "tests.plugin.flavors:Right")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("silent*")


def test_a_path_in_addopts_does_not_keep_the_suite_from_running(project: pytest.Pytester) -> None:
    project.makepyprojecttoml("[tool.pytest.ini_options]\naddopts = 'test_own.py'\n")
    project.makepyfile(test_own="def test_own(): pass")
    result = project.runpytest_subprocess("--orchestrator-flavor=tests.plugin.flavors:Right")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["right: CONFORMS to contract 1.0*"])


@pytest.mark.parametrize("word", ["right", "slow"])
def test_a_path_in_addopts_may_be_called_like_a_value(project: pytest.Pytester, word: str) -> None:
    project.makepyprojecttoml(f"{TABLE}\n[tool.pytest.ini_options]\naddopts = '{word}'\n")
    project.mkdir(word)
    result = project.runpytest_subprocess("--orchestrator-flavor", "right", "-k", "slow or FLV-1")
    assert result.ret == 8
    result.stdout.fnmatch_lines(["right: INCOMPLETE*"])


def test_a_file_of_arguments_is_a_part_of_the_command_line(project: pytest.Pytester) -> None:
    (project.path / "arguments").write_text("--orchestrator-flavor=tests.plugin.flavors:Right\n")
    result = project.runpytest_subprocess("@arguments")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["right: CONFORMS to contract 1.0*"])


def test_worker_processes_bind_what_the_command_line_says(project: pytest.Pytester) -> None:
    project.makepyprojecttoml("[tool.pytest.ini_options]\naddopts = '--orchestrator-flavor=nobody'\n")
    code = """
    def test_bound(orchestrator_flavor):
        assert orchestrator_flavor.name == "right"
    """
    check(project, code, "--orchestrator-flavor=tests.plugin.flavors:Right", "-n1", "test_own.py", passed=1)


def test_several_flavors_run_every_test_for_each(project: pytest.Pytester) -> None:
    code = """
    def test_bound(orchestrator_flavor):
        assert orchestrator_flavor.name == "right"

    def test_other():
        pass
    """
    flavors = ["--orchestrator-flavor=right", "--orchestrator-flavor=forgetful"]
    result = check(project, code, *flavors, "test_own.py", "-v", passed=2, failed=1)
    result.stdout.fnmatch_lines(["*test_bound[[]right] PASSED*", "*test_bound[[]forgetful] FAILED*"])


def test_a_default_that_cannot_be_used_fails_the_test_that_asks(project: pytest.Pytester) -> None:
    project.makepyprojecttoml("[tool.pytest_orchestrators]\ndefault = 'nobody'\n")
    code = """
    def test_asks(orchestrator_flavor): pass
    def test_does_not_ask(): pass
    """
    result = check(project, code, passed=1, errors=1)
    result.stdout.fnmatch_lines(["there is no orchestrator flavor 'nobody'*"])


def test_toy_flavors_have_no_orchestrator_to_give(project: pytest.Pytester) -> None:
    code = "def test_asks(orchestrator): pass\n"
    result = check(project, code, "--orchestrator-flavor=right", "test_own.py", errors=1)
    result.stdout.fnmatch_lines(["Right is no flavor of BaseOrchestrator*"])


def test_fixtures_are_documented(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--fixtures", "--orchestrator-flavor=right")
    assert result.ret == 0
    shown = result.stdout.str()
    names = ["orchestrator_flavor", "orchestrator_config", "orchestrator", "artifact_store", "metadata_store"]
    for name in [*names, "stack", "make_pipeline", "make_deployment", "run_pipeline", "judge"]:
        assert f"\n{name} " in shown
    assert "no docstring available" not in shown.partition("pytest_orchestrators")[2]
