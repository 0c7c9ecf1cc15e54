"""Having a history carried out by another interpreter: one that is started for it, remembers nothing of this
process, and hashes text differently.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile

from pytest_orchestrators.suite.apart import ChildLost
from pytest_orchestrators.suite.evidence import ScenarioEvidence
from pytest_orchestrators.suite.history import History
from pytest_orchestrators.suite.subject import Subject

#: Exit code of an interpreter that did not find the flavor; why is on standard error.
NOT_FOUND = 3
#: Seconds that it has to start, and to end when the time of its history is used up.
_MARGIN_S = 10.0


class NotFound(Exception):
    """Another interpreter does not find the flavor; the message says why."""


@dataclass(frozen=True)
class Task:
    """What another interpreter is to do.

    Attributes:
        history: what is carried out.
        subject: with whom.
        root: the folder of the stores, on which others may have worked before.
        seconds: how long it may take.
        answer: the file that the evidence is written to.
    """

    history: History
    subject: Subject
    root: Path
    seconds: float
    answer: Path


def carried_out_by_another(
    history: History, subject: Subject, root: Path, seconds: float
) -> ScenarioEvidence:
    """The evidence of a history that another interpreter carries out.

    Raises:
        NotFound: there, the flavor cannot be imported by its name.
        ChildLost: it ended without an answer, or had none long after so many seconds.
    """
    # A fixed seed, as test runners set one, would be the same there.
    environment = {**os.environ, "PYTHONHASHSEED": "random"}
    program = (
        f"import sys; sys.path[:] = {sys.path!r}; "
        "from pytest_orchestrators.suite.interpreted import main; main()"
    )
    with NamedTemporaryFile(prefix="evidence-", suffix=".json") as answer:
        task = _packed(Task(history, subject, root, seconds, Path(answer.name)))
        try:
            done = subprocess.run(
                [sys.executable, "-c", program],
                input=task,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=seconds + _MARGIN_S,
                env=environment,
            )
        except subprocess.TimeoutExpired:
            raise ChildLost(f"another interpreter had no answer after {seconds + _MARGIN_S:.0f} s") from None
        text = answer.read()
    if done.returncode == NOT_FOUND:
        raise NotFound(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    if done.returncode != 0 or not text:
        raise ChildLost(f"another interpreter ended without an answer, exit code {done.returncode}")
    return ScenarioEvidence.model_validate_json(text)


def _packed(task: Task) -> bytes:
    """The task, with the flavor by its name.

    Raises:
        NotFound: it has none by which it could be imported.
    """
    plain = replace(task, subject=replace(task.subject, config=dict(task.subject.config)))
    try:
        return pickle.dumps(plain)
    except Exception as error:  # what cannot be pickled says so in many ways
        raise NotFound(str(error)) from error
