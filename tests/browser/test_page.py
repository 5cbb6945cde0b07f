"""The page in a real Chromium, on the real model."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pysubs2
import pytest
import srt
from PIL import Image
from playwright.sync_api import Page, expect

from engine import Segment, Transcript, Word
from engine.export.writers import TEXT_FORMATS
from tests.support.app import App
from tests.support.chromium import (
    FOX,
    PATIENCE,
    choose,
    download,
    finished,
    open_page,
    receive,
    run_of,
    transcribe,
    words_of,
)
from tests.support.media_files import ffmpeg
from tests.support.page_messages import message
from tests.support.recordings import join_clips
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_a_recording_becomes_a_transcript_a_table_and_files(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    words = words_of(page)
    assert set(words) >= FOX
    expect(page.locator(".wl-fact-language dd")).to_have_text("English")
    expect(page.locator(".wl-fact-words dd")).to_have_text(str(len(words)))

    files = {format: download(page, format) for format in TEXT_FORMATS}
    assert {name for name, _ in files.values()} == {f"{speech.stem}.{format}" for format in TEXT_FORMATS}
    transcript = Transcript.from_dict(json.loads(files["json"][1]))
    assert [word.word.strip(" .,!?").lower() for word in transcript.words] == words
    assert len(list(csv.DictReader(io.StringIO(files["tsv"][1]), delimiter="\t"))) == len(words)
    assert files["vtt"][1].startswith("WEBVTT\n") and " --> " in files["srt"][1]
    assert set(files["txt"][1].lower().replace(".", " ").replace(",", " ").split()) >= FOX

    assert {word["start"] for word in json.loads(files["json"][1])["word_segments"]} == {
        float(row["start"]) for row in csv.DictReader(io.StringIO(files["csv"][1].removeprefix("\ufeff")))
    }
    assert len(pysubs2.SSAFile.from_string(files["ass"][1])) == len(list(srt.parse(files["srt"][1])))


def test_a_recording_in_two_languages_is_heard_again_with_one_click(page: Page, tmp_path: Path) -> None:
    english, spanish = ("en/quick_brown_fox", "en/counting") * 3, ("es/pangrama", "es/conteo") * 3
    transcribe(page, join_clips(tmp_path / "two.wav", (*english, *spanish, *english), 0.5))
    languages = "[...new Set(wordlight.store.doc.segments.map((segment) => segment.language))]"
    assert page.evaluate(languages) == ["en"]
    before = run_of(page)
    page.get_by_role("button", name="Hear it again as several languages").click()
    finished(page, before)
    assert page.evaluate(languages) == ["en", "es"]
    expect(page.get_by_role("button", name="Hear it again as several languages")).to_have_count(0)


def test_the_limits_of_subtitles_cut_the_files_and_the_preview(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    count = page.locator(".wl-word").count()
    page.get_by_text("Length of subtitles").click()
    page.get_by_label("Made for").select_option(label="One word at a time")
    assert len(list(srt.parse(download(page, "srt")[1]))) == count
    page.get_by_role("tab", name="Captions").click()
    cues = "[...(document.querySelector('.wl-captioned')?.textTracks[0]?.cues ?? [])].map((cue) => cue.text)"
    page.wait_for_function(f"{cues}.length === {count}", timeout=PATIENCE)
    # Chromium draws captions over a picture alone; those of sound are written by the page, the first before it plays.
    expect(page.locator(".wl-caption")).to_contain_text(words_of(page)[0], timeout=PATIENCE, ignore_case=True)
    page.get_by_label("Made for").select_option(label="Any player")
    page.get_by_label("Characters a line").fill("12")
    page.get_by_label("Characters a line").press("Tab")
    # The choice before is answered first, with lines of the usual length.
    fits = r"(cue) => cue.split('\n').every((line) => line.length <= 12)"
    page.wait_for_function(f"{cues}.length && {cues}.every({fits})", timeout=PATIENCE)
    assert len(page.evaluate(cues)) < count
    page.evaluate(
        "document.querySelector('.wl-captioned').currentTime = wordlight.store.doc.words[1].start + 0.05"
    )
    expect(page.locator(".wl-caption")).to_contain_text(words_of(page)[1], timeout=PATIENCE, ignore_case=True)


def test_a_file_that_cannot_be_made_says_why(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    problem = page.locator(".wl-downloads .wl-problem")
    page.context.set_offline(True)
    page.locator("#download-txt").click()
    expect(problem).to_contain_text("cannot be reached")
    page.context.set_offline(False)
    download(page, "txt")
    expect(problem).to_be_empty()

    page.get_by_text("Length of subtitles").click()
    width = page.get_by_label("Characters a line")
    width.fill("0")
    page.locator("#download-srt").click()
    expect(problem).to_contain_text("Characters a line: choose a number from 1 to 500")
    expect(width).to_be_focused()
    width.fill("12")
    assert "-->" in download(page, "srt")[1]
    expect(problem).to_be_empty()


def test_captions_open_where_the_reader_was(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    last = page.evaluate("wordlight.store.doc.words.at(-1).start")
    page.evaluate("(time) => (document.querySelector('#player .wl-media').currentTime = time)", last)
    page.get_by_role("tab", name="Captions").click()
    at = "document.querySelector('.wl-captioned')?.currentTime"
    page.wait_for_function(f"Math.abs({at} - {last}) < 0.05", timeout=PATIENCE)
    # Who has heard all of it sees the first words again, not an empty frame.
    page.get_by_role("tab", name="Transcript").click()
    page.evaluate("document.querySelector('#player .wl-media').currentTime = 1e6")
    page.evaluate("wordlight.events.emit('limits')")
    page.get_by_role("tab", name="Captions").click()
    page.evaluate("document.querySelector('.wl-captioned').load()")
    expect(page.locator(".wl-caption")).to_contain_text(words_of(page)[0], timeout=PATIENCE, ignore_case=True)


def test_table_and_transcript_point_at_the_same_word(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    words = page.locator(".wl-word").all_text_contents()
    page.locator(".wl-word").nth(3).click()
    page.get_by_role("tab", name="Words").click()
    expect(page.locator(".wl-row.wl-selected td").first).to_have_text(words[3])
    page.locator(".wl-row", has_text="fox").click()
    page.wait_for_function("document.querySelector('.wl-media').currentTime > 0", timeout=PATIENCE)
    page.get_by_role("tab", name="Transcript").click()
    expect(page.locator(".wl-word[tabindex='0']")).to_contain_text("fox")
    page.get_by_role("tab", name="Words").click()
    page.get_by_role("button", name="Confidence").click()
    shares = [
        float(text.removesuffix(" %")) for text in page.locator(".wl-row td:nth-child(4)").all_text_contents()
    ]
    assert shares == sorted(shares) and len(shares) == len(words)
    name, table = download(page, "table")
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert name == f"{speech.stem}.words.csv"
    assert [round(100 * float(row["probability"])) for row in rows] == shares
    page.get_by_label("Search the words").fill("FOX")
    expect(page.locator(".wl-row")).to_have_count(1)
    fox = page.evaluate("wordlight.store.doc.words.find(({ text }) => /fox/i.test(text))")
    # Spreadsheets read a word with a comma or a quote as one, too.
    page.evaluate("at => (wordlight.store.doc.words[at].text = 'fox, \"red\"')", fox["index"])
    (row,) = csv.DictReader(io.StringIO(download(page, "table")[1].removeprefix("\ufeff")))
    assert (row["word"], float(row["start"])) == ('fox, "red"', fox["start"])
    # A word that they would take for a formula is marked as text.
    page.evaluate("at => (wordlight.store.doc.words[at].text = '=fox()')", fox["index"])
    (row,) = csv.DictReader(io.StringIO(download(page, "table")[1].removeprefix("\ufeff")))
    assert row["word"] == "'=fox()"


def test_a_click_on_the_timeline_is_heard_there(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    page.get_by_role("tab", name="Timeline").click()
    page.wait_for_function("document.querySelector('.wl-plot')?.data", timeout=PATIENCE)
    expect(page.locator(".wl-audit")).to_contain_text("no word lies over silence")
    box = page.locator(".wl-plot").bounding_box()
    assert box
    left, length = page.evaluate(
        """() => {
             document.querySelector(".wl-media").addEventListener("seeked", ({ target }) => {
               window.soughtTo ??= target.currentTime;
             });
             const { _offset, _length } = document.querySelector(".wl-plot")._fullLayout.xaxis;
             return [_offset, _length];
           }"""
    )
    page.mouse.click(box["x"] + left + length / 2, box["y"] + 80)
    page.wait_for_function("window.soughtTo", timeout=PATIENCE)
    half = page.evaluate("wordlight.store.doc.meta.transcript.duration / 2")
    assert page.evaluate("window.soughtTo") == pytest.approx(half, abs=0.1)


def test_a_stretch_is_heard_again_and_spliced_in(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    words = page.locator(".wl-word").all_text_contents()
    page.locator(".wl-word").nth(2).focus()
    for _ in range(3):
        page.keyboard.press("Delete")
    _hear_all_again(page)
    # What holds words again is no stretch to listen to any more, unless they are taken out again.
    expect(page.locator(".wl-audit")).to_contain_text("words were put in", timeout=PATIENCE)
    expect(page.locator(".wl-audit li")).to_have_count(0)
    undo = page.locator(".wl-audit").get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    undo.click()
    expect(undo).to_be_hidden()
    assert page.locator(".wl-word").count() == len(words) - 3
    page.evaluate("wordlight.store.redo()")
    again = page.locator(".wl-word").all_text_contents()
    assert {word.strip(".,").lower() for word in again} >= FOX and abs(len(again) - len(words)) <= 2
    starts = page.evaluate("wordlight.store.doc.words.map(({ start }) => start)")
    assert starts == sorted(starts)


def _hear_all_again(page: Page) -> None:
    page.evaluate(
        """() => {
             const { doc } = wordlight.store;
             const end = Math.min(doc.meta.transcript.duration, 500);
             doc.meta.transcript.coverage = [{ kind: "speech_without_words", start: 0, end }];
             wordlight.events.emit("finished", doc.meta);
           }"""
    )
    page.get_by_role("tab", name="Timeline").click()
    sensitivity = page.get_by_label("Sensitivity to speech").filter(visible=True)
    expect(sensitivity).to_have_value("high")
    sensitivity.focus()
    assert sensitivity.locator("option").all_text_contents() == ["High", "Normal", "Off"]
    page.get_by_role("button", name="Transcribe again").click()


def test_a_stretch_is_heard_no_further_once_the_tab_is_closed(
    browser: Browser, app: App, speech: Path, tmp_path: Path
) -> None:
    longer = tmp_path / "longer.wav"
    ffmpeg("-stream_loop", "59", "-i", speech, longer)  # work enough to be stopped in the middle
    page = browser.new_page()
    open_page(page, app.url)
    transcribe(page, longer)
    windows = app.metric("wordlight_windows_total")
    _hear_all_again(page)
    assert eventually(lambda: app.metric("wordlight_windows_total") > windows)
    outcomes = len(app.outcomes())
    page.close()
    assert eventually(lambda: app.outcomes()[outcomes:] == ["cancelled"])
    assert app.metric("wordlight_recordings_at_work") == 0


def test_a_video_s_picture_stands_beside_its_words(page: Page, speech: Path, tmp_path: Path) -> None:
    video = tmp_path / "talk.webm"
    picture = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=10", "-i", str(speech), "-shortest"]
    subprocess.run(["ffmpeg", "-loglevel", "error", *picture, str(video)], check=True, timeout=60)
    transcribe(page, video)
    assert set(words_of(page)) >= FOX
    page.wait_for_function("document.querySelector('video.wl-media').videoWidth === 320", timeout=PATIENCE)
    shown, words = (page.locator(place).bounding_box() or {} for place in ("video.wl-media", ".wl-page"))
    assert shown["x"] >= words["x"] + words["width"] and shown["y"] < words["y"] + words["height"]
    for width in (1200, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        tops = {
            round((tool.bounding_box() or {})["y"])
            for tool in page.locator(".wl-tools .wl-tool:visible").all()
        }
        assert len(tops) == 1, "the tools are one line"
        squeezed = page.locator(".wl-dock .wl-tool:visible").evaluate_all(
            "tools => tools.filter((tool) => tool.offsetWidth < 40 || tool.scrollWidth > tool.clientWidth)"
            ".map((tool) => tool.title)"
        )
        assert squeezed == [], "the bar's buttons keep their size"
    page.locator(".wl-word").nth(3).click()
    page.wait_for_function("!document.querySelector('.wl-media').paused", timeout=PATIENCE)


def test_a_video_s_picture_and_captions_can_be_seen(page: Page, speech: Path, tmp_path: Path) -> None:
    video = tmp_path / "talk.webm"
    picture = ["-f", "lavfi", "-i", "color=red:size=320x180:rate=10", "-i", str(speech), "-shortest"]
    subprocess.run(["ffmpeg", "-loglevel", "error", *picture, str(video)], check=True, timeout=60)
    transcribe(page, video)
    page.wait_for_function("document.querySelector('video.wl-media').readyState > 1", timeout=PATIENCE)
    assert _redness(page, "#player video.wl-media") > 0.5

    page.get_by_role("tab", name="Captions").click()
    cues = "document.querySelector('.wl-captioned')?.textTracks[0]?.activeCues?.length"
    page.wait_for_function(
        f"{cues} && document.querySelector('.wl-captioned').readyState > 1", timeout=PATIENCE
    )
    captioned = _redness(page, "video.wl-captioned")
    page.evaluate("document.querySelector('.wl-captioned').textTracks[0].mode = 'hidden'")
    assert 0.5 < captioned < _redness(page, "video.wl-captioned")


def _redness(page: Page, place: str) -> float:
    """Returns the share of a part's pixels that are red."""
    page.wait_for_timeout(500)  # for its controls to fade in
    pixels = np.asarray(Image.open(io.BytesIO(page.locator(place).screenshot())).convert("RGB"), int)
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    return float(((red > 2 * green) & (red > 2 * blue) & (red > 60)).mean())


def test_a_recording_of_any_name_is_heard_and_keeps_it(page: Page, speech: Path, tmp_path: Path) -> None:
    odd = tmp_path / "Öl & 'Käse' #1, 100%25.wav"
    odd.write_bytes(speech.read_bytes())
    transcribe(page, odd)
    plays = "document.querySelector('#player .wl-media')?.readyState > 0"
    page.wait_for_function(plays, timeout=PATIENCE)
    assert download(page, "txt")[0] == f"{odd.stem}.txt"
    page.reload()  # from then on it is a kept one
    page.wait_for_function(plays, timeout=PATIENCE)
    assert download(page, "txt")[0] == f"{odd.stem}.txt"


def test_a_bad_file_shows_its_sentence_and_costs_nothing(page: Page, speech: Path, tmp_path: Path) -> None:
    transcribe(page, speech)
    before = words_of(page)
    shopping = tmp_path / "shopping.txt"
    shopping.write_text("milk, bread, a very small lamp\n" * 20)
    choose(page, shopping)
    page.locator("#start").click()
    card = page.get_by_role("alert").filter(visible=True)
    expect(card).to_be_visible(timeout=PATIENCE)
    assert "Traceback" not in card.inner_text() and "Error" not in card.inner_text()
    expect(page.locator("#start")).to_be_enabled()
    expect(page.locator("#file")).to_contain_text("shopping")
    assert words_of(page) == before

    transcribe(page, speech)
    expect(card).to_be_hidden()
    assert words_of(page) == before


def test_a_click_without_a_recording_says_what_to_do(page: Page) -> None:
    page.locator("#start").click()
    expect(page.locator(".wl-status.wl-is-failed")).to_contain_text(
        "Choose a file or record", timeout=PATIENCE
    )
    expect(page.locator("#start")).to_be_enabled()


def test_text_from_a_recording_never_becomes_markup_or_code(page: Page) -> None:
    hostile = "<img src=x onerror=window.harm=1>${window.harm=2}{{constructor}}`"
    word = Word(hostile, 0.0, 1.0, 0.9, "attention")
    segment = Segment(0, 0.0, 1.0, hostile, "en", (word,), -0.1, 0.0)
    receive(page, message([segment]))
    assert page.locator(".wl-word").text_content() == hostile
    for name in ("Words", "Timeline", "Captions"):
        page.get_by_role("tab", name=name, exact=True).click()
    expect(page.locator("#captions")).to_be_visible()
    page.wait_for_timeout(300)  # for an image to fail to load
    assert page.evaluate("window.harm") is None


def test_nothing_is_fetched_from_elsewhere(browser: Browser, server: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, server)
    page.close()
    assert [url for url in asked if not url.startswith((server, "data:", "blob:"))] == []
