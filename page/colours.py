"""Every colour of the page, light and dark, and the style sheet that gives them to the other ones.

The style sheets of assets/ name them as `var(--wl-<name>)`; gradio's parts get them through page/theme.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gradio.themes import Color

# Ink on warm paper, with one accent: the yellow of a lamp for marks, a deep teal for what can be pressed.
PAPER = Color(
    name="paper",
    c50="#fbfaf7",
    c100="#f4f2ec",
    c200="#e6e2d8",
    c300="#d3cdbf",
    c400="#a49d8d",
    c500="#716b5f",
    c600="#575249",
    c700="#3b3833",
    c800="#26252a",
    c900="#1a1a1e",
    c950="#131316",
)
TEAL = Color(
    name="teal",
    c50="#eef7f6",
    c100="#d5ecea",
    c200="#aedad6",
    c300="#7cc1bc",
    c400="#4fa7a2",
    c500="#23827e",
    c600="#146b68",
    c700="#0f5654",
    c800="#0d4544",
    c900="#0b3939",
    c950="#052424",
)


class Shade(NamedTuple):
    """One colour on light and on dark paper."""

    light: str
    dark: str


# Text is at least 4.5:1 against the paper that it stands on, and edges are at least 3:1 (WCAG 2.2).
COLOURS: Mapping[str, Shade] = {
    "paper": Shade("#ffffff", PAPER.c900),
    "ground": Shade(PAPER.c50, PAPER.c950),
    "ink": Shade(PAPER.c800, "#e9e6df"),
    "title": Shade(PAPER.c700, "#d5d1c7"),
    "quiet": Shade("#6a6459", "#aba596"),
    "line": Shade(PAPER.c200, "#37363c"),
    "edge": Shade("#8c8575", "#87848d"),  # of what can be pressed or filled in, also under the pointer
    "hover": Shade(PAPER.c100, "#2a292e"),
    "accent": Shade(TEAL.c600, TEAL.c300),
    "on-accent": Shade("#ffffff", PAPER.c950),
    "chosen": Shade(TEAL.c50, TEAL.c900),
    "stop": Shade(TEAL.c100, TEAL.c800),  # the words that the reader is asked about
    # Words, by how far they can be trusted (page/messages.py), the one that is heard, and bookmarked ones.
    "likely": Shade("#7a5200", "#e8c268"),
    "doubtful": Shade("#a83a00", "#ff9c5f"),
    "unsure": Shade("#b0123f", "#ff8a9e"),
    "lamp": Shade("#ffe08a", "#e8c268"),
    "on-lamp": Shade(PAPER.c800, PAPER.c800),
    "bookmark": Shade("#ebe6fb", "#332d4f"),
    "bookmark-edge": Shade("#6a4fc0", "#b3a2ff"),
    # Speakers: none is near a colour of confidence. Their letters are "on-speaker".
    "speaker-1": Shade("#2f5fb3", "#8fb4f5"),
    "speaker-2": Shade("#2e7d32", "#8ed39a"),
    "speaker-3": Shade("#7b3fa0", "#cfa4ec"),
    "speaker-4": Shade("#00707f", "#6fd0dc"),
    "speaker-5": Shade("#8a2f7d", "#eb9fdd"),
    "speaker-6": Shade("#4a5a2a", "#bccf8a"),
    "speaker-7": Shade("#4b4fc4", "#aeb1ff"),
    "speaker-8": Shade("#55606e", "#b4bfcc"),
    "on-speaker": Shade("#ffffff", PAPER.c950),
    # What the page says of its models, of a failure and of a transcript.
    "loading": Shade("#d99a00", "#d99a00"),
    "ok": Shade("#2f8f5b", "#2f8f5b"),
    "failed": Shade("#c92a4b", "#c92a4b"),
    "failure": Shade("#fdf1f2", "#2b171c"),
    "on-failure": Shade("#4a1220", "#ffdbe1"),
    "failure-edge": Shade("#e9b9c0", "#6d2c3a"),
    "warning": Shade("#fdf6e3", "#2a2415"),
    "on-warning": Shade("#57400a", "#f0dca6"),
}

# On paper and in a PDF: black on white, whatever is chosen on the screen.
PRINTED: Mapping[str, str] = {
    **{name: shade.light for name, shade in COLOURS.items()},
    "ink": "#000000",
    "quiet": "#55504a",
    "line": PAPER.c300,
}


def colour_sheet() -> str:
    """Returns the style sheet that sets `--wl-<name>` for light and dark paper and for print."""
    light = _rules((name, shade.light) for name, shade in COLOURS.items())
    dark = _rules((name, shade.dark) for name, shade in COLOURS.items())
    printed = _rules(PRINTED.items(), " !important")
    # `color-scheme` is for what browsers draw by themselves: boxes to tick, lists, bars to scroll with.
    schemes = {scheme: f"color-scheme: {scheme};" for scheme in Shade._fields}
    return (
        f":root {{ {schemes['light']} {light} }}\n.dark {{ {schemes['dark']} {dark} }}\n"
        f"@media print {{ :root, .dark {{ {printed} }} }}\n"
    )


def _rules(colours: Iterable[tuple[str, str]], mark: str = "") -> str:
    return " ".join(f"--wl-{name}: {colour}{mark};" for name, colour in colours)
