"""Who speaks for how long: the list above the words, what it shows and leads to, and the lanes of the timeline."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from engine.diarization.speakers import Speaker
from tests.support.axe import violations
from tests.support.chromium import PATIENCE, download, open_page, receive, transcribe
from tests.support.page_messages import TALK, A, B, C, speaker_list, talk, talk_message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

DOUBTFUL = speaker_list(TALK, SPEAKER_02=replace(Speaker(C, C), doubtful=True, near=A))


def made(**more: Any) -> dict[str, Any]:
    """A talk of three, with a timeline."""
    message = talk_message(TALK, DOUBTFUL, **more)
    peaks = base64.b64encode(bytes(range(180))).decode()
    message["meta"]["sound"] = {"rate": 20, "peaks": peaks, "speech": [[0, 9]]}
    return message


@pytest.fixture
def words(page: Page) -> Iterator[Page]:
    receive(page, made())
    expect(page.locator(".wl-word")).to_have_count(17)
    yield page
    page.evaluate("wordlight.store.discardEdits()")


def labels(page: Page) -> list[str | None]:
    return page.evaluate("wordlight.store.doc.words.map(({ speaker = null }) => speaker)")


def shown(page: Page) -> list[str]:
    """The words that are in sight, but for those that are faint."""
    return page.locator(".wl-word:visible:not(.wl-aside)").all_text_contents()


def open_list(page: Page) -> None:
    page.locator(".wl-voices-toggle").click()
    expect(page.locator(".wl-voices")).to_be_visible()


def row(page: Page, name: str) -> Any:
    return page.locator(".wl-voice").filter(has=page.locator(".wl-speaker", has_text=re.compile(f"^{name}$")))


def test_the_list_says_who_speaks_for_how_long(words: Page) -> None:
    toggle = words.locator(".wl-voices-toggle")
    expect(toggle).to_have_text("3 speakers")
    widths = words.locator(".wl-share").evaluate_all(
        "all => all.map((it) => it.getBoundingClientRect().width)"
    )
    assert widths[0] > widths[1] > widths[2] > 0
    before = words.locator(".wl-page").bounding_box()
    open_list(words)
    expect(toggle).to_have_attribute("aria-expanded", "true")
    expect(words.locator(".wl-voice-facts")).to_have_text(["0:03 · 53 %", "0:02 · 29 %", "0:01 · 18 %"])
    # A name that is given there holds everywhere, and the focus comes back.
    row(words, "Speaker 2").get_by_role("button", name="Speaker 2", exact=True).click()
    dialog = words.get_by_role("dialog")
    expect(dialog).not_to_contain_text("This turn")
    dialog.get_by_label("Name").fill("Bea")
    words.keyboard.press("Enter")
    expect(row(words, "Bea").locator(".wl-voice-name")).to_be_focused()
    expect(words.locator(".wl-turn:visible")).to_contain_text(["Speaker 1", "Bea", "Speaker 1", "Speaker 3"])
    toggle.click()
    assert words.locator(".wl-page").bounding_box() == before


def test_a_name_is_whole_where_the_words_have_little_room(words: Page) -> None:
    words.evaluate("document.querySelector('#views').style.maxInlineSize = '500px'")
    open_list(words)
    row(words, "Speaker 2").get_by_role("button", name="Speaker 2", exact=True).click()
    words.get_by_role("dialog").get_by_label("Name").fill("Anna Ångström")
    words.keyboard.press("Enter")
    name = row(words, "Anna Ångström").locator(".wl-speaker")
    assert (
        name.evaluate("node => node.scrollWidth <= node.clientWidth && getComputedStyle(node).whiteSpace")
        == "normal"
    )
    box = words.locator(".wl-voices")
    assert box.evaluate("node => node.scrollWidth <= node.clientWidth"), "the row fits"


def test_the_line_below_an_unsure_word_leaves_the_mark_of_another_voice_out(words: Page) -> None:
    words.locator(".wl-word").first.evaluate("node => node.classList.add('wl-other-voice', 'wl-unsure')")
    mark = "getComputedStyle(document.querySelector('.wl-other-voice'), '::before').display"
    assert words.evaluate(mark) == "inline-block"  # to which no line of its word goes on


def test_of_one_person_there_is_no_list(words: Page) -> None:
    open_list(words)
    receive(words, talk_message(talk(("Good morning.", A)), run="r2"))
    expect(words.locator(".wl-word")).to_have_count(2)
    expect(words.locator(".wl-voices-toggle")).to_be_hidden()
    expect(words.locator(".wl-voices")).to_be_hidden()


def test_one_speaker_alone_can_be_shown(words: Page) -> None:
    words.locator(".wl-word", has_text="begin.").focus()
    words.keyboard.press("2")  # apart from the turn of B
    open_list(words)
    only = row(words, "Speaker 2").get_by_role("button", name="Only")
    only.click()
    expect(only).to_have_attribute("aria-pressed", "true")
    expect(words.locator(".wl-filter")).to_contain_text("You see only what Speaker 2 says, in 2 turns.")
    assert shown(words) == ["Not", "at", "all,", "dear", "friend.", "begin."]
    # Keys pass over what is not shown, and Tab leads to what is.
    active = words.get_by_role("group", name="Transcript").locator(".wl-word[tabindex='0']")
    expect(active).to_have_text("begin.")
    words.locator(".wl-word", has_text="friend.").focus()
    words.keyboard.press("ArrowRight")
    expect(words.locator(":focus")).to_have_text("begin.")
    words.keyboard.press("Home")
    expect(words.locator(":focus")).to_have_text("Not")
    # A turn that is given to another goes out of sight, and the keyboard stays among what is shown.
    words.keyboard.press("1")
    words.locator(".wl-turn:visible").first.focus()
    words.keyboard.press("1")
    assert shown(words) == ["begin."]
    expect(words.locator(":focus")).to_have_text("begin.")
    # Whoever points at a hidden word wants to see it.
    words.evaluate("wordlight.events.emit('point', 0)")
    expect(words.locator(".wl-filter")).to_be_hidden()
    assert len(shown(words)) == 17


def test_the_filter_ends_with_its_speaker_and_with_a_button(words: Page) -> None:
    open_list(words)
    row(words, "Speaker 3").get_by_role("button", name="Only").click()
    assert shown(words) == ["Wait", "for", "me."]
    words.locator(".wl-turn:visible").focus()
    words.keyboard.press("1")
    expect(words.locator(".wl-filter")).to_be_hidden()
    assert len(shown(words)) == 17
    row(words, "Speaker 2").get_by_role("button", name="Only").click()
    words.get_by_role("button", name="Show all speakers").click()
    assert len(shown(words)) == 17
    expect(words.locator(":focus")).to_have_class(re.compile("wl-word"))


def test_turns_are_a_key_or_a_button_apart(words: Page) -> None:
    words.locator(".wl-word").first.focus()
    words.keyboard.press("t")
    expect(words.locator(":focus")).to_have_text("Let")
    words.keyboard.press("t")
    expect(words.locator(".wl-about")).to_have_text("Speaker 1 says nothing after this word.")
    words.keyboard.press("Shift+T")
    expect(words.locator(":focus")).to_have_text("Good")
    open_list(words)
    row(words, "Speaker 3").get_by_role("button", name="Next turn").click()
    expect(words.locator(":focus")).to_have_text("Wait")
    row(words, "Speaker 2").get_by_role("button", name="Previous turn").click()
    expect(words.locator(":focus")).to_have_text("Not")


def test_a_doubtful_voice_can_be_a_person_of_its_own(words: Page) -> None:
    words.locator(".wl-word").first.focus()
    words.keyboard.press("n")
    expect(words.locator(":focus")).to_have_text("Wait")
    expect(words.locator(".wl-about")).to_contain_text("This may be Speaker 1")
    expect(words.locator(".wl-fact-doubtful dd")).to_have_text("1 to check")
    words.locator(".wl-turn").last.click()
    words.get_by_role("button", name="This is a person of their own").click()
    expect(words.locator(".wl-turn-doubtful")).to_have_count(0)
    expect(words.locator(".wl-doubts")).to_have_text("Nothing to check")
    expect(words.locator(".wl-fact-doubtful")).to_have_count(0)
    speakers = json.loads(download(words, "json")[1])["speakers"]
    assert [speaker.get("doubtful_speaker") for speaker in speakers] == [None] * 3


def test_files_leave_names_out_if_the_reader_says_so(words: Page) -> None:
    assert "Speaker 1: Good" in download(words, "txt")[1]
    naming = words.get_by_label("Names of speakers")
    naming.select_option("Only a dash")
    assert "- Good morning" in download(words, "srt")[1]
    naming.select_option("Left out")
    assert "Speaker 1" not in download(words, "txt")[1] and "<v" not in download(words, "vtt")[1]
    receive(words, {**talk_message(talk(("Good morning.", None)), run="r2")})
    expect(words.locator(".wl-word")).to_have_count(2)
    expect(naming).to_be_hidden()


def test_the_timeline_has_a_lane_for_each_speaker(words: Page) -> None:
    words.get_by_role("tab", name="Timeline").click()
    ticks = words.locator(".wl-plot .ytick text")
    expect(ticks).to_have_count(7, timeout=PATIENCE)
    assert ticks.all_text_contents()[4:] == ["Speaker 1", "Speaker 2", "Speaker 3"]
    lane = """number => document.querySelector(".wl-plot").data
      .filter(({ y }) => y.length && y.every((it) => it === null || it < -0.1))
      .map(({ x }) => x.filter((time) => time !== null))[number]"""
    drawn = words.evaluate(lane, 1)
    assert [drawn[0], drawn[-1]] == [3.0, 5.4] and len(drawn) == 2 * 5
    names = '{ [`SPEAKER_01`]: "<b>Bo" }'
    words.evaluate(f"wordlight.store.edit({{ at: 0, count: 0, inserted: [], focus: 0, names: {names} }})")
    expect(ticks.nth(5)).to_have_text("<b>Bo")
    words.locator(".wl-plot").focus()
    expect(words.locator(".wl-plot")).to_have_attribute("aria-valuetext", re.compile(r"Good · Speaker 1$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_in_the_list(browser: Browser, server: str, scheme: str, width: int) -> None:
    size = {"viewport": {"width": width, "height": 900}, "is_mobile": width < 600, "has_touch": width < 600}
    page = browser.new_page(color_scheme=scheme, **size)  # type: ignore[arg-type]
    open_page(page, server)
    receive(page, made())
    expect(page.locator(".wl-turn")).to_have_count(4)
    open_list(page)
    row(page, "Speaker 1").get_by_role("button", name="Only").click()
    found = {"list": violations(page)}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width < 600:
        sizes = page.locator(".wl-voice button:not(.wl-voice-name)").evaluate_all(
            "all => all.map((it) => it.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height))"
        )
        assert min(sizes) >= 44
    page.get_by_role("tab", name="Timeline").click()
    expect(page.locator(".wl-plot .ytick text")).to_have_count(7, timeout=PATIENCE)
    found["timeline"] = violations(page)
    page.close(run_before_unload=False)
    assert {state: broken for state, broken in found.items() if broken} == {}


def ask_for_speakers(page: Page) -> None:
    page.locator("#advanced button").first.click()
    page.locator("#option-speakers input").click()
    page.locator("#option-speakers").get_by_role("option", name="2 people").click()


def rename(page: Page, turn: int, name: str) -> None:
    page.locator(".wl-turn").nth(turn).click()
    field = page.get_by_role("dialog").get_by_label("Name")
    field.fill(name)
    field.press("Enter")


def test_names_outlive_a_reload_the_link_and_a_second_try(
    browser: Browser, server: str, page: Page, talk_file: Path
) -> None:
    ask_for_speakers(page)
    transcribe(page, talk_file)
    assert set(labels(page)) == {A, B}
    rename(page, 0, "Anna")
    rename(page, 1, "Bea")
    page.locator(".wl-word").last.focus()
    page.keyboard.press("s")  # the rest of the turn is said by a third
    rename(page, page.locator(".wl-turn").count() - 1, "Carl")
    open_list(page)
    row(page, "Bea").get_by_role("button", name="Hear").click()
    page.wait_for_function("document.querySelector('#player audio').currentTime > 0", timeout=PATIENCE)
    page.evaluate("wordlight.player.endSpan()")
    names = "wordlight.speakers.list.map(({ name }) => name)"
    before = labels(page), page.evaluate(names), page.locator(".wl-turn").all_inner_texts()
    assert before[1] == ["Anna", "Bea", "Carl"]
    page.wait_for_function("!wordlight.store.unkept().length", timeout=PATIENCE)
    address = page.url
    page.reload()
    expect(page.locator(".wl-turn")).to_have_count(len(before[2]), timeout=PATIENCE)
    assert (labels(page), page.evaluate(names), page.locator(".wl-turn").all_inner_texts()) == before
    other = browser.new_page()
    other.goto(address)
    expect(other.locator(".wl-turn")).to_have_count(len(before[2]), timeout=PATIENCE)
    assert (labels(other), other.evaluate(names)) == before[:2]
    other.close()

    # Words that Bea says between two turns of Anna's are lost, and found again: they are Bea's.
    spoken = page.evaluate(
        """() => wordlight.store.doc.words.filter(({ start, end }) => start > 14.6 && end < 18.1)
             .map(({ index, text, speaker }) => ({ index, text, speaker }))"""
    )
    bea = [word for word in spoken if word["speaker"] == B]
    assert len(bea) > 5
    page.locator(".wl-word").nth(bea[0]["index"]).focus()
    for _ in bea:
        page.keyboard.press("Delete")
    page.get_by_role("tab", name="Timeline").click()
    stretch = page.locator(".wl-audit li", has_text="of speech have no words")
    expect(stretch).to_have_count(1, timeout=PATIENCE)
    stretch.get_by_role("button", name="Transcribe again").click()
    expect(page.locator(".wl-audit-done")).to_contain_text("put in", timeout=PATIENCE)
    found = page.evaluate(
        """() => wordlight.store.doc.words.filter(({ start, end }) => start > 14.6 && end < 18.1)
             .map(({ speaker }) => speaker)"""
    )
    assert found.count(B) >= 0.8 * len(bea)
    assert page.evaluate(names) == before[1]
