"""The timeline of an hour: what is drawn is bounded. How long it takes, page_speed.py measures."""

from __future__ import annotations

import base64
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from engine import Word
from engine.regions import SpeechRegion
from engine.text.coverage import find_mismatches
from page.texts import TEXTS
from tests.support.chromium import PATIENCE, hundredths, open_page, receive, settled, transcribe
from tests.support.long_pages import NEARER, RATE, STRETCHES, hour
from tests.support.page_messages import message, speech_of

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

MOST = 5_000  # points in all traces together: 180,000 of loudness and 10,000 words come in
ASKED = re.compile("/component_server")  # by the page's own scripts
DELETED = 12  # words; they leave more than two seconds of speech without any
COVERAGE = "wordlight.store.doc.meta.transcript.coverage"
DELETE = """wordlight.store.edit(
  { at: 0, count: wordlight.store.doc.segments.length - 1, inserted: [], focus: -1 }
)"""  # most words go

POINTS = "document.querySelector('.wl-plot').data.reduce((sum, { x }) => sum + x.length, 0)"


def drawn(page: Page) -> None:
    page.wait_for_function("document.querySelector('.wl-plot .trace')", timeout=PATIENCE)


def test_an_hour_is_drawn_with_few_points(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    open_page(page, server)
    receive(page, hour())
    settled(page)
    page.get_by_role("tab", name="Timeline").click()
    drawn(page)
    assert 1000 < page.evaluate(POINTS) < MOST
    assert page.locator(".wl-audit li").count() == STRETCHES
    assert page.locator(".wl-audit option").count() == 2 * STRETCHES
    page.evaluate(NEARER)  # fewer points for a longer time become more for a shorter one
    page.wait_for_function("document.querySelector('.wl-plot').data.at(-1).x[0] > 590", timeout=PATIENCE)
    assert page.evaluate(POINTS) < MOST
    page.close(run_before_unload=False)


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({"state": "done", "checked": 3600.0}, ["Wherever there is speech there are words"]),
        ({"state": "stopped", "checked": 61.0}, ["Wherever there is speech", "Checked up to 1:01"]),
        ({"state": "done", "checked": None}, ["Not checked"]),
    ],
)
def test_nothing_is_said_of_what_was_not_checked(page: Page, meta: dict[str, Any], said: list[str]) -> None:
    made = hour()
    made["meta"] |= meta
    made["meta"]["transcript"]["coverage"] = []
    receive(page, made)
    page.get_by_role("tab", name="Timeline").click()
    notes = page.locator(".wl-audit p.wl-quiet")
    expect(notes).to_have_count(len(said), timeout=PATIENCE)
    for note, sentence in zip(notes.all(), said, strict=True):
        expect(note).to_contain_text(sentence)


def test_what_may_be_missing_follows_the_words_and_is_told_above_them(page: Page, talk_file: Path) -> None:
    transcribe(page, talk_file)
    before = page.evaluate(COVERAGE)
    lead = page.locator(".wl-fact-again dd")
    told = lead.all_inner_texts()
    page.locator(".wl-word").first.focus()
    for _ in range(DELETED):
        page.keyboard.press("Delete")
    # The server answers once the edits have come to rest.
    page.wait_for_function(f"before => {COVERAGE}.length > before", arg=len(before), timeout=PATIENCE)
    speech, words = page.evaluate(
        "[wordlight.store.doc.meta.sound.speech, wordlight.store.exported().segments]"
    )
    found = find_mismatches(
        [SpeechRegion(*span) for span in speech],
        [Word.from_dict(word) for segment in words for word in segment["words"]],
    )
    assert page.evaluate(COVERAGE) == [stretch.to_dict() for stretch in found]
    assert found[0].kind == "speech_without_words"
    expect(lead).to_contain_text(f"{len(found)} stretch")
    lead.get_by_role("button").click()
    expect(page.locator(".wl-audit li")).to_have_count(len(found))
    # The focus stays where it is while the list is drawn anew.
    hear = page.locator(".wl-audit li").last.get_by_role("button").first
    hear.focus()
    page.evaluate("wordlight.events.emit('coverage')")
    expect(hear).to_be_focused()

    for _ in range(DELETED):
        page.evaluate("wordlight.store.undo()")
    page.wait_for_function(f"before => {COVERAGE}.length === before", arg=len(before), timeout=PATIENCE)
    assert page.evaluate(COVERAGE) == before and lead.all_inner_texts() == told


def test_what_may_be_missing_stays_as_it_was_while_the_server_cannot_be_asked(
    page: Page, talk_file: Path
) -> None:
    transcribe(page, talk_file)
    before = page.evaluate(COVERAGE)
    page.route(ASKED, lambda route: route.abort())
    page.evaluate(DELETE)
    expect(page.locator(".wl-keeping .wl-quiet")).to_have_text(TEXTS["en"]["unkept"], timeout=PATIENCE)
    assert page.evaluate(COVERAGE) == before
    page.unroute(ASKED)
    page.evaluate("wordlight.autosave.flush()")
    page.wait_for_function(f"before => {COVERAGE}.length > before", arg=len(before), timeout=PATIENCE)


IS_INK = """node => {
  const probe = document.createElement('i');
  probe.style.backgroundColor = 'var(--wl-ink)';
  node.after(probe);
  return getComputedStyle(node).backgroundColor === getComputedStyle(probe).backgroundColor;
}"""


def test_confidence_is_nothing_in_the_pauses_and_the_view_follows_what_is_heard(
    browser: Browser, server: str
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    open_page(page, server)
    made = message(speech_of(300))  # a word of 0.3 s every 0.36 s
    made["meta"]["sound"] = {
        "rate": RATE,
        "peaks": base64.b64encode(bytes(RATE * 108)).decode(),
        "speech": [],
    }
    receive(page, made)
    page.get_by_role("tab", name="Timeline").click()
    drawn(page)
    plot, range_of = "document.querySelector('.wl-plot')", "_fullLayout.xaxis.range"
    page.evaluate(f"Plotly.relayout({plot}, {{ 'xaxis.range[0]': 20, 'xaxis.range[1]': 30 }})")
    page.wait_for_function(f"{plot}.data.at(-1).x[0] > 19", timeout=PATIENCE)
    lines = page.evaluate(f"(({{ x, y }}) => x.map((time, at) => [time, y[at]]))({plot}.data.at(-1))")
    assert len(lines) > 60
    for (start, level), (end, after) in pairwise(lines):
        if level is not None and after is not None:
            assert level == after or end - start < 10 / 800, "a slope over a pause"

    # As the player does.
    tell = "time => { wordlight.player.position = () => time; wordlight.events.emit('time', time); }"
    for time in (29.0, 29.5, 29.99, 30.2):  # as playing goes on
        page.evaluate(tell, time)
    page.wait_for_function(f"{plot}.{range_of}[0] > 28 && {plot}.{range_of}[0] < 30.2", timeout=PATIENCE)
    assert page.evaluate(f"{plot}.{range_of}[1] - {plot}.{range_of}[0]") == pytest.approx(10)
    expect(page.locator(".wl-now")).to_be_visible()
    assert page.locator(".wl-now").evaluate(IS_INK)  # red is speech without words
    # One who looks elsewhere meanwhile is left there.
    page.evaluate(f"Plotly.relayout({plot}, {{ 'xaxis.range[0]': 60, 'xaxis.range[1]': 70 }})")
    page.wait_for_function(f"{plot}.data.at(-1).x[0] > 59", timeout=PATIENCE)
    for time in (30.3, 30.4, 30.5):
        page.evaluate(tell, time)
    page.wait_for_timeout(300)
    assert page.evaluate(f"{plot}.{range_of}") == pytest.approx([60, 70])
    page.evaluate(tell, 90.0)  # but one who jumps is taken along
    page.wait_for_function(f"{plot}.{range_of}[0] > 85", timeout=PATIENCE)
    page.close(run_before_unload=False)


def test_the_timeline_tells_its_words_and_is_steered_by_keys(
    browser: Browser, server: str, speech: Path
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    open_page(page, server)
    transcribe(page, speech)
    page.get_by_role("tab", name="Timeline").click()
    drawn(page)
    fox = page.evaluate("wordlight.store.doc.words.find(({ text }) => /fox/i.test(text))")
    place = """(time) => {
      const plot = document.querySelector(".wl-plot");
      const { xaxis } = plot._fullLayout;
      return plot.getBoundingClientRect().left + xaxis._offset + xaxis.d2p(time);
    }"""
    box = page.locator(".wl-plot").bounding_box() or {}
    page.mouse.move(page.evaluate(place, (fox["start"] + fox["end"]) / 2), box["y"] + 200)
    expect(page.locator(".wl-plot-label")).to_have_text(
        f"{fox['text']} {hundredths(fox['start'])}–{hundredths(fox['end'])} s"
    )
    page.mouse.move(box["x"] + 5, box["y"] + 200)
    expect(page.locator(".wl-plot-label")).to_be_hidden()

    slider = page.get_by_role("slider", name="Loudness, speech, words")
    slider.focus()
    at, view = "wordlight.player.position()", "document.querySelector('.wl-plot')._fullLayout.xaxis.range"
    whole = page.evaluate(view)
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(at) == pytest.approx(whole[1] / 5, abs=0.02)
    assert slider.get_attribute("aria-valuenow") == f"{whole[1] / 5:.1f}"
    page.keyboard.press("+")
    page.wait_for_function(f"{view}[1] - {view}[0] < {0.6 * whole[1]}", timeout=PATIENCE)
    expect(page.locator(".wl-plot-texts bdi").first).to_be_visible()
    shown = page.locator(".wl-plot-texts bdi").all_text_contents()
    assert set(shown) <= set(page.locator(".wl-word").all_text_contents())
    page.keyboard.press("End")
    page.wait_for_function(f"{view}[1] > {whole[1] - 0.01}", timeout=PATIENCE)
    page.keyboard.press("-")
    page.wait_for_function(f"{view}[1] - {view}[0] > {whole[1] - 0.01}", timeout=PATIENCE)
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_function(f"{at} > 0 && !document.querySelector('.wl-media').paused", timeout=PATIENCE)
    expect(page.locator(".plotly-notifier")).to_have_count(0)
    page.close(run_before_unload=False)
    assert broken == []


PLACE = """(time) => {
  const plot = document.querySelector(".wl-plot");
  const { xaxis } = plot._fullLayout;
  return plot.getBoundingClientRect().left + xaxis._offset + xaxis.d2p(time);
}"""
VIEW = "document.querySelector('.wl-plot')._fullLayout.xaxis.range"
SAID = "wordlight.store.exported().segments.flatMap(({ words }) => words)"
ENDS_AT = f"end => Math.abs({SAID}[20].end - end) < 0.001"


@pytest.fixture
def near(page: Page) -> tuple[Page, dict[str, Any]]:
    """A timeline that the wheel has brought near to a word, which is there too."""
    made = message(speech_of(40))  # a word of 0.3 s every 0.36 s
    made["meta"]["sound"] = {"rate": RATE, "peaks": base64.b64encode(bytes(RATE * 15)).decode(), "speech": []}
    receive(page, made)
    page.get_by_role("tab", name="Timeline").click()
    drawn(page)
    plot = page.locator(".wl-plot")
    plot.evaluate("node => node.scrollIntoView({ block: 'center' })")
    box = plot.bounding_box() or {}
    whole = page.evaluate(VIEW)
    word = page.evaluate(f"{SAID}[20]")
    middle = (word["start"] + word["end"]) / 2
    at = page.evaluate(PLACE, middle)
    page.mouse.move(at, box["y"] + 200)
    page.keyboard.down("Control")
    for _ in range(6):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_function(f"{VIEW}[1] - {VIEW}[0] < {0.25 * (whole[1] - whole[0])}", timeout=PATIENCE)
    page.wait_for_timeout(300)  # for the last notch
    assert page.evaluate(PLACE, middle) == pytest.approx(at, abs=8)  # it zooms where the pointer is
    return page, word


def test_a_wheel_that_turns_sideways_moves_the_view(near: tuple[Page, dict[str, Any]]) -> None:
    page, _ = near
    before = page.evaluate(VIEW)
    page.mouse.wheel(200, 0)
    page.wait_for_function(f"{VIEW}[0] > {before[0]} + 0.1", timeout=PATIENCE)
    assert page.evaluate(f"{VIEW}[1] - {VIEW}[0]") == pytest.approx(before[1] - before[0])


def test_an_edge_that_is_dragged_sets_the_time_of_a_word(near: tuple[Page, dict[str, Any]]) -> None:
    page, word = near
    page.evaluate("wordlight.events.emit('point', 20)")
    edge = page.get_by_role("slider", name="End of the word")
    expect(edge).to_be_visible(timeout=PATIENCE)
    grip = edge.bounding_box() or {}
    pixels = page.evaluate(PLACE, word["end"] + 0.2) - page.evaluate(PLACE, word["end"])
    page.mouse.move(grip["x"] + 2, grip["y"] + 10)
    page.mouse.down()
    page.mouse.move(grip["x"] + 2 + pixels / 2, grip["y"] + 10)
    page.mouse.move(grip["x"] + 2 + pixels, grip["y"] + 10)
    page.mouse.up()
    moved = page.evaluate(f"{SAID}[20]")
    assert moved["end"] == pytest.approx(word["end"] + 0.2, abs=0.02)
    assert moved["timing"] == "by_hand"
    starts = page.evaluate(f"{SAID}.map(({{ start }}) => start)")
    assert starts == sorted(starts)
    edge.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(ENDS_AT, arg=moved["end"] - 0.04, timeout=PATIENCE)
    page.keyboard.press("Control+z")
    page.wait_for_function(ENDS_AT, arg=moved["end"], timeout=PATIENCE)  # both presses are one step
    page.keyboard.press("Control+z")
    page.wait_for_function(ENDS_AT, arg=word["end"], timeout=PATIENCE)


@pytest.mark.parametrize("held", ["nothing", "Shift"])
def test_a_dragged_edge_rests_where_it_is_quiet(near: tuple[Page, dict[str, Any]], held: str) -> None:
    page, word = near
    quiet = word["end"] + 0.19  # the pointer lets go 25 ms behind it
    levels = bytearray([200]) * (50 * 15)
    levels[int(quiet * 50)] = 10
    page.evaluate(
        "peaks => (wordlight.store.doc.meta.sound = { rate: 50, peaks, speech: [] })",
        base64.b64encode(bytes(levels)).decode(),
    )
    page.evaluate("wordlight.events.emit('point', 20)")
    edge = page.get_by_role("slider", name="End of the word")
    expect(edge).to_be_visible(timeout=PATIENCE)
    grip = edge.bounding_box() or {}
    middle = (int(quiet * 50) + 0.5) / 50
    pixels = page.evaluate(PLACE, middle + 0.025) - page.evaluate(PLACE, word["end"])
    if held == "Shift":
        page.keyboard.down("Shift")
    page.mouse.move(grip["x"] + 2, grip["y"] + 10)
    page.mouse.down()
    page.mouse.move(grip["x"] + 2 + pixels, grip["y"] + 10, steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    end = page.evaluate(f"{SAID}[20].end")
    if held == "Shift":
        assert end == pytest.approx(middle + 0.025, abs=0.012)  # as exact as pixels are
    else:
        assert end == pytest.approx(middle, abs=0.0005)


def test_keys_set_the_times_of_a_word_in_the_transcript(page: Page) -> None:
    receive(page, message(speech_of(40)))
    word = page.evaluate(f"{SAID}[20]")
    page.locator(".wl-word").nth(20).focus()
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.locator(".wl-about")).to_contain_text(f"{hundredths(word['start'] - 0.02)}")
    page.keyboard.press("Alt+Shift+ArrowRight")
    page.wait_for_function(ENDS_AT, arg=word["end"] + 0.02, timeout=PATIENCE)
    assert page.evaluate(f"{SAID}[20]")["start"] == pytest.approx(word["start"] - 0.02)
    expect(page.locator(".wl-word").nth(20)).to_be_focused()
    expect(page.locator(".wl-about")).to_contain_text("timed by hand")
