"""Who says it, on the page: names at the turns, and their correction."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from engine.diarization.speakers import Speaker
from engine.updates import SpeakerNews
from page.messages import speaker_message
from tests.support.axe import violations
from tests.support.chromium import download, on, open_page, receive
from tests.support.page_messages import TALK, A, B, C, message, speaker_list, talk, talk_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from engine import Segment

pytestmark = pytest.mark.browser


@pytest.fixture
def words(browser: Browser, server: str) -> Iterator[Page]:
    """A page with a talk of three."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    open_page(page, server)
    receive(page, talk_message(TALK))
    expect(page.locator(".wl-word")).to_have_count(17)
    yield page
    page.close(run_before_unload=False)
    assert broken == []


def turns(page: Page) -> list[str]:
    """What stands at the turns, with the initials."""
    return page.locator(".wl-turn:visible").evaluate_all(
        "labels => labels.map((label) => [...label.children].slice(0, 2).map((it) => it.textContent).join(' '))"
    )


def labels(page: Page) -> list[str | None]:
    return page.evaluate("wordlight.store.doc.words.map(({ speaker = null }) => speaker)")


def rename(page: Page, turn: int, name: str) -> None:
    page.locator(".wl-turn").nth(turn).click()
    field = page.get_by_role("dialog").get_by_label("Name")
    field.fill(name)
    field.press("Enter")


def running(
    segments: list[Segment], news: SpeakerNews, relabelled: bool, new_from: int = 0
) -> dict[str, Any]:
    return message(segments, new_from, done=False) | speaker_message(segments, news, relabelled)


def test_each_turn_has_its_speaker(words: Page) -> None:
    assert turns(words) == ["1 Speaker 1", "2 Speaker 2", "1 Speaker 1", "3 Speaker 3"]
    badges = words.locator(".wl-turn .wl-badge")
    colours = badges.evaluate_all("nodes => nodes.map((node) => getComputedStyle(node).backgroundColor)")
    assert colours[0] == colours[2] and len(set(colours)) == 3


def test_labels_while_it_runs_are_provisional_and_settle(words: Page) -> None:
    first = talk(("Good morning everybody.", None), ("It is late.", None))
    receive(words, message(first, run="r2", done=False))
    expect(words.locator(".wl-word")).to_have_count(6)
    assert turns(words) == []
    known = talk(("Good morning everybody.", A), ("It is late.", B), ("Is it?", A))
    news = SpeakerNews(speakers=speaker_list(known))
    receive(words, running(known, news, True, 2) | {"run": "r2"})
    expect(words.locator(".wl-word")).to_have_count(8)
    assert turns(words) == ["1 Speaker 1?", "2 Speaker 2?", "1 Speaker 1?"]
    rename(words, 1, "Bea Summer")
    assert turns(words)[1] == "BS Bea Summer"

    # At the end the two have changed places, and a sentence is cut in which both speak.
    final = talk(("Good", A), ("morning everybody.", B), ("It is late.", A), ("Is it?", B))
    last = talk_message(final, run="r2") | {"renumbered": {A: B, B: A}}
    receive(words, last)
    expect(words.locator(".wl-word")).to_have_count(8)
    names = ["BS Bea Summer", "2 Speaker 2", "BS Bea Summer", "2 Speaker 2"]
    assert turns(words) == names
    on(words, "late.")
    words.keyboard.press("Control+z")
    assert turns(words)[0] == "1 Speaker 1"


def test_a_word_can_be_typed_while_labels_and_the_end_arrive(words: Page) -> None:
    receive(
        words, message(talk(("Good morning everybody.", None), ("It is late.", None)), run="r2", done=False)
    )
    word = words.locator(".wl-word", has_text="morning")
    word.dblclick()
    words.keyboard.type("even")
    known = talk(("Good morning everybody.", A), ("It is late.", B), ("Is it?", A))
    news = SpeakerNews(speakers=speaker_list(known))
    receive(words, running(known, news, True, 2) | {"run": "r2"})
    receive(words, talk_message(known, run="r2"))
    words.wait_for_timeout(400)  # longer than messages wait
    words.keyboard.type("ing")
    words.keyboard.press("Enter")
    expect(words.locator(".wl-word")).to_have_text("Good evening everybody. It is late. Is it?".split())
    assert turns(words) == ["1 Speaker 1", "2 Speaker 2", "1 Speaker 1"]
    assert labels(words) == [A] * 3 + [B] * 3 + [A] * 2


def test_edits_made_while_it_runs_outlive_new_labels(words: Page) -> None:
    first = talk(("Good morning everybody.", A), ("It is late.", A))
    receive(words, running(first, SpeakerNews(speakers=speaker_list(first)), False) | {"run": "r2"})
    expect(words.locator(".wl-word")).to_have_count(6)
    on(words, "morning")
    words.keyboard.press("Delete")
    final = talk(("Good morning everybody.", A), ("It is", B), ("late.", B), ("Is it?", A))
    news = SpeakerNews(speakers=speaker_list(final), provisional=False)
    receive(words, talk_message(final, run="r2") | speaker_message(final, news, True))
    expect(words.locator(".wl-word")).to_have_count(7)
    assert labels(words) == [A, A, B, B, B, A, A]
    on(words, "late.")
    words.keyboard.press("Control+z")
    assert labels(words) == [A, A, A, B, B, B, A, A]


def test_a_name_holds_everywhere_and_can_be_undone(words: Page) -> None:
    rename(words, 0, "Anna")
    assert turns(words) == ["A Anna", "2 Speaker 2", "A Anna", "3 Speaker 3"]
    rename(words, 1, "Albert")
    assert turns(words)[1] == "Al Albert"  # no two have the same letters
    words.keyboard.press("Control+z")
    words.keyboard.press("Control+z")
    assert turns(words)[:2] == ["1 Speaker 1", "2 Speaker 2"]
    words.keyboard.press("Control+Shift+Z")
    assert turns(words)[0] == "A Anna"
    # Names that were typed before are suggested.
    words.locator(".wl-turn").nth(1).click()
    options = words.locator("dialog datalist option")
    assert options.evaluate_all("found => found.map(({ value }) => value)") == ["Albert", "Anna"]
    words.keyboard.press("Escape")
    expect(words.locator(".wl-turn").nth(1)).to_be_focused()


def test_two_can_be_one_person(words: Page) -> None:
    words.locator(".wl-turn").nth(3).click()
    dialog = words.get_by_role("dialog")
    dialog.get_by_label("This is the same person as").select_option("Speaker 1")
    dialog.get_by_role("button", name="Merge the two").click()
    assert turns(words) == ["1 Speaker 1", "2 Speaker 2", "1 Speaker 1"]
    words.keyboard.press("Control+z")
    assert labels(words)[-3:] == [C] * 3 and len(turns(words)) == 4


def test_keys_give_a_word_a_selection_or_a_turn_to_a_speaker(words: Page) -> None:
    on(words, "late.")
    words.keyboard.press("2")
    assert labels(words)[:6] == [A, A, A, A, A, B]
    assert turns(words) == ["1 Speaker 1", "2 Speaker 2", "1 Speaker 1", "3 Speaker 3"]
    mixed = (
        "wordlight.store.doc.segments.filter(({ words }) => new Set(words.map((it) => it.speaker)).size > 1)"
    )
    assert words.evaluate(f"{mixed}.length") == 0
    words.keyboard.press("7")
    expect(words.locator(".wl-about")).to_have_text("There is no speaker 7 here.")

    words.evaluate(
        """() => {
             const [from, to] = ["Let", "begin."].map((text) =>
               [...document.querySelectorAll(".wl-word")].find((node) => node.textContent === text));
             window.getSelection().setBaseAndExtent(from.firstChild, 0, to.firstChild, 3);
             from.focus();
           }"""
    )
    words.keyboard.press("3")
    assert labels(words)[11:14] == [C] * 3
    words.evaluate("window.getSelection().removeAllRanges()")
    words.locator(".wl-turn").last.focus()
    words.keyboard.press("1")
    assert labels(words)[11:] == [A] * 6
    for _ in range(3):
        words.keyboard.press("Control+z")
    assert labels(words) == [word.speaker for segment in TALK for word in segment.words]


def test_a_turn_can_be_split_from_a_word_on(words: Page) -> None:
    on(words, "everybody.")
    words.keyboard.press("s")
    assert labels(words)[:7] == [A, A, "SPEAKER_03", "SPEAKER_03", "SPEAKER_03", "SPEAKER_03", B]
    assert turns(words)[:3] == ["1 Speaker 1", "4 Speaker 4", "2 Speaker 2"]
    words.keyboard.press("Control+z")
    assert labels(words)[:6] == [A] * 6


def test_fingers_have_a_list_of_speakers(words: Page) -> None:
    words.locator(".wl-word", has_text="Wait").click()
    words.get_by_role("button", name="Say who speaks").click()
    dialog = words.get_by_role("dialog")
    expect(dialog).to_contain_text("Wait")
    dialog.get_by_role("button", name="Speaker 2").click()
    assert labels(words)[-3:] == [B, C, C]


def test_a_doubtful_voice_is_marked_until_it_has_a_name(words: Page) -> None:
    doubtful = replace(Speaker(C, C), doubtful=True, near=A)
    receive(words, talk_message(TALK, speaker_list(TALK, SPEAKER_02=doubtful), run="r2"))
    expect(words.locator(".wl-turn-doubtful")).to_have_count(1)
    expect(words.locator(".wl-doubts")).to_have_text("1 to check")
    words.locator(".wl-word").first.focus()
    words.keyboard.press("n")
    expect(words.locator(".wl-word", has_text="Wait")).to_be_focused()
    words.locator(".wl-turn").last.click()
    expect(words.get_by_role("dialog")).to_contain_text("This may be Speaker 1")
    words.get_by_role("dialog").get_by_label("Name").fill("Carl")
    words.keyboard.press("Enter")
    expect(words.locator(".wl-turn-doubtful")).to_have_count(0)
    expect(words.locator(".wl-doubts")).to_have_text("Nothing to check")


def test_files_carry_names_and_corrections(words: Page) -> None:
    rename(words, 0, "Anna")
    on(words, "Not")
    words.keyboard.press("3")
    assert "Anna: Good morning everybody." in download(words, "txt")[1]
    assert "<v Anna>" in download(words, "vtt")[1]
    assert "Anna: Good morning" in download(words, "srt")[1]
    assert " Anna " in download(words, "rttm")[1]
    made = json.loads(download(words, "json")[1])
    assert [speaker["name"] for speaker in made["speakers"]] == ["Anna", B, C]
    assert [speaker["words"] for speaker in made["speakers"]] == [9, 4, 4]
    assert made["word_segments"][6]["speaker"] == C


def test_tab_leads_to_the_label_of_the_word_s_turn_and_past_all_others(words: Page) -> None:
    label = words.locator(".wl-turn").nth(1)
    for word, turn in (("everybody", 0), ("Not", 1), ("friend", 1)):
        on(words, word)
        words.keyboard.press("ArrowRight")
        words.keyboard.press("ArrowLeft")
        words.keyboard.press("Shift+Tab")
        expect(words.locator(".wl-turn").nth(turn)).to_be_focused()
    assert words.locator(".wl-turn[tabindex='0']").count() == 1
    words.keyboard.press("Enter")
    words.get_by_role("dialog").get_by_label("Name").fill("Ben")
    words.keyboard.press("Enter")
    expect(label).to_be_focused()
    expect(label).to_contain_text("Ben")
    words.keyboard.press("Tab")
    expect(words.locator(".wl-word", has_text="Not")).to_be_focused()  # the turn's first word
    words.keyboard.press("Tab")
    assert words.evaluate("!document.activeElement.closest('.wl-page')")


def test_the_rest_of_a_turn_is_given_to_a_known_speaker_or_a_new_one(words: Page) -> None:
    before = labels(words)
    on(words, "all,")
    words.keyboard.press("w")
    dialog = words.get_by_role("dialog")
    dialog.get_by_text("From here to the end of the turn").click()
    dialog.get_by_role("button", name="Speaker 3").click()
    expect(words.get_by_role("dialog")).to_have_count(0)
    at = [index for index, label in enumerate(before) if label == B]  # Not at all, dear friend.
    given = [C if index in at[2:] else label for index, label in enumerate(before)]
    assert labels(words) == given
    words.keyboard.press("Control+z")
    assert labels(words) == before
    words.keyboard.press("w")
    dialog.get_by_label("From here to the end of the turn").check()
    dialog.get_by_role("button", name="A new speaker").click()
    found = labels(words)
    assert len({found[index] for index in at[2:]} - set(before)) == 1 and found[at[1]] == B
    assert violations(words) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_with_speakers(browser: Browser, server: str, scheme: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    open_page(page, server)
    doubtful = replace(Speaker(C, C), doubtful=True, near=A)
    receive(page, talk_message(TALK, speaker_list(TALK, SPEAKER_02=doubtful)))
    expect(page.locator(".wl-turn")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = {"turns": violations(page)}
    page.locator(".wl-turn").last.click()
    found["speaker"] = violations(page)
    page.keyboard.press("Escape")
    page.locator(".wl-word").first.focus()
    page.keyboard.press("w")
    expect(page.get_by_role("dialog")).to_contain_text("Who says this?")
    found["words"] = violations(page)
    page.close(run_before_unload=False)
    assert {state: broken for state, broken in found.items() if broken} == {}


def test_while_labels_are_provisional_a_doubtful_voice_has_one_question_mark(words: Page) -> None:
    spoken = talk(("Good morning everybody.", A), ("It is late.", B))
    known = speaker_list(spoken, **{B: Speaker(B, B, doubtful=True)})
    receive(words, running(spoken, SpeakerNews(speakers=known), True, 0) | {"run": "r3"})
    expect(words.locator(".wl-word")).to_have_count(6)
    label = words.locator(".wl-turn").nth(1)
    expect(label).to_contain_text("?", use_inner_text=True)  # a paragraph has such a text once it is drawn
    assert label.inner_text().count("?") == 1
    receive(words, talk_message(spoken, known, run="r3"))
    expect(label.locator(".wl-speaker")).to_have_text("Speaker 2")
    assert label.locator(".wl-doubt-mark").inner_text() == "?"
