"""Draws the icons of the installed page from assets/icon.svg: `python -m tests.browser.icons`."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from page.components import ASSETS
from page.installable import ICONS
from tests.support.chromium import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Of a maskable icon, a system may cut away all but a circle of 80 % of its width. In a picture of 64 units, the corners
# of our words lie 27 units from its centre: they are within 25.6 if the picture is drawn this large.
MASKABLE = 0.92
COLOURS = 64  # of the file's palette; Chromium draws plain ground in several that are next to each other


def drawn(browser: Browser, size: int, purpose: str) -> Image.Image:
    """Returns an icon in RGBA, `size` pixels wide and high."""
    picture = (ASSETS / "icon.svg").read_text("utf-8")
    ground, scale = "transparent", 1.0
    if purpose == "maskable":
        found = re.search(r'<rect width="64" height="64" rx="\d+" fill="(#\w+)"/>', picture)
        assert found, "the picture has a ground"
        ground, scale = found[1], MASKABLE
    page = browser.new_page(viewport={"width": size, "height": size})
    page.set_content(
        f'<body style="margin: 0; height: 100vh; display: grid; place-content: center; background: {ground}">'
        f'<div style="width: {round(scale * size)}px; display: grid">{picture}</div></body>'
    )
    shot = page.screenshot(omit_background=True)
    page.close()
    return Image.open(io.BytesIO(shot)).convert("RGBA")


def main() -> None:
    with sync_playwright() as playwright, chromium(playwright) as browser:
        for (sizes, purpose), name in ICONS.items():
            icon = drawn(browser, int(sizes.partition("x")[0]), purpose)
            path = ASSETS / name
            icon.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(path, optimize=True)
            print(path)


if __name__ == "__main__":
    main()
