"""Names of pipelines and steps, drawn anew each session, so that no flavor can recognise the suite by
them.
"""

from __future__ import annotations

import random

_WORDS = [
    "amber",
    "basil",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "hazel",
    "inlet",
    "jasper",
    "karst",
    "lotus",
    "maple",
    "nickel",
    "opal",
    "pearl",
    "quartz",
    "river",
    "sable",
    "topaz",
    "umber",
    "violet",
    "willow",
    "xenon",
    "yarrow",
    "zephyr",
]


class Names:
    """Draws names from a seed; one seed always draws the same ones."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        self._drawn: set[str] = set()

    def one(self) -> str:
        """A name that has not been drawn before."""
        while True:
            name = f"{self._random.choice(_WORDS)}_{self._random.randrange(16**4):04x}"
            if name not in self._drawn:
                self._drawn.add(name)
                return name

    def some(self, count: int) -> list[str]:
        """Several names in no particular order."""
        return [self.one() for _ in range(count)]

    def falling(self, count: int) -> list[str]:
        """Several names in falling order: whoever sorts steps by name runs them the wrong way round."""
        return sorted(self.some(count), reverse=True)

    def numbered(self, count: int) -> list[str]:
        """Names that end in 1 to `count`: sorted as text they are out of order from ten on."""
        stem = self.one()
        return [f"{stem}_{number}" for number in range(1, count + 1)]
