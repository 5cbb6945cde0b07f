"""The serif of the page, Source Serif 4, so that words look alike on every system.

assets/fonts/NOTICE.md says whose it is. A browser fetches the file of an alphabet once a letter of it is shown, and the
Latin one with the document.
"""

from __future__ import annotations

from page.components import ASSETS
from page.static_files import FOLDER, StaticFile

FAMILY = "Source Serif 4"
FIRST = "latin"
# The characters in each file, as the CSS descriptor `unicode-range` has them.
RANGES = {
    "latin": "U+0-FF, U+131, U+152-153, U+2BB-2BC, U+2C6, U+2DA, U+2DC, U+304, U+308, U+329, U+2000-206F, U+20AC,"
    " U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD",
    "latin-ext": "U+100-2BA, U+2BD-2C5, U+2C7-2CC, U+2CE-2D7, U+2DD-2FF, U+304, U+308, U+329, U+1D00-1DBF,"
    " U+1E00-1E9F, U+1EF2-1EFF, U+2020, U+20A0-20AB, U+20AD-20C4, U+2113, U+2C60-2C7F, U+A720-A7FF",
    "vietnamese": "U+102-103, U+110-111, U+128-129, U+168-169, U+1A0-1A1, U+1AF-1B0, U+300-301, U+303-304, U+308-309,"
    " U+323, U+329, U+1EA0-1EF9, U+20AB",
    "greek": "U+370-377, U+37A-37F, U+384-38A, U+38C, U+38E-3A1, U+3A3-3FF",
    "cyrillic": "U+301, U+400-45F, U+490-491, U+4B0-4B1, U+2116",
    "cyrillic-ext": "U+460-52F, U+1C80-1C8A, U+20B4, U+2DE0-2DFF, U+A640-A69F, U+FE2E-FE2F",
}


def font_files() -> dict[str, StaticFile]:
    """Returns the files by alphabet."""
    return {name: StaticFile.read(ASSETS / "fonts" / f"source-serif-4-{name}.woff2") for name in RANGES}


def font_sheet(files: dict[str, StaticFile]) -> str:
    """Returns the @font-face rules for a style sheet that is a StaticFile too.

    With `optional`, text never moves: a browser that has no font in time shows another one until the next visit.
    """
    return "\n".join(
        f'@font-face {{ font-family: "{FAMILY}"; font-weight: 200 900; font-display: optional; '
        f'src: url("../{file.path.removeprefix(f"{FOLDER}/")}") format("woff2"); unicode-range: {RANGES[name]}; }}'
        for name, file in files.items()
    )
