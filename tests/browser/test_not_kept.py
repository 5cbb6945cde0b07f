"""A transcript that the server has no room for: this page alone has it, says so, and does not let go of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from page.texts import ENGLISH
from tests.support.chromium import LEAVES, receive, words_of
from tests.support.page_messages import LINES, message

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def unkept(run: str) -> dict[str, Any]:
    made = message(LINES, run=run)
    made["meta"] |= {"token": None, "kept_until": None}
    return made


def test_it_is_shown_with_a_note_and_comes_back_after_another(page: Page) -> None:
    receive(page, unkept("first"))
    expect(page.locator(".wl-keeping")).to_contain_text(ENGLISH["not_kept_full"])
    expect(page.locator("#copy-link")).to_be_hidden()
    expect(page.locator("#delete-now")).to_be_hidden()
    expect(page.locator("#download-srt")).to_be_visible()
    assert page.evaluate(LEAVES) is False  # the browser asks first
    words = words_of(page)

    other = message(LINES[:1], run="second")
    other["meta"] |= {"token": "second", "kept_until": 4_000_000_000}
    receive(page, other)
    expect(page.locator("#copy-link")).to_be_visible()
    assert words_of(page) != words
    page.evaluate("wordlight.store.reopen('first')")
    expect(page.locator(".wl-keeping")).to_contain_text(ENGLISH["not_kept_full"])
    assert words_of(page) == words
