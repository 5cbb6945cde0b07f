"""A Chromium for the tests that look at the page, and a page that is ready in it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.support.chromium import chromium, open_page, receive
from tests.support.page_messages import LINES, message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page, Playwright


# Not for the session: while playwright runs, an event loop does, and other tests start their own.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with chromium(playwright) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """The page as a person meets it; the test fails where a script of it does."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    open_page(page, server)
    yield page
    context.close()
    assert broken == []


@pytest.fixture(scope="module")
def long_speech(tmp_path_factory: pytest.TempPathFactory, speech: Path) -> Path:
    """The clip of `speech` over and over: work enough to be stopped in the middle."""
    path = tmp_path_factory.mktemp("long") / "long_speech.wav"
    _ffmpeg("-stream_loop", "239", "-i", speech, path)
    return path


@pytest.fixture(scope="module")
def microphone_speech(tmp_path_factory: pytest.TempPathFactory, speech: Path) -> Path:
    """The clip of `speech` as Chromium's false microphone takes it, after a second of silence."""
    path = tmp_path_factory.mktemp("microphone") / "speech.wav"
    _ffmpeg("-i", speech, "-af", "adelay=1000:all=1,apad=pad_dur=4", "-ar", "48000", "-ac", "1", path)
    return path


def _ffmpeg(*arguments: str | Path) -> None:
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", *map(str, arguments)], check=True, timeout=60)


@pytest.fixture
def words(browser: Browser, server: str) -> Iterator[Page]:
    """A page with three sentences in two paragraphs."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    open_page(page, server)
    receive(page, message(LINES))
    expect(page.locator(".wl-word")).to_have_count(11)
    yield page
    page.close(run_before_unload=False)


@pytest.fixture
def phone(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Opens the page on a phone, in a language."""
    contexts = []

    def opened(locale: str = "en-US", **more: Any) -> Page:
        size = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
        contexts.append(browser.new_context(locale=locale, **(size | more)))
        page = contexts[-1].new_page()
        open_page(page, server)
        return page

    yield opened
    for context in contexts:
        context.close()
