"""`python -m pytest_orchestrators`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_orchestrators.command.main import main
from pytest_orchestrators.suite.catalogue import catalogue

Capture = pytest.CaptureFixture[str]


def test_explain_says_all_about_a_requirement(capsys: Capture) -> None:
    assert main(["explain", "run-1"]) == 0
    told = capsys.readouterr().out
    requirement = catalogue()["RUN-1"]
    assert requirement.sentence in " ".join(told.split())
    assert requirement.example.splitlines()[0] in told
    for label in ("Why:", "How it is observed:", "Scenarios:", "Wrong:", "What mends it:", "Seen in:"):
        assert label in told


def test_every_requirement_can_be_explained(capsys: Capture) -> None:
    assert main(["explain", *catalogue()]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert all(" ".join(requirement.sentence.split()) in told for requirement in catalogue().values())


def test_explaining_what_is_not_there_names_the_nearest(capsys: Capture) -> None:
    assert main(["explain", "RUN-33"]) == 2
    assert "there is no requirement 'RUN-33'; did you mean 'RUN-3'?" in capsys.readouterr().err


def test_list_shows_flavors_and_requirements(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = "[tool.pytest_orchestrators]\ndefault='mine'\nflavors.mine.source='mine_flavor:MineFlavor'\n"
    (tmp_path / "pyproject.toml").write_text(table)
    monkeypatch.chdir(tmp_path)
    assert main(["list"]) == 0
    told = capsys.readouterr().out
    assert "mine_flavor:MineFlavor" in told
    assert "the default" in told
    assert all(f"  {id} " in told for id in catalogue())
    assert main(["list", "flavors"]) == 0
    assert "RUN-1" not in capsys.readouterr().out


def test_list_refuses_a_wrong_table(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.pytest_orchestrators]\nflavours = {}\n")
    monkeypatch.chdir(tmp_path)
    assert main(["list"]) == 2
    assert "flavours: unknown key; did you mean 'flavors'?" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["new"], ["list", "everything"]])
def test_a_wrong_command_is_a_usage_error(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["My", "1st", "a-b", "../up", "class", "", "json", "pytest_orchestrators", "é"]
)
def test_new_checks_the_name(name: str, tmp_path: Path, capsys: Capture) -> None:
    assert main(["new", name, "--dir", str(tmp_path)]) == 2
    assert repr(name) in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_new_overwrites_nothing(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "mine").mkdir()
    assert main(["new", "mine", "--dir", str(tmp_path)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert not list((tmp_path / "mine").iterdir())


def test_new_needs_a_folder(tmp_path: Path, capsys: Capture) -> None:
    assert main(["new", "mine", "--dir", str(tmp_path / "nowhere")]) == 2
    assert "there is no folder" in capsys.readouterr().err


def test_new_writes_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def full(self: Path, *_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert main(["new", "mine", "--dir", str(tmp_path)]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_new_package_starts_green(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    made = _python(tmp_path, "-m", "pytest_orchestrators", "new", "my_own")
    assert made.returncode == 0, made.stderr
    package = tmp_path / "my_own"
    own = _python(package, "-m", "pytest", "-p", "no:cacheprovider")
    assert own.returncode == 0, own.stdout
    assert "3 passed" in own.stdout
    judged = _python(package, "-m", "pytest", "-p", "no:cacheprovider", "--orchestrator-flavor=my_own")
    assert judged.returncode == 0, judged.stdout
    assert "my_own: CONFORMS to contract 1.0" in judged.stdout


def _python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=300
    )
