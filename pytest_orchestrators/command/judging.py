"""`judge`: the verdict on evidence that was recorded, by whomever."""

from __future__ import annotations

from pathlib import Path

from pytest_orchestrators.command.errors import CommandError
from pytest_orchestrators.suite.ruling import NoEvidence, rule


def judged(file: Path) -> tuple[str, int]:
    """The lines of the verdict on the evidence in a file, and the exit code that goes with it.

    Raises:
        CommandError: the file cannot be read, is no evidence, or the judge came to no verdict.
    """
    try:
        evidence = file.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is no evidence: it is not text in UTF-8") from error
    try:
        ruling = rule(evidence)
    except NoEvidence as error:
        raise CommandError(
            f"{file} is no evidence of the conformance suite: {error}. "
            "The suite writes evidence as JSON; give a file of this version's format, as it was written."
        ) from error
    except RuntimeError as error:
        reason = str(error).splitlines()[-1]
        raise CommandError(f"the judge comes to no verdict on {file}: {reason}") from error
    return "\n".join(text for text, _, _ in ruling.lines), ruling.exit_code
