"""The README is true: its files are written, its commands are run, its names are imported."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "first_flavor"
_FENCE = re.compile(r"^( *)```(\w+)(?: (\S+))?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its language, the file that it is (part of), and what is in it."""

    language: str
    file: str
    text: str


def blocks() -> Iterator[Block]:
    for indent, language, file, text in _FENCE.findall(README):
        yield Block(language, file, re.sub(f"^{indent}", "", text, flags=re.MULTILINE))


def block(language: str, file: str) -> str:
    [found] = [block.text for block in blocks() if (block.language, block.file) == (language, file)]
    return found


def mended(text: str, diff: str) -> str:
    """Apply a diff without line numbers."""
    before = "".join(line[1:] for line in diff.splitlines(keepends=True) if not line.startswith("+"))
    after = "".join(line[1:] for line in diff.splitlines(keepends=True) if not line.startswith("-"))
    assert text.count(before) == 1
    return text.replace(before, after)


def run(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the README with the tools of this environment."""
    program, *arguments = shlex.split(command)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [Path(sys.executable).with_name(program), *arguments],
        cwd=folder,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def assert_shown(shown: str, output: str) -> None:
    """Every line shown is in the output, in this order; `...` stands for what is left out, also at an end."""
    pattern = ".*".join(re.escape(part.strip("\n")) for part in shown.split("..."))
    assert re.fullmatch(pattern, output.strip("\n"), re.DOTALL), f"not as the README shows it:\n{output}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reader")
    (folder / "my_flavor.py").write_text(block("python", "my_flavor.py"), encoding="utf-8")
    for file in ("test_pipelines.py", "test_any_dag.py"):
        (folder / file).write_text(block("python", file), encoding="utf-8")
    return folder


def _console() -> list[tuple[str, str]]:
    """Command and what is shown of its output, in the order of the README."""
    texts = [block.text for block in blocks() if block.language == "console"]
    return [(text.partition("\n")[0].removeprefix("$ "), text.partition("\n")[2]) for text in texts]


def test_every_command_shows_what_the_readme_shows(folder: Path) -> None:
    """The story from the first flavor to the one that conforms, as a reader would type it."""
    codes = []
    for position, (command, shown) in enumerate(_console()):
        if position == 1:
            flavor = mended(block("python", "my_flavor.py"), block("diff", "my_flavor.py"))
            (folder / "my_flavor.py").write_text(flavor, encoding="utf-8")
        done = run(command, folder)
        assert_shown(shown, done.stdout)
        codes.append(done.returncode)
    assert codes == [1, 0, 0, 0, 0]


def test_a_flavor_is_found_by_the_table(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "my_flavor.py").write_bytes((folder / "my_flavor.py").read_bytes())
    (tmp_path / "pyproject.toml").write_text(block("toml", "pyproject.toml"), encoding="utf-8")
    done = run("pytest --list-orchestrator-flavors", tmp_path)
    assert re.search(r"^mine +my_flavor:MyFlavor .*tool.pytest_orchestrators", done.stdout, re.MULTILINE)
    done = run("pytest --orchestrator-flavor=mine -k FLV-1", tmp_path)
    assert "mine: INCOMPLETE" in done.stdout
    assert done.returncode == 8


def test_a_flavor_is_found_by_entry_point(tmp_path: Path) -> None:
    """What an installer leaves of a distribution whose `pyproject.toml` says so."""
    site = tmp_path / "site"
    information = site / "first_flavor-0.1.0.dist-info"
    information.mkdir(parents=True)
    (site / "my_flavor.py").write_bytes((EXAMPLE / "my_flavor.py").read_bytes())
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: first-flavor\nVersion: 0.1.0\n")
    group, entry = block("toml", "entry-points").splitlines()
    group = group.replace("project.entry-points.", "").replace('"', "")
    entry_points = f"{group}\n{entry.replace(chr(34), '')}\n"
    (information / "entry_points.txt").write_text(entry_points, encoding="utf-8")
    done = run("pytest --list-orchestrator-flavors", tmp_path, PYTHONPATH=str(site))
    assert re.search(r"^mine +my_flavor:MyFlavor .*first-flavor", done.stdout, re.MULTILINE)


def test_the_example_is_what_the_readme_builds() -> None:
    flavor = mended(block("python", "my_flavor.py"), block("diff", "my_flavor.py"))
    assert (EXAMPLE / "my_flavor.py").read_text(encoding="utf-8") == flavor
    assert (EXAMPLE / "test_pipelines.py").read_text(encoding="utf-8") == block("python", "test_pipelines.py")
    project = (EXAMPLE / "pyproject.toml").read_text(encoding="utf-8")
    assert block("toml", "pyproject.toml") in project
    assert block("toml", "entry-points") in project


def test_the_example_runs_on_its_default_flavor() -> None:
    done = run("pytest -q -p no:cacheprovider", EXAMPLE)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_the_example_of_properties_holds() -> None:
    done = run("pytest -q -p no:cacheprovider", ROOT / "examples" / "property_tests")
    assert done.returncode == 0, done.stdout
    assert "5 passed" in done.stdout


def test_the_first_commands_are_those_of_continuous_integration() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "\npython3 -m pip install uv\n" in README
    assert re.search(r"python3 -m pip install .*\buv\b", script)
    for command in ("uv run pytest --orchestrator-flavor=local", "uv run pytest"):
        assert re.search(rf"^{command} +#", README, re.MULTILINE)
    assert "uv run pytest --orchestrator-flavor=local" in script
    assert "uv run coverage run -m pytest" in script


def test_the_constraint_is_the_projects_own() -> None:
    [constraint] = [b.text for b in blocks() if b.language == "toml" and "constraint" in b.text]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert constraint.splitlines()[1] in project


@pytest.mark.parametrize(
    "name",
    [
        name
        for row in re.findall(r"^\| `zenml.*?\| (.*) \|$", README, re.MULTILINE)
        for name in re.findall(r"`([\w.]+)`", row)
    ],
)
def test_the_names_for_those_who_come_from_zenml_are_there(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert hasattr(importlib.import_module(module or "pytest_orchestrators"), attribute)


def test_every_link_leads_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        text = re.sub(r"`[^`\n]+`", "", page.read_text(encoding="utf-8"))  # what is code is no link
        for link in re.findall(r"\]\((?!\w+:)([^)#]+)", text):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_options_and_exit_codes_are_those_of_the_plugin() -> None:
    from pytest_orchestrators.suite.verdict import ExitCode

    told = run("pytest --help", ROOT).stdout
    for option in set(re.findall(r"--[\w-]*orchestrator[\w-]*", README)):
        assert option in told
    assert "worked out from the first one by default" in README
    table = README.partition("| exit code |")[2]
    assert [int(code) for code in re.findall(r"^\| (\d) \|", table, re.MULTILINE)] == [*ExitCode]
