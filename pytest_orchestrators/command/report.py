"""`report merge` and `report diff`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_orchestrators.command.errors import CommandError
from pytest_orchestrators.suite.comparing import Change, changes
from pytest_orchestrators.suite.merging import merged
from pytest_orchestrators.suite.rendering.folder import make_folder, write_folder
from pytest_orchestrators.suite.rendering.terminal import sentence
from pytest_orchestrators.suite.report import ReportError, read_report

#: Exit code of a comparison that found something worse.
REGRESSION = 1
#: Characters of one text that are shown at most.
_WIDTH = 300


def merge(folder: Path, files: Sequence[Path]) -> str:
    """Merge reports, and write the report of all into a folder.

    Returns:
        What was written.

    Raises:
        CommandError: a file is no report, they do not go together, or the folder cannot be written to.
    """
    try:
        together = merged([read_report(file) for file in files])
        make_folder(folder)
        written = write_folder(together, folder, {})
    except ReportError as error:
        raise CommandError(str(error)) from error
    verdicts = (sentence(flavor.verdict).text for flavor in together.flavors)
    return "\n".join([f"wrote {folder}: {', '.join(written)}", *verdicts])


def diff(old: Path, new: Path) -> tuple[str, int]:
    """Compare two reports.

    Returns:
        What has changed, regressions first, and the exit code: 1 with a regression, else 0.

    Raises:
        CommandError: a file is no report.
    """
    try:
        found = changes(read_report(old), read_report(new))
    except ReportError as error:
        raise CommandError(str(error)) from error
    return "\n".join(_lines(found)), REGRESSION if any(change.regression for change in found) else 0


def _lines(found: Sequence[Change]) -> Iterator[str]:
    worse = sum(change.regression for change in found)
    others = len(found) - worse
    yield from map(_line, found)
    if not found:
        yield "nothing has changed"
    else:
        regressions = f"{worse or 'no'} regression{'s' * (worse > 1)}"
        yield f"{regressions}, {others} other change{'s' * (others != 1)}"


def _line(change: Change) -> str:
    word = "REGRESSION" if change.regression else "changed"
    step = f"{_clip(change.before) or 'not there'} -> {_clip(change.after) or 'not there'}"
    line = f"{word:<10}  {change.flavor}  {change.subject}: {step}"
    return line + (f"\n            {_clip(change.detail)}" if change.detail else "")


def _clip(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else f"{line[:_WIDTH]}..."
