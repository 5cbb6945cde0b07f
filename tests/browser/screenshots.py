"""Takes pictures of the page: `python -m tests.browser.screenshots FOLDER URL RECORDING`.

Before, during and after a transcription and each view of it, at three widths, light and dark.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.support.chromium import PATIENCE, choose, chromium, finished, open_page

WIDTHS = {1440: 900, 768: 1024, 390: 844}  # of the window, with its height


def main(folder: Path, url: str, recording: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, chromium(playwright) as browser:
        for (width, height), scheme in product(WIDTHS.items(), ("light", "dark")):
            size = {"width": width, "height": height}
            page = browser.new_page(viewport=size, color_scheme=scheme)
            open_page(page, url)
            _picture(page, folder / f"before-{width}-{scheme}.png")
            choose(page, recording)
            page.locator("#start").click()
            expect(page.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)
            page.screenshot(path=folder / f"during-{width}-{scheme}.png")  # what is in sight then
            finished(page)
            page.locator(".wl-word").nth(1).hover()
            _picture(page, folder / f"after-{width}-{scheme}.png")
            for view in ("Words", "Timeline", "Captions"):
                page.get_by_role("tab", name=view, exact=True).click()
                if view == "Timeline":
                    page.wait_for_function("document.querySelector('.wl-plot .trace')")
                _picture(page, folder / f"{view.lower()}-{width}-{scheme}.png")
            page.close()


def _picture(page: Page, path: Path) -> None:
    page.wait_for_timeout(400)  # for fades to end
    page.screenshot(path=path, full_page=True)
    print(path)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
