"""The first look at the page: how much is fetched, that nothing jumps, and that it comes up below a prefix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.support.app import launch, wait_until_ready
from tests.support.chromium import PATIENCE, choose, finished, open_page, start_by_hand

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

MAX_SHIFT = 0.1  # cumulative layout shift; web.dev calls more "needs improvement"
MAX_REQUESTS = 60
MAX_DOCUMENT = 70_000  # bytes on the wire
WIDTHS = [(1440, 900), (768, 1024), (390, 844)]

OBSERVE = """
window.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().filter((it) => !it.hadRecentInput)))
  .observe({ type: "layout-shift", buffered: true });
"""
MOVED = """() => shifts.map(({ value, sources }) => ({
  value, what: sources.map(({ node }) => node?.id || node?.className || node?.nodeName || "gone") }))"""


def loaded(page: Page, url: str) -> list[dict[str, Any]]:
    """Opens the page and waits until it is still; returns its responses, with their sizes on the wire."""
    found: dict[str, dict[str, Any]] = {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def begun(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):  # not what a style sheet holds within itself
            found[event["requestId"]] = {"url": event["request"]["url"], "bytes": 0, "headers": {}}

    def answered(event: dict[str, Any]) -> None:
        if event["requestId"] in found:
            headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
            found[event["requestId"]]["headers"] = headers

    def ended(event: dict[str, Any]) -> None:
        if event["requestId"] in found:
            found[event["requestId"]]["bytes"] = event["encodedDataLength"]

    network.on("Network.requestWillBeSent", begun)
    network.on("Network.responseReceived", answered)
    network.on("Network.loadingFinished", ended)
    page.add_init_script(OBSERVE)
    open_page(page, url)
    expect(page.locator("footer")).to_be_visible(timeout=PATIENCE)
    for _ in range(30):  # until nothing is fetched for half a second
        before = len(found)
        page.wait_for_timeout(500)
        if len(found) == before:
            break
    return list(found.values())


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_nothing_jumps_while_the_page_loads(browser: Browser, server: str, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    loaded(page, server)
    moved = page.evaluate(MOVED)
    context.close()
    assert sum(shift["value"] for shift in moved) < MAX_SHIFT, moved


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_recent_transcripts_stand_below_the_zone_for_files_and_move_nothing(
    browser: Browser, server: str, width: int, height: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    entries = (
        '[{"run":"abcdefghijkl","name":"Interview.wav","seconds":61,"date":0,"state":"done","until":4e9}]'
    )
    words = '[{"text":"Ada Lovelace","used":false}]'
    page.add_init_script(
        f"localStorage.wordlight_recent_ = '{entries}'; localStorage.wordlight_words_ = '{words}'"
    )
    page.route(
        re.compile("/component_server"), lambda route: route.abort()
    )  # which would say that it is gone
    loaded(page, server)
    opener = page.locator(".wl-recent-box summary")
    expect(opener).to_be_in_viewport(ratio=1)
    moved = page.evaluate(MOVED)
    tops = [
        page.locator(part).bounding_box()
        for part in ("#source", "#recent", "#examples", "#actions", "#autostart")
    ]
    context.close()
    assert sum(shift["value"] for shift in moved) < MAX_SHIFT, moved
    below = [box["y"] for box in tops if box]
    assert len(below) == 5 and below == sorted(below)


def test_a_first_visit_takes_few_requests_and_a_small_document(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, service_workers="allow")
    responses = loaded(context.new_page(), server)
    context.close()
    assert len(responses) <= MAX_REQUESTS, sorted(entry["url"] for entry in responses)
    names = [entry["url"].rpartition("/")[2] for entry in responses]
    assert "service-worker.js" not in names[: names.index("scripts.js")], "it can wait"
    document = next(entry for entry in responses if entry["url"] == f"{server}/")
    assert document["headers"].get("content-encoding") in ("gzip", "br")
    assert document["bytes"] < MAX_DOCUMENT
    # What is listed to be fetched at once is what gradio then asks for: nothing in vain, nothing twice.
    urls = [entry["url"] for entry in responses if entry["url"].endswith((".js", ".css"))]
    assert len(urls) == len(set(urls)), sorted(entry for entry in urls if urls.count(entry) > 1)


def test_words_are_shown_in_the_serif_that_the_page_ships(page: Page) -> None:
    fonts = "[...document.fonts].filter((font) => font.status === 'loaded').map((font) => font.family)"
    page.wait_for_function(f"({fonts}).length", timeout=PATIENCE)
    assert {family.strip('"') for family in page.evaluate(fonts)} == {"Source Serif 4"}
    used = page.locator(".wl-example-words").evaluate("(words) => getComputedStyle(words).fontFamily")
    assert used.startswith('"Source Serif 4"')


def test_what_is_fetched_at_once_is_used(browser: Browser, server: str) -> None:
    page = browser.new_page()
    unused: list[str] = []
    page.on("console", lambda said: unused.append(said.text) if "preload" in said.text else None)
    open_page(page, server)
    page.wait_for_timeout(4000)  # Chromium says so three seconds after the page has loaded
    page.close()
    assert unused == []


def test_a_visit_after_that_fetches_no_script_of_ours_again(browser: Browser, server: str) -> None:
    context = browser.new_context(service_workers="allow")
    loaded(context.new_page(), server)
    again = loaded(context.new_page(), server)
    context.close()
    ours = [entry for entry in again if "/page-files/" in entry["url"]]
    assert ours and not any(entry["bytes"] for entry in ours)


def test_parts_that_come_later_are_there_once_they_are_opened(page: Page) -> None:
    expect(page.locator("#live .wl-record")).to_have_count(0)
    page.get_by_role("tab", name="Microphone").click()
    expect(page.locator("#live").get_by_role("button", name="Record")).to_be_visible(timeout=PATIENCE)
    page.locator("#advanced button").first.click()
    names = page.locator("#option-hotwords textarea")
    expect(names).to_be_visible(timeout=PATIENCE)
    names.fill("Wordlight")
    # They stay, and what is in them too, while they are out of sight.
    page.locator("#advanced button").first.click()
    expect(names).to_be_hidden()
    page.locator("#advanced button").first.click()
    expect(names).to_have_value("Wordlight", timeout=PATIENCE)


def test_the_page_works_below_a_prefix_and_behind_a_login(
    browser: Browser, tmp_path: Path, speech: Path
) -> None:
    settings = {"GRADIO_ROOT_PATH": "/speech", "WORDLIGHT_AUTH": "ann:secret"}
    context = browser.new_context()
    page = context.new_page()
    missing: list[str] = []
    page.on("response", lambda entry: missing.append(entry.url) if entry.status == 404 else None)
    with launch(tmp_path, **settings) as (url, process):
        wait_until_ready(url, process, tmp_path / "server.log")
        start_by_hand(page)
        page.goto(f"{url}/speech/")
        page.get_by_label("username").fill("ann")
        page.get_by_label("password").fill("secret")
        page.get_by_role("button", name="Login").click()
        expect(page.locator("#ready .wl-is-ok")).to_be_visible(timeout=PATIENCE)
        image = page.locator("meta[property='og:image']").get_attribute("content") or ""
        assert image.startswith(f"{url}/speech/page-files/")
        assert page.request.get(image).headers["content-type"] == "image/png"
        choose(page, speech)
        page.locator("#start").click()
        finished(page)
        context.close()
    assert missing == []
