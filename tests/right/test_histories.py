"""The command that has right orchestrators go through generated histories."""

from __future__ import annotations

import pytest

from tests.broken.running import DropsTheLastStep
from tests.right import __main__ as command


def test_nobody_is_accused(capfd: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--histories", "6", "LastReadyFirst", "FreshRunName"]) == 0
    told = [line for line in capfd.readouterr().out.splitlines() if ": 6 histories in " in line]
    assert [line.partition(":")[0] for line in told] == ["LastReadyFirst", "FreshRunName"]
    assert all(line.endswith("nobody accuses it") for line in told)


def test_who_is_accused_is_told(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "every", lambda: (DropsTheLastStep.Flavor,))
    assert command.main(["--histories", "3"]) == 1
    told = capfd.readouterr().out
    assert "DropsTheLastStep: " in told
    assert "accused of RUN-1" in told


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["LayersOfThread"])
    assert (
        "no right orchestrator is called LayersOfThread; there are: LayersOfThreads, "
        in capsys.readouterr().err
    )
