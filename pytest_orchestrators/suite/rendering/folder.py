"""A report as a folder of files: all of them, or none."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pytest_orchestrators.suite.rendering.badge import badge, badge_of_all
from pytest_orchestrators.suite.rendering.junit import junit
from pytest_orchestrators.suite.rendering.markdown import summary
from pytest_orchestrators.suite.report import Report, ReportError

_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")


def make_folder(folder: Path) -> None:
    """Make sure that files can be written into a folder, which is made if it is not there.

    Raises:
        ReportError: it cannot be made, is something else, or cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ReportError(f"a report cannot be written to {folder}: {error.strerror or error}") from error


def write_folder(report: Report, folder: Path, evidence: Mapping[str, str]) -> list[str]:
    """Write a report: as data, as a page, for CI, as badges.

    Args:
        report: what to write.
        folder: where to; it has to be there. Files of an earlier report are replaced.
        evidence: flavor to its evidence as JSON, kept beside the report.

    Returns:
        The names of the files.

    Raises:
        ReportError: a file cannot be written; then none was.
    """
    texts = {f"evidence-{file_stem(name)}.json": text for name, text in evidence.items()}
    texts |= _rendered(report)
    try:
        _write(texts, folder)
    except OSError as error:
        raise ReportError(f"a report cannot be written to {folder}: {error.strerror or error}") from error
    return list(texts)


def _rendered(report: Report) -> dict[str, str]:
    # Its templates are loaded by a library that nothing else needs.
    from pytest_orchestrators.suite.rendering.page import page

    badges = {f"badge-{file_stem(flavor.name)}.svg": badge(flavor) for flavor in report.flavors}
    return {
        "report.json": report.text(),
        "report.html": page(report),
        "junit.xml": junit(report),
        "summary.md": summary(report),
        "badge.svg": badge_of_all(report),
        **(badges if len(badges) > 1 else {}),
    }


def _write(texts: Mapping[str, str], folder: Path) -> None:
    """Write everything beside its place, then put each file there at once."""
    with tempfile.TemporaryDirectory(prefix=".report-", dir=folder) as beside:
        for name, text in texts.items():
            (Path(beside) / name).write_text(text, encoding="utf-8")
        for name in texts:
            (Path(beside) / name).replace(folder / name)


def file_stem(name: str) -> str:
    """A flavor's name as part of a file's name; other names give other ones, whatever is in them."""
    fit = _UNFIT.sub("-", name)[:60]
    return fit if fit == name else f"{fit}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
