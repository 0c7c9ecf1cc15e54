"""Writing, for every broken requirement, a script that shows it without pytest."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from pytest_orchestrators.suite.apart import Child, ChildLost
from pytest_orchestrators.suite.counterexample import CounterExample, counter_example
from pytest_orchestrators.suite.evidence import Evidence
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.rendering.counterexample import page, summary
from pytest_orchestrators.suite.rendering.script import script
from pytest_orchestrators.suite.repro import judge_history, least_history
from pytest_orchestrators.suite.session import Session
from pytest_orchestrators.suite.subject import Subject
from pytest_orchestrators.suite.verdict import Judgement, Status, Verdict

#: How the names of files with counter-examples begin, of which there are two: one for people.
_EXAMPLE = "counterexample_"
#: Lines that are shown of one.
_LINES = 30
#: Folder in the root directory, where nobody names another.
FOLDER = ".conformance"
#: Seconds that the search for less may take, for all broken requirements of a flavor together.
_PATIENCE_S = 10.0


class Reproducing:
    """Writes the scripts of a session: into the folder of the report, where one is named, else into one of
    its own in the root directory.
    """

    def __init__(self, config: pytest.Config) -> None:
        named = config.getoption("conformance_report")
        self._root = config.rootpath
        self._folder = config.invocation_params.dir / named if named else config.rootpath / FOLDER
        self._told: list[str] = []

    @property
    def told(self) -> str:
        """What was written, or why it was not; empty if nothing was."""
        return "\n".join(self._told)

    def write(self, gathering: Session, verdict: Verdict | Exception) -> None:
        """Write those of one flavor; what goes wrong is told, and changes no verdict."""
        if isinstance(verdict, Exception):
            return
        try:
            written = write_reproductions(gathering.subject, gathering.evidence, verdict, self._folder)
        except Exception as error:
            reason = error if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
            self._told.append(f"scripts that show what is broken cannot be written: {reason}")
            return
        for example in examples_in(gathering.evidence, verdict)[:1]:
            self._told += [
                f"{example.requirement} is broken by this history:",
                *_indented(summary(example.history)),
            ]
        if written:
            if self._folder == self._root / FOLDER:  # nobody has asked for it, so nobody is to commit it
                (self._folder / ".gitignore").write_text("*\n", encoding="utf-8")
            file = next(iter(written.values()))
            shown = file.relative_to(self._root) if file.is_relative_to(self._root) else file
            others = f", and {len(written) - 1} more beside it" if len(written) > 1 else ""
            self._told.append(f"shown without pytest: python {shown}{others}")


def write_reproductions(
    subject: Subject, evidence: Evidence, verdict: Verdict, parent: Path
) -> dict[str, Path]:
    """Write `repro_<id>.py` for every requirement that failed, into a folder named after the flavor, and the
    counter-example beside it where a generated history broke it.

    Scripts of an earlier session are removed. What was found is tried out with less and less to be done, in
    child processes, for a bounded time.

    Returns:
        Requirement to its script.

    Raises:
        OSError: they cannot be written.
    """
    folder = parent / "".join(c if c.isalnum() or c in "-_." else "-" for c in subject.name)
    for old in (*folder.glob("repro_*.py"), *folder.glob(f"{_EXAMPLE}*")):
        old.unlink()
    deadline = time.monotonic() + _PATIENCE_S
    written: dict[str, Path] = {}
    examples = {example.requirement: example for example in examples_in(evidence, verdict)}
    for judgement in verdict.of(Status.FAILED):
        example = examples.get(judgement.id)
        text = _reproduction(subject, evidence, judgement, deadline, example)
        folder.mkdir(parents=True, exist_ok=True)
        written[judgement.id] = folder / f"repro_{judgement.id}.py"
        written[judgement.id].write_text(text, encoding="utf-8")
        if example is not None:
            kept = folder / f"{_EXAMPLE}{judgement.id}"
            kept.with_suffix(".json").write_text(example.text(), encoding="utf-8")
            kept.with_suffix(".md").write_text(page(example, text), encoding="utf-8")
    return written


def examples_in(evidence: Evidence, verdict: Verdict) -> list[CounterExample]:
    """The counter-examples of requirements that generated histories break."""
    if evidence.generated is None:
        return []
    judgements = verdict.of(Status.FAILED, Status.WAIVED)
    found = (counter_example(judged, evidence.generated, evidence.environment) for judged in judgements)
    return [example for example in found if example is not None]


def _indented(lines: Iterable[str]) -> list[str]:
    shown = list(lines)
    more = [f"... and {len(shown) - _LINES} lines more"] if len(shown) > _LINES else []
    return [f"  {line}" for line in [*shown[:_LINES], *more]]


def _reproduction(
    subject: Subject,
    evidence: Evidence,
    judgement: Judgement,
    deadline: float,
    example: CounterExample | None,
) -> str:
    """The script that shows a requirement to be broken: by its counter-example, or a part of a scenario."""
    if example is not None:
        return script(judgement, evidence.environment, example.history)

    def still_broken(history: History) -> bool:
        remaining = deadline - time.monotonic()
        return subject.forks and remaining > 0 and _is_broken(subject, judgement.id, history, remaining)

    history = least_history(judgement.id, evidence, still_broken)
    return script(judgement, evidence.environment, history)


def _is_broken(subject: Subject, requirement: str, history: History, seconds: float) -> bool:
    """Whether a history that is carried out now, in a child process, breaks a requirement."""
    child = Child(lambda: judge_history(subject, requirement, history).status.value)
    try:
        return child.answer(seconds) == Status.FAILED.value
    except ChildLost:
        return False
