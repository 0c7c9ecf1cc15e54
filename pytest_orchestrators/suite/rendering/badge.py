"""The badge: the contract and the verdict as a small picture."""

from __future__ import annotations

from html import escape

from pytest_orchestrators.suite.rendering.looks import WORD_LOOKS, Tone
from pytest_orchestrators.suite.report import FlavorAccount, Report
from pytest_orchestrators.suite.verdict import Word

#: Tone to the colour of the right half; white text is readable on each.
_COLOURS: dict[Tone, str] = {
    "good": "#1a7f4b",
    "bad": "#b42318",
    "waived": "#7d5200",
    "open": "#57606a",
    "quiet": "#57606a",
}
#: Widths of characters of Verdana, in units of which 2048 are as high as the type.
_UNITS = {
    **dict(zip("abcdefghi", (1230, 1276, 1067, 1276, 1220, 720, 1276, 1296, 562), strict=True)),
    **dict(zip("jklmnopqr", (705, 1212, 562, 1992, 1296, 1243, 1276, 1276, 874), strict=True)),
    **dict(zip("stuvwxyz", (1067, 807, 1296, 1212, 1676, 1212, 1212, 1076), strict=True)),
    **dict(zip(" .-", (720, 745, 930), strict=True)),
}
#: Of a digit, and what any other character is taken for.
_DIGIT = 1302
_HEIGHT = 11
_MARGIN = 7

_BADGE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" viewBox="0 0 {width} 20" role="img" \
aria-label="{title}">
<title>{title}</title>
<rect width="{width}" height="20" rx="3" fill="{colour}"/>
<path d="M{split},0H3a3,3 0 0 0 -3,3v14a3,3 0 0 0 3,3H{split}z" fill="#33393f"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="{height}">
<text x="{margin}" y="14" textLength="{left_text}" lengthAdjust="spacingAndGlyphs">{label}</text>
<text x="{right_x}" y="14" textLength="{right_text}" lengthAdjust="spacingAndGlyphs">{word}</text>
</g>
</svg>
"""


def badge(flavor: FlavorAccount) -> str:
    """The badge of one flavor."""
    return drawn(f"orchestrator contract {flavor.contract}", flavor.word)


def badge_of_all(report: Report) -> str:
    """The badge of a whole report: of the flavor with the worst verdict; of none, that it is incomplete."""
    for flavor in report.flavors:
        if flavor.exit_code == report.exit_code:
            return badge(flavor)
    return drawn("orchestrator contract", Word.INCOMPLETE)


def drawn(label: str, verdict: Word) -> str:
    """A badge with this label and the word of a verdict."""
    look = WORD_LOOKS[verdict]
    left_text, right_text = text_width(label), text_width(look.word)
    split = left_text + 2 * _MARGIN
    return _BADGE.format(
        width=split + right_text + 2 * _MARGIN,
        split=split,
        margin=_MARGIN,
        height=_HEIGHT,
        left_text=left_text,
        right_text=right_text,
        right_x=split + _MARGIN,
        colour=_COLOURS[look.tone],
        label=escape(label),
        word=escape(look.word),
        title=escape(f"{label}: {look.word}"),
    )


def text_width(text: str) -> int:
    """About how wide a text is, in pixels; `textLength` then makes it so wherever another font is used."""
    return round(sum(_UNITS.get(character, _DIGIT) for character in text) * _HEIGHT / 2048)
