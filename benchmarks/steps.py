"""The cost of a step: against TFX's own local runner, and in a long pipeline against a short one."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks.chains import OurChain, TfxChain
from benchmarks.harness import Row, interleaved, ratio, seconds_of

SHORT, LONG = 10, 300
ROUNDS, LONG_ROUNDS = 41, 3
#: Short runs beside each long one.
SHORT_RUNS = 5


@contextmanager
def quiet() -> Iterator[None]:
    """Both sides log every step: keep the terminal's speed out of it."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def against_tfx(folder: Path) -> list[Row]:
    """A chain of ten, executed and then served from the cache, on stores that have been opened before."""
    chains: dict[str, OurChain | TfxChain] = {
        "local": OurChain(folder / "local", SHORT),
        "tfx": TfxChain(folder / "tfx", SHORT),
    }
    numbers = dict.fromkeys(chains, 0)  # the last one that each has executed
    for chain in chains.values():
        chain.prepared(0)()

    def executed(name: str) -> Callable[[], float]:
        def measure() -> float:
            numbers[name] += 1
            return _seconds_per_step(chains[name], numbers[name], SHORT)

        return measure

    def cached(name: str) -> Callable[[], float]:
        return lambda: _seconds_per_step(chains[name], numbers[name], SHORT)

    rows = []
    contests = {"executed": (executed, 0.75), "cached": (cached, 0.65)}
    for kind, (contestant, target) in contests.items():
        measured = interleaved({name: contestant(name) for name in chains}, ROUNDS)
        local, tfx = (1000 * median(measured[name]) for name in ("local", "tfx"))
        note = f"local {local:.1f} ms, LocalDagRunner {tfx:.1f} ms"
        rows.append(
            Row(f"step of a chain of {SHORT}, {kind}", ratio(measured, "local", "tfx"), "", target, note)
        )
    return rows


def long_against_short(folder: Path) -> list[Row]:
    """An executed step of a long chain against one of a short chain, each on a record of its own."""
    chains = {length: OurChain(folder / str(length), length) for length in (SHORT, LONG)}
    numbers = count()
    for chain in chains.values():
        chain.prepared(next(numbers))()

    def short() -> float:
        return median(_seconds_per_step(chains[SHORT], next(numbers), SHORT) for _ in range(SHORT_RUNS))

    def long() -> float:
        return _seconds_per_step(chains[LONG], next(numbers), LONG)

    measured = interleaved({"short": short, "long": long}, LONG_ROUNDS)
    short_ms, long_ms = (1000 * median(measured[name]) for name in ("short", "long"))
    note = f"{LONG} steps {long_ms:.1f} ms, {SHORT} steps {short_ms:.1f} ms"
    return [
        Row(f"step of a chain of {LONG} against {SHORT}", ratio(measured, "long", "short"), "", 1.25, note)
    ]


def _seconds_per_step(chain: OurChain | TfxChain, number: int, length: int) -> float:
    """Compiled before, so that it is the running that is measured."""
    return seconds_of(chain.prepared(number)) / length


def rows() -> list[Row]:
    """All of the above."""
    with tempfile.TemporaryDirectory() as folder, quiet():
        return [*against_tfx(Path(folder, "peer")), *long_against_short(Path(folder, "long"))]
