"""`python -m pytest_orchestrators`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_orchestrators.command.main import main
from pytest_orchestrators.suite.catalogue import applicable, catalogue
from pytest_orchestrators.suite.evidence import Evidence, Probe
from pytest_orchestrators.suite.history import Damage
from pytest_orchestrators.suite.judge import judge
from pytest_orchestrators.suite.rendering.terminal import verdict_lines
from pytest_orchestrators.suite.workload import OutputRef
from tests.judging import session_on
from tests.toy.system import ToyFlavor

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


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """That of a right toy, asked for everything."""
    session = session_on(ToyFlavor, tmp_path_factory.mktemp("toy"))
    for requirement in applicable("toy"):
        session.ask(requirement.id)
    return session.evidence


def judging(evidence: Evidence, tmp_path: Path) -> int:
    file = tmp_path / "evidence.json"
    file.write_text(evidence.model_dump_json())
    return main(["judge", str(file)])


def test_recorded_evidence_is_judged(evidence: Evidence, tmp_path: Path, capsys: Capture) -> None:
    assert judging(evidence, tmp_path) == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [line.text for line in verdict_lines(judge(evidence))]
    assert told[-1].startswith("ToyFlavor: CONFORMS to contract 1.0")


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"asked": ()}, 8, "INCOMPLETE"),
        ({"blocked": "no engine"}, 8, "BLOCKED"),
        ({"probes": {"name": Probe(value=["", ""])}}, 1, "DOES NOT CONFORM"),
    ],
)
def test_the_exit_code_is_the_verdicts(
    evidence: Evidence, tmp_path: Path, capsys: Capture, changes: dict[str, object], code: int, word: str
) -> None:
    assert judging(evidence.model_copy(update=changes), tmp_path) == code
    assert f"ToyFlavor: {word}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is no evidence of the conformance suite: Invalid JSON: EOF"),
        (b"\xff\xfe", "is no evidence: it is not text in UTF-8"),
        (b"{}", "is no evidence of the conformance suite: contract: Field required"),
        (b'{"format": 2}', "is no evidence of the conformance suite: format: Input should be 1"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_evidence_is_refused(
    tmp_path: Path, capsys: Capture, content: bytes | None, told: str
) -> None:
    file = tmp_path / "evidence.json"
    if content is not None:
        file.write_bytes(content)
    assert main(["judge", str(file)]) == 2
    assert f"error: {file} {told}" in capsys.readouterr().err


def test_evidence_that_makes_no_sense_is_refused(evidence: Evidence, tmp_path: Path, capsys: Capture) -> None:
    lost = OutputRef(step="s")
    damage = Damage(label="nowhere", artifact=lost, what="file")
    scenario = evidence.scenarios["rerun"].model_copy(update={"actions": (damage,)})
    scenarios = {**evidence.scenarios, "rerun": scenario}
    assert judging(evidence.model_copy(update={"scenarios": scenarios}), tmp_path) == 2
    told = capsys.readouterr().err
    assert f"{tmp_path / 'evidence.json'} is no evidence of the conformance suite: scenarios.rerun." in told
    assert "actions.0: it damages the run 'nowhere', which is not before it" in told
