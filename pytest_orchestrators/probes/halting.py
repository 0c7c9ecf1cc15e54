"""Halting: a run that stands still at one moment until it is let go, or is killed there."""

from __future__ import annotations

import os
from typing import Any

from pytest_orchestrators.probes import control, journal, place, questions


def halt(root: str | os.PathLike[str], orders: dict[str, Any], moment: str, step: str | None = None) -> None:
    """Stand still if the run is to halt at this moment of this step, and journal that.

    Args:
        root: folder of the journal.
        orders: the control in force.
        moment: the kind of the event that has just been journaled.
        step: the step's name; none for what belongs to a whole deployment.
    """
    if [moment, step] not in orders.get("halts", ()):
        return
    here = {"place": place.here(), "container": place.container()}
    journal.append(root, "halted", step=step, moment=moment, **here)
    question = questions.may_go_on(str(orders.get("run")), moment, step)
    control.wait_for(root, question, questions.PATIENCE_S)


def let_go(root: str | os.PathLike[str], run_name: str, moment: str, step: str | None) -> None:
    """Have a run go on that stands still at this moment of this step, or will come to it."""
    control.answer(root, questions.may_go_on(run_name, moment, step), "go on")
