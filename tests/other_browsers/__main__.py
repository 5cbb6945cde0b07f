"""The page in Firefox and in Safari's engine: `make browsers-test`, or `python -m tests.other_browsers [FOLDER]`.

The tests of `make test` drive Chromium. Here a recording is transcribed in the other engines: words come and carry
their marks, a word is found in the sound, each view is drawn, no script fails, and a recording can be shared with the
page. Pictures are left in the folder.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.other_browsers.browser import Browser, wait_for
from tests.other_browsers.firefox import firefox
from tests.other_browsers.webkit import webkit
from tests.support.app import launch, wait_until_ready
from tests.support.recordings import TALK
from tests.support.shares import posting

WATCH = """(window.failed = [],
  addEventListener('error', (event) => failed.push(event.message)),
  addEventListener('unhandledrejection', (event) => failed.push(String(event.reason))), 0)"""
MARKED = """[...document.querySelectorAll('.wl-doubtful.wl-word, .wl-unsure.wl-word')].map((word) => {
  const { textDecorationLine, textDecorationStyle } = getComputedStyle(word);
  return `${textDecorationLine} ${textDecorationStyle}`; })"""
CHICAGO = "[...document.querySelectorAll('.wl-word')].find((word) => word.textContent.trim() === 'Chicago.')"
TABS = "[...document.querySelectorAll('[role=tab]')]"
NAME = "memo.wav"  # of what is shared
STARTS = {"firefox": firefox, "webkit": webkit}
VIEWS = {
    "Words": ".wl-table td",
    "Timeline": ".wl-plot .trace",
    "Captions": ".wl-cue",
    "Transcript": ".wl-word",
}


def check(browser: Browser, url: str, folder: Path) -> None:
    """Goes through the page. Raises AssertionError, TimeoutError or RuntimeError."""
    browser.open(url)
    wait_for(browser, "document.querySelector('#ready .wl-is-ok')")
    browser.ask(WATCH)
    wait_for(browser, "document.querySelectorAll('.wl-example-word').length > 9")
    save(browser, folder, "first")
    wait_for(browser, "document.querySelector('#file input[type=file]')")
    browser.choose_file("#file input[type=file]", TALK)
    wait_for(browser, "window.wordlight?.store.doc.meta")
    words = browser.ask("document.querySelectorAll('.wl-word').length")
    assert words > 60, f"{words} words"
    marks = set(browser.ask(MARKED))
    assert marks == {"underline dotted", "underline wavy"}, marks
    browser.ask(f"({CHICAGO}.click(), 0)")
    wait_for(browser, "wordlight.player.position() > 16")
    save(browser, folder, "word")
    for view, drawn in VIEWS.items():
        browser.ask(f"({TABS}.find((tab) => tab.innerText.trim() === '{view}').click(), 0)")
        wait_for(
            browser, f"[...document.querySelectorAll('{drawn}')].some((part) => part.getClientRects().length)"
        )
        save(browser, folder, view.lower())
    # A browser says of sizes that they wait for the next frame; no script has failed then.
    failed = [message for message in browser.ask("failed") if not message.startswith("ResizeObserver loop")]
    assert failed == [], failed
    check_share(browser, url, folder)


def check_share(browser: Browser, url: str, folder: Path) -> None:
    """Shares a recording with the page, whose service worker is to take it."""
    browser.ask("(navigator.serviceWorker.ready.then(() => (window.hasWorker = true)), 0)")
    wait_for(browser, "window.hasWorker")
    browser.ask(f"({posting(TALK, url, NAME)}, 0)")
    wait_for(browser, f"window.wordlight?.store.doc.meta && wordlight.store.doc.name === '{NAME}'")
    save(browser, folder, "shared")


def save(browser: Browser, folder: Path, name: str) -> None:
    (folder / f"{browser.name.lower()}-{name}.png").write_bytes(browser.picture())


def run(start: Callable[[Path], AbstractContextManager[Browser]], url: str, folder: Path) -> bool:
    """Returns whether all is well in a browser; says so, or what is not."""
    with tempfile.TemporaryDirectory() as profile, start(Path(profile)) as browser:
        try:
            check(browser, url, folder)
        except (AssertionError, TimeoutError, RuntimeError) as error:
            save(browser, folder, "failed")
            print(f"{browser.name}: {error}", flush=True)
            return False
        print(f"{browser.name}: all is well", flush=True)
        return True


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, launch(Path(name)) as (url, process):
        wait_until_ready(url, process, Path(name) / "server.log")
        well = [run(start, url, folder) for start in STARTS.values()]
    sys.exit(0 if all(well) else 1)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="browsers-")))
