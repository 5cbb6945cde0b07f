"""Edges that can be seen: WCAG 2.2 asks for 3:1 around what can be pressed or filled in, and 4.5:1 for text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, open_page, receive, settled
from tests.support.page_messages import TALK, message, speech_of, talk_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

EDGE = 3.0
TEXT = 4.5

COLOURS = """
const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const rgba = (css) => {
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = css;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = ([r, g, b, a], below) => [r, g, b].map((it, n) => it * a + below[n] * (1 - a));
const ground = (node) =>
  node ? over(rgba(getComputedStyle(node).backgroundColor), ground(node.parentElement)) : [255, 255, 255];
const luminance = (colour) => {
  const [r, g, b] = colour.map((it) => it / 255)
    .map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one, two) => {
  const [dark, light] = [luminance(one), luminance(two)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
"""

# Of each control in sight, the contrast of what tells it from the paper around it: its border, or its fill.
# Fields of gradio's have theirs on a box around them. What has neither, such as a tab, is known by its text.
EDGES = (
    "() => {"
    + COLOURS
    + """
  const edge = (node) => {
    const style = getComputedStyle(node);
    const [inside, outside] = [ground(node), ground(node.parentElement)];
    const found = contrast(inside, outside) >= 3 ? [contrast(inside, outside)] : [];
    if (parseFloat(style.borderTopWidth) && style.borderTopStyle !== "none")
      found.push(contrast(over(rgba(style.borderTopColor), inside), outside));
    const ring = style.boxShadow.match(/^(rgba?\\([^)]*\\)) 0px 0px 0px [1-9.]+px/);
    if (ring) found.push(contrast(over(rgba(ring[1]), outside), outside));
    return found.length ? Math.max(...found) : null;
  };
  const seen = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const controls = [...document.querySelectorAll("button, input, select, textarea")].filter((node) =>
    seen(node) && !node.disabled && node.getClientRects().length &&
    !(node.type === "checkbox" && getComputedStyle(node).appearance === "auto") && // drawn by the browser
    !node.matches("[type=file], [type=range], [role=tab], .tab-container *, .overflow-menu *, footer *, " +
      ".icon-button, " +
      ".wl-tool, .wl-lead, .wl-sort, .wl-queue-name"));
  return controls.map((node) => {
    let [box, value] = [node, null];
    for (let n = 0; n < 5 && value === null; n += 1, box = box.parentElement) value = edge(box);
    return { name: node.id || node.ariaLabel || node.textContent.trim() || node.className, value };
  });
}"""
)

# The radio buttons and checkboxes in sight, and those without a clear ring while they have the keyboard's focus.
RINGLESS = (
    "(least) => {"
    + COLOURS
    + """
  const hasRing = (node) => {
    node.focus();
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(node);
    const around = ground(node.parentElement);
    return node.matches(":focus-visible") && outlineStyle === "solid" && parseFloat(outlineWidth) >= 2 &&
      contrast(over(rgba(outlineColor), around), around) >= least;
  };
  const seen = [...document.querySelectorAll("input[type=radio], input[type=checkbox]")]
    .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.disabled);
  const nameOf = (node) => node.id || node.closest("label").textContent.trim();
  return { names: seen.map(nameOf), ringless: seen.filter((node) => !hasRing(node)).map(nameOf) };
}"""
)

INK = (
    "(node) => {"
    + COLOURS
    + "return contrast(over(rgba(getComputedStyle(node).color), ground(node)), ground(node)); }"
)


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Page]:
    """A page with a hundred words in it, in either theme."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000}, color_scheme=request.param)
    open_page(page, server)
    receive(page, message(speech_of(100)))
    settled(page)
    yield page
    page.close()


def faint(page: Page) -> list[dict[str, Any]]:
    page.wait_for_timeout(400)  # for fades to end
    found = page.evaluate(EDGES)
    assert len(found) > 10
    return [entry for entry in found if entry["value"] is None or entry["value"] < EDGE]


def test_edges_of_fields_and_buttons_can_be_seen(themed: Page) -> None:
    themed.locator("#advanced button").first.click()
    expect(themed.locator("#option-hotwords textarea")).to_be_visible(timeout=PATIENCE)
    themed.locator(".wl-limits summary").click()
    assert faint(themed) == []
    themed.get_by_role("tab", name="Words", exact=True).click()
    expect(themed.locator(".wl-words-bar .wl-search")).to_be_visible()
    themed.get_by_role("tab", name="Microphone").click()
    expect(themed.locator("#live").get_by_role("button", name="Record")).to_be_visible(timeout=PATIENCE)
    assert faint(themed) == []


def test_the_drop_zone_has_an_edge(themed: Page) -> None:
    zone = themed.locator("#file")
    styled = zone.evaluate("node => getComputedStyle(node).borderTopStyle")
    assert styled == "dashed"
    found = themed.evaluate(EDGES.replace('"button, input, select, textarea"', '"#file > button"'))
    assert [entry for entry in found if entry["value"] < EDGE] == []


def test_a_lit_word_is_a_lamp_that_can_be_read(themed: Page) -> None:
    for band in ("sure", "likely", "doubtful", "unsure"):
        index = themed.evaluate("band => wordlight.store.doc.words.findIndex((it) => it.band === band)", band)
        word = themed.locator(".wl-word").nth(index)
        word.evaluate("node => node.classList.add('wl-lit')")
        themed.wait_for_timeout(200)  # for the light to come up
        assert word.evaluate(INK) >= TEXT, band
        lamp = "(node) => {" + COLOURS + "return contrast(ground(node), ground(node.parentElement)); }"
        dark = themed.evaluate("document.body.classList.contains('dark')")
        assert not dark or word.evaluate(lamp) >= EDGE
    assert themed.locator("#title h1 span").evaluate(INK) >= TEXT


def test_the_focus_on_every_radio_button_and_checkbox_can_be_seen(themed: Page) -> None:
    receive(themed, talk_message(TALK, run="talk"))
    settled(themed)
    themed.locator("#advanced button").first.click()
    expect(themed.locator("#option-hotwords textarea")).to_be_visible(timeout=PATIENCE)
    themed.locator(".wl-limits summary").click()
    themed.keyboard.press("Control+f")
    themed.keyboard.press("Tab")  # from here on the focus is the keyboard's
    page = themed.evaluate(RINGLESS, EDGE)
    wanted = {"Transcribe", "Translate into English", "Time a text that I have", "autostart-box"}
    assert wanted <= set(page["names"]) and len(page["names"]) >= 8
    assert page["ringless"] == []
    themed.keyboard.press("Escape")
    themed.locator(".wl-word").first.click()
    themed.get_by_role("button", name="Say who speaks").click()
    themed.keyboard.press("Tab")
    onward = themed.locator("dialog[open] .wl-onward")
    expect(onward).to_be_visible()
    dialog = themed.evaluate(RINGLESS, EDGE)
    assert onward.inner_text() in dialog["names"] and onward.inner_text() not in dialog["ringless"]
