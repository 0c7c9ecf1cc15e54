"""Names of pipelines, steps and runs, from tame to hostile."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from pytest_orchestrators.suite.sandbox import SANDBOX

#: How hostile names can be: each tier holds those before it as well.
TIERS = ("tame", "odd", "hostile")
#: What tame names begin with where nobody says otherwise: words that no log line has.
STEMS = ("amber", "basil", "cedar", "fjord", "hazel", "jasper", "lotus", "quartz", "umber", "zephyr")

#: Names that work, or are refused before anything is executed. `{}` is a tame name, which keeps them apart.
_ODD = (
    "{} with spaces",
    "{}.with.dots",
    "{}-Größe-✓",
    "{} \"quoted\" 'twice'",
    "{}; echo $HOME",
    "--{}",
    "{}:latest",
    "{}%2F%s{{}}",
    "{}\N{COMBINING ACUTE ACCENT}",
)
_LONG = ("{}_" + "x" * 60, "x" * 60 + "_{}", "x" * 120 + "_{}", "x" * 240 + "_{}")
#: Names that lead out of the stores, or that no file can have.
_HOSTILE = ("../{}", "../../../{}", "{}/../../../{}", SANDBOX + "/{}", "{}/inner", "{}\n{}", "{}\0", "..", "")
#: As many numbers can a step have, by which steps are put in any order.
_RANKS = 100


def forms(tier: str) -> tuple[str, ...]:
    """What a tame name can be made into in a tier, from tame on."""
    return ("{}", *(*_ODD, *_LONG) * (tier != "tame"), *_HOSTILE * (tier == "hostile"))


def dressed(tame: str, form: str) -> str:
    """A tame name in a form."""
    return form.replace("{}", tame)


class Naming:
    """How the steps of one pipeline are named: drawn before there are any."""

    def __init__(self, draw: st.DrawFn, stems: Sequence[str], tier: str) -> None:
        self._draw = draw
        self._tier = tier
        self._order = draw(st.sampled_from(("up", "down", "any")))
        self._stem = draw(st.sampled_from(stems))
        pipeline = f"{draw(st.sampled_from(stems))}_pipeline"
        self.pipeline = dressed(pipeline, self._form(odd=tier != "tame" and draw(st.booleans())))

    def manner(self) -> tuple[int, str]:
        """What the name of one step depends on: its rank among the others, and its form.

        Both are one choice. A step of more than five choices is not left out: hypothesis leaves out no more
        in a row.
        """
        ranks = _RANKS if self._order == "any" else 1
        odd, rank = divmod(self._draw(st.integers(0, ranks * (1 if self._tier == "tame" else 2) - 1)), ranks)
        return rank, self._form(odd=bool(odd))

    def names(self, manners: Sequence[tuple[int, str]]) -> list[str]:
        """The names, which differ: numbered upwards, downwards, or in any order; some of them dressed up."""
        numbered = sorted(range(len(manners)), key=lambda at: manners[at][0])
        if self._order == "down":
            numbered.reverse()
        names = [""] * len(manners)
        for number, at in enumerate(numbered, 1):
            names[at] = dressed(f"{self._stem}_{number}", manners[at][1])
        return _apart(names)

    def _form(self, odd: bool) -> str:
        """A form of the tier; the tame one, which is one of them, if it is not to be odd."""
        return self._draw(st.sampled_from(forms(self._tier))) if odd else "{}"


def _apart(names: list[str]) -> list[str]:
    """The names, those that came before with a number behind them."""
    return [name if name not in names[:at] else f"{name}_{at}" for at, name in enumerate(names)]
