"""The control file: what the next run is to be tampered with. Read by probe steps and hooks at the moment
they run.

It lies beside the journal and not in the deployment, so that a fault is never part of a cache key: a step
that failed and the same step mended differ in nothing that a cache may look at.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

CONTROL = "control.json"
#: Folder of the answers to what steps wait for.
ANSWERS = "answers"
#: Seconds between two looks for an answer.
POLL_S = 0.01


def write(root: str | os.PathLike[str], control: dict[str, Any]) -> None:
    """Replace the control file; a reader sees either the old or the new one."""
    folder = Path(root)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / (CONTROL + ".new")
    fresh.write_text(json.dumps(control), encoding="utf-8")
    fresh.replace(folder / CONTROL)


def read(root: str | os.PathLike[str]) -> dict[str, Any]:
    """The control in force; empty when there is none."""
    try:
        text = (Path(root) / CONTROL).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    control: dict[str, Any] = json.loads(text)
    return control


def answer(root: str | os.PathLike[str], question: str, text: str = "") -> None:
    """Let go on whoever waits for this, now or later."""
    file = _answer(root, question)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)


def wait_for(root: str | os.PathLike[str], question: str, seconds: float) -> str | None:
    """The answer to a question, as soon as there is one; none after so many seconds without."""
    file, deadline = _answer(root, question), time.monotonic() + seconds
    while True:
        try:
            return file.read_text(encoding="utf-8")
        except FileNotFoundError:
            if time.monotonic() > deadline:
                return None
            time.sleep(POLL_S)


def _answer(root: str | os.PathLike[str], question: str) -> Path:
    return Path(root) / ANSWERS / hashlib.sha256(question.encode()).hexdigest()
