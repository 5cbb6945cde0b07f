"""The English beside a transcript as a reader has it: begun, stopped, gone on with, kept, downloaded and removed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import docx
import pytest
from playwright.sync_api import expect

from engine.text.translation import TranslatedSentence, Translation, sentences_beside
from page.components import ASSETS
from tests.support.axe import violations
from tests.support.chromium import PATIENCE, download, on, open_page, receive, settled, transcribe
from tests.support.media_files import ffmpeg
from tests.support.page_messages import LINES, message, speech_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from engine import Segment
    from tests.support.app import App

pytestmark = pytest.mark.browser

STATION = ASSETS / "examples" / "at-the-station.mp3"  # two people ask and answer in Spanish, 13 s
TIMES = 6  # that it is said, with a pause that begins a paragraph: more than one request may ask for
DOCUMENT = "wordlight.store.doc.meta.transcript.translation ?? null"
SAVE = "async () => { await wordlight.autosave.flush(); await wordlight.autosave.flush(); }"
KEPT = "!wordlight.store.unkept().length"
# The English of each paragraph, "" for none.
BESIDE = """() => [...document.querySelectorAll(".wl-block")]
  .map((block) => block.querySelector(".wl-english")?.textContent ?? "")"""


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("station") / "station.wav"
    again = f"[0:a]apad=pad_dur=3,aloop=loop={TIMES - 1}:size=2e9"
    ffmpeg("-i", STATION, "-filter_complex", again, "-ar", "16000", "-ac", "1", path)
    return path


def toggle(page: Page) -> Locator:
    return page.locator(".wl-english-toggle")


def translate(page: Page) -> None:
    """Has the whole translated."""
    page.get_by_role("button", name="Translate to English").click()
    expect(toggle(page)).to_have_accessible_name("English", timeout=PATIENCE)


def test_english_is_begun_stopped_gone_on_with_kept_and_removed(page: Page, station: Path) -> None:
    transcribe(page, station)
    words = page.locator(".wl-word").all_text_contents()
    page.get_by_role("button", name="Translate to English").click()
    panel = page.get_by_role("group", name="English translation")
    expect(panel.get_by_role("progressbar")).to_be_visible()
    panel.get_by_role("button", name="Stop").click()
    page.wait_for_function(f"({DOCUMENT}) !== null", timeout=PATIENCE)
    first = page.evaluate(DOCUMENT)
    assert 0 < first["until"] < page.evaluate("wordlight.store.doc.words.at(-1).start")
    expect(panel).to_contain_text("Translated as far as")
    beside = page.evaluate(BESIDE)
    assert "train" in beside[0] and beside[-1] == "", "it appears as it comes"
    assert page.locator(".wl-english").first.get_attribute("lang") == "en"

    page.wait_for_function(KEPT, timeout=PATIENCE)
    page.reload()
    page.wait_for_function(f"window.wordlight?.store.doc.meta && ({DOCUMENT}) !== null", timeout=PATIENCE)
    assert page.evaluate(DOCUMENT) == first
    toggle(page).click()
    panel.get_by_role("button", name="Go on").click()
    expect(toggle(page)).to_have_accessible_name("English", timeout=PATIENCE)
    whole = page.evaluate(DOCUMENT)
    assert whole["segments"][: len(first["segments"])] == first["segments"]
    assert all(page.evaluate(BESIDE))
    assert page.locator(".wl-word").all_text_contents() == words
    expect(panel).to_contain_text("may be wrong")

    assert json.loads(download(page, "json")[1])["translation"] == whole
    sentence = whole["segments"][0]["text"]
    assert f"\n> {sentence}" in download(page, "md")[1]
    assert sentence not in download(page, "txt")[1] + download(page, "srt")[1]
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.locator("#download-docx").click()
    styles = [each.style for each in docx.Document(str(waiting.value.path())).paragraphs]
    assert "Translation" in [style.name for style in styles if style]
    with page.expect_download(timeout=PATIENCE) as waiting:
        panel.get_by_role("button", name="English subtitles as SRT").click()
    assert waiting.value.suggested_filename == "station.en.srt"
    assert "train" in waiting.value.path().read_text("utf-8")

    panel.get_by_role("button", name="Remove the translation").click()
    expect(page.locator(".wl-english")).to_have_count(0)
    expect(panel.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".wl-english").first).to_be_visible()
    expect(toggle(page)).to_be_focused()
    panel.get_by_role("button", name="Remove the translation").click()
    page.evaluate(SAVE)
    page.reload()
    expect(page.get_by_role("button", name="Translate to English")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate(DOCUMENT) is None


def test_corrections_undo_and_paragraphs_leave_it_with_its_sound(page: Page) -> None:
    page.locator("#example-es").click()
    page.wait_for_function("wordlight.store.doc.meta", timeout=PATIENCE)
    translate(page)
    whole = page.evaluate(DOCUMENT)
    before = page.evaluate(BESIDE)
    sentences = " ".join(before).split()
    page.locator(".wl-word").nth(1).focus()
    page.keyboard.press("e")
    page.keyboard.type("tardes,")
    page.keyboard.press("Enter")
    page.locator(".wl-block").nth(1).locator(".wl-word").first.focus()
    page.keyboard.press("Shift+Backspace")
    joined = page.evaluate(BESIDE)
    assert len(joined) == len(before) - 1 and joined[0] == f"{before[0]} {before[1]}".strip()
    page.keyboard.press("Control+z")
    assert page.evaluate(BESIDE) == before
    page.keyboard.press("Control+z")
    assert " ".join(page.evaluate(BESIDE)).split() == sentences
    assert page.evaluate(DOCUMENT) == whole
    page.get_by_role("checkbox", name="Show it beside the words").uncheck()
    expect(page.locator(".wl-english")).to_have_count(0)
    page.get_by_role("checkbox", name="Show it beside the words").check()
    assert page.evaluate(BESIDE) == before


def test_another_reader_gets_it_and_loses_no_correction(page: Page, browser: Browser, server: str) -> None:
    page.locator("#example-es").click()
    page.wait_for_function("wordlight.store.doc.meta", timeout=PATIENCE)
    other = browser.new_context().new_page()
    open_page(other, server)
    other.goto(page.url)
    other.wait_for_function("window.wordlight?.store.doc.meta", timeout=PATIENCE)
    translate(page)
    other.locator(".wl-word").nth(1).focus()
    other.keyboard.press("e")
    other.keyboard.type("tardes,")
    other.keyboard.press("Enter")
    page.evaluate(SAVE)
    other.evaluate(SAVE)
    assert other.evaluate(DOCUMENT) == page.evaluate(DOCUMENT)
    assert other.evaluate(BESIDE)[0] == page.evaluate(BESIDE)[0] != ""
    page.reload()
    expect(page.locator(".wl-word").nth(1)).to_have_text("tardes,", timeout=PATIENCE)
    assert page.evaluate(DOCUMENT) is not None
    other.context.close()


def test_it_is_not_offered_for_english_and_refused_without_the_recording(
    page: Page, app: App, speech: Path, tmp_path: Path
) -> None:
    transcribe(page, speech)
    expect(toggle(page)).to_be_hidden()
    recording = tmp_path / "to_be_deleted.mp3"
    recording.write_bytes(STATION.read_bytes())
    transcribe(page, recording)
    (kept,) = app.folder.rglob("to_be_deleted.mp3")
    kept.unlink()
    page.get_by_role("button", name="Translate to English").click()
    panel = page.get_by_role("group", name="English translation")
    expect(panel.get_by_role("alert")).to_contain_text("no longer kept", timeout=PATIENCE)
    expect(panel.get_by_role("button", name="Stop")).to_be_hidden()
    page.reload()
    page.wait_for_function("window.wordlight?.store.doc.meta", timeout=PATIENCE)
    expect(toggle(page)).to_be_hidden()


# Without a model: a transcript as the server sends it.

SPOKEN = [replace(line, language="es") for line in LINES]
ENGLISH = Translation(
    "en",
    12.0,
    (
        TranslatedSentence(0.2, 2.0, "The fast fox jumps."),
        TranslatedSentence(3.0, 4.6, "He crosses over the dog, which is lazy and does not move at all."),
        TranslatedSentence(9.0, 9.8, "Sleep well."),
    ),
)


def translated(segments: list[Segment] = SPOKEN, translation: Translation = ENGLISH) -> dict[str, Any]:
    made = message(segments)
    made["meta"]["transcript"] |= {"language": "es", "translation": translation.to_dict()}
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_wide_window_it_stands_at_the_height_of_its_paragraph(
    browser: Browser, server: str, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    open_page(page, server)
    receive(page, translated())
    settled(page)
    assert page.evaluate(BESIDE) == [
        "The fast fox jumps. He crosses over the dog, which is lazy and does not move at all.",
        "Sleep well.",
    ]
    for block in page.locator(".wl-block").all():
        text, english = (block.locator(part).bounding_box() for part in (".wl-paragraph", ".wl-english"))
        assert text and english
        assert english["x"] >= text["x"] + text["width"] - 1 and abs(english["y"] - text["y"]) < 12
    look = "node => [getComputedStyle(node).fontFamily, getComputedStyle(node).color]"
    families = [page.locator(part).first.evaluate(look) for part in (".wl-paragraph", ".wl-english")]
    assert families[0][0] != families[1][0]
    toggle(page).click()
    assert violations(page) == []
    page.close(run_before_unload=False)


def test_a_click_on_english_plays_nothing_and_keys_go_past_it(page: Page) -> None:
    receive(page, translated())
    settled(page)
    on(page, "jumps.")
    page.locator(".wl-english").first.click()
    assert not page.evaluate("wordlight.player.isPlaying()")
    assert page.locator(".wl-english .wl-word, .wl-english [tabindex]").count() == 0
    on(page, "dog.")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".wl-word", has_text="Good")).to_be_focused()


def test_an_original_from_right_to_left_leaves_english_as_it_is(page: Page) -> None:
    words = tuple(replace(word, word="سلام") for word in LINES[2].words)
    arabic = replace(LINES[2], language="ar", words=words, text="سلام سلام")
    receive(page, translated([arabic]))
    settled(page)
    directions = [
        page.locator(part).first.evaluate("node => getComputedStyle(node).direction")
        for part in (".wl-paragraph", ".wl-english")
    ]
    assert directions == ["rtl", "ltr"]


def test_on_a_phone_it_stands_below_each_paragraph(phone: Callable[..., Page]) -> None:
    page = phone("de-DE")
    receive(page, translated())
    settled(page)
    for block in page.locator(".wl-block").all():
        text, english = (block.locator(part).bounding_box() for part in (".wl-paragraph", ".wl-english"))
        assert text and english and english["y"] >= text["y"] + text["height"] - 1
    toggle(page).tap()
    expect(page.get_by_role("group", name="Englische Übersetzung")).to_be_visible()
    small = page.locator(
        ".wl-english-toggle, .wl-english-panel button:visible, .wl-english-shown"
    ).evaluate_all(
        """nodes => nodes.map((node) => node.getBoundingClientRect())
          .filter(({ width, height }) => width < 43.5 || height < 43.5).length"""
    )
    assert small == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


FIRST = """() => {
  const [page, head] = ['.wl-page', '.wl-head'].map((part) => document.querySelector(part).getBoundingClientRect());
  const top = Math.max(page.top, innerWidth < 640 ? head.bottom : 0);
  const word = [...document.querySelectorAll('.wl-word')].find((each) => each.getBoundingClientRect().bottom > top + 8);
  return [word.word.index, word.getBoundingClientRect().top];
}"""
TOP = "index => [...document.querySelectorAll('.wl-word')][index].getBoundingClientRect().top"


@pytest.mark.parametrize("width", [1280, 390])
def test_words_that_are_read_stay_in_their_place_as_english_comes(
    browser: Browser, server: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    open_page(page, server)
    spoken = [replace(each, language="es", paragraph=True) for each in speech_of(800)]
    sentences = [TranslatedSentence(each.start, each.end, "Some English. " * 12) for each in spoken]
    receive(page, translated(spoken, replace(ENGLISH, segments=tuple(sentences[-1:]))))
    settled(page)
    scroller = "document.scrollingElement" if width < 640 else "document.querySelector('.wl-page')"
    page.evaluate(f"{scroller}.scrollTop = 1400")
    page.wait_for_timeout(400)  # until what comes into sight has its height
    index, top = page.evaluate(FIRST)
    assert index > 50
    whole = replace(ENGLISH, segments=tuple(sentences))
    page.evaluate("made => wordlight.store.translate(made)", whole.to_dict())
    page.wait_for_timeout(400)
    assert abs(page.evaluate(TOP, index) - top) < 4
    page.close(run_before_unload=False)


def test_it_is_printed_if_it_is_shown(page: Page) -> None:
    receive(page, translated())
    settled(page)
    toggle(page).click()
    page.emulate_media(media="print")
    expect(page.locator(".wl-english").first).to_be_visible()
    expect(page.locator(".wl-english-panel")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_role("checkbox", name="Show it beside the words").uncheck()
    page.emulate_media(media="print")
    expect(page.locator(".wl-english")).to_have_count(0)


def test_page_and_files_agree_on_the_paragraph_of_a_sentence(page: Page) -> None:
    sentences = tuple(TranslatedSentence(n / 2, n / 2 + 1.3, f"S{n}.") for n in range(24))
    receive(page, translated(translation=replace(ENGLISH, segments=sentences)))
    settled(page)
    spans = [(SPOKEN[0].start, SPOKEN[1].end), (SPOKEN[2].start, SPOKEN[2].end)]
    expected = [
        " ".join(each.text for each in found)
        for found in sentences_beside(replace(ENGLISH, segments=sentences), spans)
    ]
    assert all(expected) and page.evaluate(BESIDE) == expected
