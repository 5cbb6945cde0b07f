"""The page's colours: each stands in one place, and the style sheets name it."""

from __future__ import annotations

import re

import pytest

from page.colours import COLOURS, PRINTED, colour_sheet
from page.components import ASSETS
from tests.support.recordings import ROOT

HEX = re.compile(r"#[0-9a-fA-F]{3,8}\b(?=[\"';, )!])")
NAMED = re.compile(r"var\(--wl-([\w-]+)\)")
# Sizes, fonts and texts, which style sheets and scripts set themselves.
SET = re.compile(r"--wl-([\w-]+):|setProperty\(\"--wl-([\w-]+)\"")


def test_no_style_sheet_and_no_other_module_has_a_colour_of_its_own() -> None:
    files = [*ASSETS.rglob("*.css"), *(ROOT / "page").rglob("*.py")]
    found = {path.name: HEX.findall(path.read_text("utf-8")) for path in files}
    assert [name for name, colours in found.items() if colours] == ["colours.py"]


def test_every_colour_that_a_style_sheet_names_is_there_and_each_is_named() -> None:
    styles = "\n".join(path.read_text("utf-8") for path in ASSETS.rglob("*.css"))
    scripts = "\n".join(path.read_text("utf-8") for path in ASSETS.rglob("*.js"))
    named = set(NAMED.findall(styles)) - {name for found in SET.findall(styles + scripts) for name in found}
    assert named <= COLOURS.keys()
    theme = (ROOT / "page" / "theme.py").read_text("utf-8")
    used = [name for name in COLOURS if f"--wl-{name}" in styles + scripts or f'"{name}"' in theme]
    assert used == list(COLOURS)


def test_the_sheet_has_light_dark_and_printed_colours() -> None:
    light, dark, printed = colour_sheet().splitlines()
    assert light.startswith(":root {") and dark.startswith(".dark {") and printed.startswith("@media print {")
    assert f"--wl-ink: {COLOURS['ink'].light};" in light and f"--wl-ink: {COLOURS['ink'].dark};" in dark
    assert f"--wl-ink: {PRINTED['ink']} !important;" in printed
    assert printed.count("!important") == len(COLOURS)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        entry / 12.92 if entry <= 0.04045 else ((entry + 0.055) / 1.055) ** 2.4 for entry in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", ["ink", "quiet", "likely", "doubtful", "unsure", "accent"])
def test_text_stands_out_from_the_paper_that_it_is_on(name: str) -> None:
    pairs = [*zip(COLOURS[name], COLOURS["paper"], strict=True), (PRINTED[name], PRINTED["paper"])]
    for pair in pairs:
        dark, light = sorted(map(_luminance, pair))
        assert (light + 0.05) / (dark + 0.05) >= 4.5
