"""Without a browser nobody has looked at the page: tests say so, and in CI they fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.browsing import browser


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_a_missing_browser(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="chromium by chromedriver"), browser(tmp_path):
        raise AssertionError("there is a browser where there is none")
