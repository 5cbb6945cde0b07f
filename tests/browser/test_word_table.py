"""The table of words as a place to work from: what is to be checked alone, and corrections that begin there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.chromium import open_page, receive
from tests.support.page_messages import LINES, TALK, message, speech_of, talk_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def table(browser: Browser, server: str) -> Iterator[Page]:
    """The table of three sentences, of whose words two are doubtful and one has a guessed time."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    open_page(page, server)
    changes = {"quick": {"probability": 0.4}, "lazy": {"probability": 0.2}, "fox": {"timing": "interpolated"}}
    made = [
        replace(segment, words=tuple(replace(word, **changes.get(word.word, {})) for word in segment.words))
        for segment in LINES
    ]
    receive(page, message(made))
    page.get_by_role("tab", name="Words", exact=True).click()
    expect(page.locator(".wl-row")).to_have_count(11)
    yield page
    page.close(run_before_unload=False)


def rows(page: Page) -> list[str]:
    return page.locator(".wl-row td:first-child").all_text_contents()


def test_the_table_shows_alone_what_is_to_be_looked_at(table: Page) -> None:
    which = table.get_by_label("Which words")
    which.select_option(label="to check")
    assert rows(table) == ["quick", "lazy"]
    expect(table.locator(".wl-words .wl-count")).to_have_text("2 words")
    table.get_by_label("Search the words").fill("laz")
    assert rows(table) == ["lazy"]
    table.get_by_label("Search the words").fill("")
    which.select_option(label="time guessed")
    assert rows(table) == ["fox"]
    which.select_option(label="All words")
    assert len(rows(table)) == 11


@pytest.mark.parametrize("way", ["double click", "key"])
def test_a_word_of_the_table_is_corrected_where_it_stands(table: Page, way: str) -> None:
    row = table.locator(".wl-row", has_text="lazy")
    if way == "key":
        row.focus()
        table.keyboard.press("e")
    else:
        row.dblclick()
    field = table.locator(".wl-field")
    expect(field).to_be_focused()
    expect(field).to_have_value("lazy")
    table.keyboard.type("busy")
    table.keyboard.press("Enter")
    expect(table.locator(".wl-word", has_text="busy")).to_be_visible()


def test_the_pencil_of_the_bar_corrects_from_every_tab(table: Page) -> None:
    table.keyboard.press("n")  # leads to the words
    expect(table.locator(".wl-word", has_text="quick")).to_be_focused()
    table.get_by_role("tab", name="Words", exact=True).click()
    table.get_by_role("button", name="Correct it", exact=True).click()
    field = table.locator(".wl-field")
    expect(field).to_be_focused()
    expect(field).to_have_value("quick")


def test_rows_in_sight_stay_while_the_table_scrolls(table: Page) -> None:
    """A row that is pressed is still there when it is let go; so is the one that is heard."""
    receive(table, message(speech_of(2000), run="long"))
    row = table.locator(".wl-row[data-index='12']")
    expect(row).to_be_visible()
    row.focus()
    table.evaluate("wordlight.events.emit('lit', { index: 12, playing: true })")
    pressed = row.element_handle()
    assert pressed
    table.locator(".wl-rows").evaluate("node => (node.scrollTop = 250)")
    table.wait_for_function("document.querySelector('.wl-row[data-index=\"24\"]')")
    table.wait_for_function(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    assert pressed.evaluate("node => node.isConnected && node === document.activeElement")
    order = table.locator(".wl-row").evaluate_all("rows => rows.map((row) => Number(row.dataset.index))")
    assert order == list(range(order[0], order[0] + len(order)))
    table.locator(".wl-rows").evaluate("node => (node.scrollTop = 30_000)")
    expect(row).to_have_count(0)
    table.locator(".wl-rows").evaluate("node => (node.scrollTop = 250)")
    expect(row).to_have_class("wl-row wl-lit-row")


def test_a_column_says_who_speaks_if_the_speakers_are_known(table: Page) -> None:
    column = table.get_by_role("columnheader", name="Speaker")
    expect(column).to_have_count(0)
    receive(table, talk_message(TALK, run="talk"))
    expect(column).to_be_visible()
    cells = table.locator(".wl-row td.wl-column-speaker")
    expect(cells.first).to_have_text("Speaker 1")
    expect(cells.last).to_have_text("Speaker 3")
    table.get_by_role("tab", name="Transcript", exact=True).click()
    table.locator(".wl-turn").first.click()
    table.get_by_label("Name", exact=True).fill("Anna")
    table.get_by_role("button", name="Rename everywhere").click()
    table.get_by_role("tab", name="Words", exact=True).click()
    expect(cells.first).to_have_text("Anna")
    column.get_by_role("button").click()
    column.get_by_role("button").click()
    expect(cells.first).to_have_text("Speaker 3")
    with table.expect_download() as waiting:
        table.locator("#download-table").click()
    head, first, *_ = waiting.value.path().read_text("utf-8-sig").splitlines()
    assert head.endswith(",speaker") and first.endswith(",Speaker 3")
    table.set_viewport_size({"width": 390, "height": 844})
    expect(column).to_have_count(0)
    assert table.evaluate("document.documentElement.scrollWidth") <= 390
    table.set_viewport_size({"width": 1280, "height": 900})
