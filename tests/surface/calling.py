"""Commands as they are typed, in this process, and what they may answer."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from pytest_orchestrators.command.main import USAGE, main

#: Characters of an error that a person still reads.
SHORT = 4000


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def refused(self) -> bool:
        """Whether it could not be carried out, for a reason that it gives in a few words."""
        assert "Traceback" not in self.err
        if self.code != USAGE:
            assert self.err == ""
            return False
        assert self.err.startswith("error: ")
        assert self.out == ""
        assert len(self.err) < SHORT, self.err[:500]
        return True


def call(*arguments: object) -> Answer:
    """Carry out a command; what is raised comes out, as the traceback that a person would see."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Answer(code, out.getvalue(), err.getvalue())


def short(error: BaseException, *named: str) -> None:
    """Make sure that an error is a few words, and names these."""
    assert 0 < len(str(error)) < SHORT, str(error)[:500]
    for name in named:
        assert name in str(error), str(error)[:500]
