"""A narrow phone, in languages whose words are long: nothing is written over anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, receive
from tests.support.page_messages import message, speech_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

WIDTHS = (390, 360, 320)
PARTS = "#summary, #views .wl-head, .wl-dock"

# The pairs of texts that lie one over the other, and the texts that touch the border of their button.
CROWDED = """(parts) => {
  const shown = (node) => node.checkVisibility({ visibilityProperty: true }) && node.offsetWidth > 1;
  const texts = [...document.querySelectorAll(parts)].flatMap((part) => {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) found.push(walker.currentNode);
    const isText = (node) => node.data.trim() && !node.parentElement.closest("select");
    return found.filter((node) => isText(node) && shown(node.parentElement));
  });
  const lines = texts.flatMap((node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()].map((box) => ({ node, box }));
  });
  // Two pixels of a line's height are no ink.
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
  const pairs = lines.flatMap((one, at) => lines.slice(at + 1)
    .filter((two) => two.node !== one.node && meet(one.box, two.box))
    .map((two) => `${one.node.data} | ${two.node.data}`));
  const touching = lines.flatMap(({ node, box }) => {
    const frame = node.parentElement.closest("button")?.getBoundingClientRect();
    const isWithin = !frame || (box.left >= frame.left + 2 && box.right <= frame.right - 2 || !hasFrame(node))
      && box.left >= frame.left - 0.5 && box.right <= frame.right + 0.5;
    return isWithin ? [] : [`${node.data} in its frame`];
  });
  function hasFrame(node) {
    return parseFloat(getComputedStyle(node.parentElement.closest("button")).borderLeftWidth) > 0;
  }
  return [...pairs, ...touching];
}"""

# The targets that are too small, or that overlap another.
TARGETS = """(parts) => {
  const inside = parts.split(", ").map((part) => `${part} :is(button:not(.wl-turn), select, summary)`).join(", ");
  const boxes = [...document.querySelectorAll(inside)]
    .filter((node) => node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length)
    .map((node) => ({ name: node.ariaLabel || node.textContent.trim(), box: node.getBoundingClientRect() }));
  const small = boxes.filter(({ box }) => box.width < 43.5 || box.height < 43.5)
    .map(({ name, box }) => `${name}: ${box.width} x ${box.height}`);
  const over = boxes.flatMap((one, at) => boxes.slice(at + 1)
    .filter(({ box }) => Math.min(one.box.right, box.right) - Math.max(one.box.left, box.left) > 0.5
      && Math.min(one.box.bottom, box.bottom) - Math.max(one.box.top, box.top) > 0.5)
    .map(({ name }) => `${one.name} | ${name}`));
  return [...small, ...over];
}"""
# How many rows the buttons of the play bar stand in.
ROWS = """() => new Set([...document.querySelectorAll(".wl-play > :is(button, select)")]
  .filter((node) => node.getClientRects().length)
  .map((node) => { const box = node.getBoundingClientRect(); return Math.round((box.top + box.bottom) / 10); })).size"""


@pytest.mark.parametrize("locale", ["de-DE", "fr-FR", "ja-JP", "es-ES", "zh-CN", "en-US"])
def test_no_text_or_target_of_a_narrow_phone_lies_on_another(phone: Callable[..., Page], locale: str) -> None:
    page = phone(locale)
    page.evaluate("wordlight.player.use(document.createElement('audio'))")
    receive(page, message(speech_of(1300), run="narrow"))
    expect(page.locator(".wl-play-time")).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("document.querySelectorAll('.wl-word').length === 1300", timeout=PATIENCE)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_timeout(500)  # for what follows the width
        for time in (None, "1:02:03 / 1:23:45"):
            if time:
                page.locator(".wl-play-time").evaluate("(node, time) => (node.textContent = time)", time)
            assert page.evaluate(CROWDED, PARTS) == [], (width, time)
            assert page.evaluate(TARGETS, PARTS) == [], (width, time)
            assert page.evaluate(ROWS) == 1, (width, time)
            assert page.evaluate("document.documentElement.scrollWidth") == width
        downloads = page.locator(".wl-to-downloads")
        assert (
            downloads.evaluate(
                "node => { const range = document.createRange(); range.selectNodeContents(node);"
                " return range.getClientRects().length; }"
            )
            == 1
        )
