"""Measures how long the page is deaf while it shows an hour: the longest tasks of its main thread, in ms.

    python -m tests.benchmarks.page_speed [--runs 3]

Prints the median of the runs for an hour drawn and played in the timeline, for 10,000 words that arrive at once (and
the time until the last is shown), and for an hour that streams in. A busy machine only lengthens tasks.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.app import serve
from tests.support.chromium import PATIENCE, chromium, open_page, receive, settled
from tests.support.long_pages import NEARER, PLAY_A_MINUTE, SCROLL_AND_CLICK, hour
from tests.support.page_messages import message, speech_of

WORDS = 10_000
QUIET = 300  # ms after the last step, for tasks that it has begun

OBSERVE = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((e) => e.duration)))
    .observe({ type: "longtask" });
}"""

SHOW = """async (message) => {
  const arrived = performance.now();
  wordlight.store.receive({ media: null, message });
  while (document.querySelectorAll(".wl-word").length < 10000)
    await new Promise((turn) => setTimeout(turn, 20));
  await new Promise(requestAnimationFrame);
  return performance.now() - arrived;
}"""


def timeline(page: Page) -> dict[str, float]:
    """Draws an hour, draws a minute of it nearer, and plays that."""
    receive(page, hour())
    settled(page)
    page.get_by_role("tab", name="Timeline").click()
    page.wait_for_function("document.querySelector('.wl-plot .trace')", timeout=PATIENCE)
    page.evaluate(OBSERVE)
    page.evaluate(NEARER)
    page.wait_for_function("document.querySelector('.wl-plot').data.at(-1).x[0] > 590", timeout=PATIENCE)
    page.evaluate(PLAY_A_MINUTE)
    return {"timeline, longest task": longest(page)}


def at_once(page: Page) -> dict[str, float]:
    """Shows 10,000 words that arrive in one message, scrolls through them and clicks some."""
    arriving = json.dumps(message(speech_of(WORDS)))
    page.evaluate(OBSERVE)
    shown = page.evaluate(SHOW, arriving)
    page.evaluate(SCROLL_AND_CLICK)
    return {"10,000 words, shown after": shown, "10,000 words, longest task": longest(page)}


def streaming(page: Page) -> dict[str, float]:
    """Shows the same words as they come from a long recording."""
    segments = speech_of(WORDS)
    page.evaluate(OBSERVE)
    for known in range(0, len(segments), 40):
        receive(page, message(segments[: known + 40], known, done=False))
        page.wait_for_timeout(20)
    receive(page, message(segments))
    settled(page)
    return {"streaming, longest task": longest(page)}


def longest(page: Page) -> float:
    """Returns the longest task so far in ms; 0 if none took 50 ms."""
    page.wait_for_timeout(QUIET)
    return max(page.evaluate("longTasks"), default=0)


def measure(browser: Browser, url: str, step: Callable[[Page], dict[str, float]]) -> dict[str, float]:
    """Runs one step on a new page; returns its figures in ms."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    try:
        open_page(page, url)
        return step(page)
    finally:
        page.close(run_before_unload=False)


def main() -> None:
    """Runs every step and prints a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        for url in serve(Path(folder)):
            with chromium(playwright) as browser:
                for _ in range(runs):
                    for step in (timeline, at_once, streaming):
                        for name, value in measure(browser, url, step).items():
                            found.setdefault(name, []).append(value)
    for name, values in found.items():
        print(
            f"{name:<28} {statistics.median(values):6.0f} ms   {' '.join(f'{value:.0f}' for value in values)}"
        )


if __name__ == "__main__":
    main()
