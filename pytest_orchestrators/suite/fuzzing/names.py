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


def forms(tier: str) -> tuple[str, ...]:
    """What a tame name can be made into in a tier, from tame on."""
    return ("{}", *(*_ODD, *_LONG) * (tier != "tame"), *_HOSTILE * (tier == "hostile"))


def dressed(tame: str, form: str) -> str:
    """A tame name in a form."""
    return form.replace("{}", tame)


def step_names(count: int, stems: Sequence[str], tier: str) -> st.SearchStrategy[list[str]]:
    """So many names that differ: numbered upwards, downwards, or in any order; some of them dressed up."""

    @st.composite
    def draw_names(draw: st.DrawFn) -> list[str]:
        stem = draw(st.sampled_from(stems))
        numbers = list(range(1, count + 1))
        order = draw(st.sampled_from(["up", "down", "any"])) if count > 1 else "up"
        if order == "down":
            numbers.reverse()
        elif order == "any":
            numbers = draw(st.permutations(numbers))
        names = [f"{stem}_{number}" for number in numbers]
        if tier != "tame":
            dress = st.one_of(st.just("{}"), st.sampled_from(forms(tier)))
            names = [dressed(name, draw(dress)) for name in names]
        return _apart(names)

    return draw_names()


def _apart(names: list[str]) -> list[str]:
    """The names, those that came before with a number behind them."""
    return [name if name not in names[:at] else f"{name}_{at}" for at, name in enumerate(names)]
