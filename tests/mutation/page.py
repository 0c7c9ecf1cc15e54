"""The mutation score as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.mutation.explanations import KINDS, Explanation
from tests.mutation.judging import ON
from tests.mutation.mutants import Mutant

PAGE = Path(__file__).parents[2] / "docs" / "mutation-score.md"

_HEAD = """\
# Mutation score

Written by `python -m tests.mutation`. The sources of the contract's orchestrators and of the reference flavor
`local` are changed in one place at a time (a condition negated, a call left out, a `finally` lost, ...). Each
mutant is judged by the conformance suite alone, without any unit test, and is killed when the verdict is not
CONFORMS: the verdict on `local`, and if that one conforms, on some flavors of `tests/right` that need more of
the base class, running steps in forks, in entrypoints, in threads, or under a run name of their own.

**{killed} of {all} mutants are killed, {alone} of them with `local` alone; of the {relevant} that differ from
the original, {score} %.**
"""


def score(killed: int, relevant: int) -> float:
    """How many of a hundred, rounded down to one digit."""
    return int(1000 * killed / relevant) / 10 if relevant else 0.0


def text_of(found: Mapping[Mutant, str], explained: Mapping[str, Explanation]) -> str:
    """The page about mutants and what killed them."""
    survivors = [mutant for mutant, killer in found.items() if not killer]
    equivalent = [m for m in survivors if m.id in explained and explained[m.id].kind == "equivalent"]
    killed, relevant = len(found) - len(survivors), len(found) - len(equivalent)
    head = _HEAD.format(
        killed=killed,
        alone=sum(bool(killer) and ON not in killer for killer in found.values()),
        all=len(found),
        relevant=relevant,
        score=score(killed, relevant),
    )
    return "\n".join([head, *_modules(found), *_survivors(survivors, explained)])


def _modules(found: Mapping[Mutant, str]) -> Iterator[str]:
    yield "| module | mutants | killed | with `local` alone |"
    yield "|---|---|---|---|"
    for module in dict.fromkeys(mutant.module for mutant in found):
        killers = [killer for mutant, killer in found.items() if mutant.module == module]
        killed = [killer for killer in killers if killer]
        alone = sum(ON not in killer for killer in killed)
        yield f"| `{module}` | {len(killers)} | {len(killed)} | {alone} |"
    yield ""


def _survivors(survivors: Sequence[Mutant], explained: Mapping[str, Explanation]) -> Iterator[str]:
    yield "## Survivors\n"
    for kind, meaning in {**KINDS, "": "not explained yet"}.items():
        of_kind = [m for m in survivors if (explained[m.id].kind if m.id in explained else "") == kind]
        if not of_kind:
            continue
        yield f"### {kind or 'unexplained'}: {meaning}\n"
        yield "| mutant | was | is | why it survives |"
        yield "|---|---|---|---|"
        for mutant in of_kind:
            reason = explained[mutant.id].reason if kind else ""
            yield f"| `{mutant.id}` | {_code(mutant.shown[0])} | {_code(mutant.shown[1])} | {reason} |"
        yield ""


def _code(text: str) -> str:
    line = " ".join(text.split()).replace("|", "\\|")
    short = line if len(line) <= 90 else line[:90] + "…"
    return f"`` {short} ``" if short else ""
