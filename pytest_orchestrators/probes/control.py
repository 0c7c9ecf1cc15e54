"""The control file: what the next run is to be tampered with. Read by probe steps and hooks at the moment
they run.

It lies beside the journal and not in the deployment, so that a fault is never part of a cache key: a step
that failed and the same step mended differ in nothing that a cache may look at.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

CONTROL = "control.json"


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
