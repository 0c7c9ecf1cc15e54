"""What probe steps wait for: questions to the process that called `run()`, answered through `control`."""

from __future__ import annotations

#: Seconds that a step waits for a line that it printed to be heard.
HEARING_S = 5.0
#: Seconds that a step waits for what is certain to come, unless the run is over.
PATIENCE_S = 60.0
#: Seconds that a step waits for another one to be under way beside it.
MEETING_S = 15.0
#: Seconds that a step which `run()` does not wait for waits for `run()` to come back.
RETURN_S = 10.0
#: The answer to a step that is to run out of memory.
LIMITED, NOT_LIMITED = "limited", "not limited"


def may_go_on(run: str, moment: str, step: str | None) -> str:
    """Asked by a step or hook that was told to halt at a moment of a run."""
    return f"run {run} may go on at {moment} of {step}"


def has_started(step: str) -> str:
    """Asked by a step that is to meet this one."""
    return f"{step} has started"


def run_is_back() -> str:
    """Asked on behalf of a step that waits until `run()` has come back."""
    return "run() has come back"


def memory_of(step: str) -> str:
    """Asked by a step that was told to run out of memory: whether there is a limit to it."""
    return f"the memory of {step}"


def heard(line: str) -> str:
    """Asked by a step that has printed this line."""
    return f"heard: {line}"
