"""Without its options the plugin is inert: nothing heavy is imported, nothing is collected differently."""

from __future__ import annotations

import pytest

HEAVY = ["tfx", "ml_metadata", "hypothesis", "pydantic", "docker", "zenml", "psutil"]
OURS = {
    "pytest_orchestrators",
    "pytest_orchestrators.plugin",
    "pytest_orchestrators.fixtures",
    "pytest_orchestrators.selection",
    "pytest_orchestrators.selection.bound",
}


def test_nothing_heavy_is_imported(project: pytest.Pytester) -> None:
    project.makepyfile(
        f"""
        import sys

        def test_imports():
            heavy = [name for name in {HEAVY} if name in sys.modules]
            ours = {{name for name in sys.modules if name.startswith("pytest_orchestrators")}}
            assert (heavy, ours) == ([], {OURS})
        """
    )
    result = project.runpytest_subprocess("-p", "no:hypothesispytest")
    result.assert_outcomes(passed=1)


def test_collection_is_left_alone(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS")
    project.makepyfile(test_a="def test_one(): pass", test_b="def test_two(): pass")
    look = ("--collect-only", "-q", "-p", "no:randomly")
    ours = project.runpytest_subprocess(*look).outlines[:-1]
    without = project.runpytest_subprocess(*look, "-p", "no:orchestrators").outlines[:-1]
    assert ours == without
    assert ours[:2] == ["test_a.py::test_one", "test_b.py::test_two"]


def test_a_wrong_table_disturbs_nobody_who_does_not_use_it(project: pytest.Pytester) -> None:
    project.makepyprojecttoml("[tool.pytest_orchestrators]\nnonsense = 1\n")
    project.makepyfile("def test_one(): pass")
    project.runpytest_subprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize("option", ["--help", "--version", "--markers", "--fixtures"])
def test_pytest_tells_about_itself_as_ever(project: pytest.Pytester, option: str) -> None:
    result = project.runpytest_subprocess(option, "--orchestrator-flavor=nobody")
    assert result.ret == 0
