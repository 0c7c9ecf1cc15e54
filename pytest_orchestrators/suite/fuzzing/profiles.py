"""How many histories are generated, how large, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, replace

#: Histories that are carried out however little time there is.
LEAST = 3
#: A campaign may take so many times what the flavor's first scenario took, if that is more than its time.
PATIENCE = 25.0


@dataclass(frozen=True)
class Profile:
    """One way to generate.

    Attributes:
        name: what it is asked for by.
        examples: how many histories.
        seconds: how long they may take on a quick flavor; what is not carried out by then is left out.
        max_steps: the most steps of a pipeline.
        max_runs: the most runs of a history.
        shrinking: seconds for making less of what was found.
    """

    name: str
    examples: int
    seconds: float
    max_steps: int = 16
    max_runs: int = 4
    shrinking: float = 20.0

    def time_for(self, first: float) -> float:
        """Seconds for a flavor that took these for its first scenario."""
        return max(self.seconds, PATIENCE * first)


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("quick", 25, 8.0, shrinking=8.0),
        Profile("ci", 400, 180.0, shrinking=60.0),
        Profile("deep", 2_000, 3_600.0, max_runs=6, shrinking=300.0),
    )
}
DEFAULT = "quick"


def as_many_as(examples: int) -> Profile:
    """The profile of somebody who wants this many examples, however long it takes.

    The time for making less of what is found is per example that of the other profiles.
    """
    shrinking = min(max(1.0, 0.3 * examples), PROFILES["deep"].shrinking)
    return replace(PROFILES["deep"], name=str(examples), examples=examples, shrinking=shrinking)
