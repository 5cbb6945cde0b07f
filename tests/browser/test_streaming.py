"""Work under way: Stop, two tabs, a reload, a batch; and what is left of a transcript afterwards."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from engine import Transcript
from engine.export.writers import FORMATS
from tests.support.app import App
from tests.support.chromium import (
    FOX,
    PATIENCE,
    choose,
    choose_many,
    download,
    finished,
    open_page,
    receive,
    run_of,
    transcribe,
    words_of,
)
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

# Another recording's first message.
NEXT = json.dumps({"run": "next", "from": 0, "segments": [], "meta": None})


def begin(page: Page, file: Path) -> None:
    """Starts a long transcription and waits for its first words."""
    choose(page, file)
    page.locator("#start").click()
    expect(page.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)


def test_stop_keeps_what_is_done_and_the_next_run_is_clean(
    page: Page, app: App, long_speech: Path, speech: Path
) -> None:
    begin(page, long_speech)
    expect(page.locator(".wl-status-detail")).to_contain_text("of 11:")
    windows = page.evaluate("wordlight.store.doc.segments.length")
    page.locator("#stop").click()
    decoded = app.metric("wordlight_windows_total")
    expect(page.locator(".wl-status.wl-is-note")).to_contain_text("Stopped", timeout=PATIENCE)
    # What was at work when the click came, and one turn more while it was on its way.
    assert app.metric("wordlight_windows_total") <= decoded + 2 * app.at_once()
    assert app.metric("wordlight_recordings_at_work") == 0
    expect(page.locator("#stop")).to_be_hidden()
    words = words_of(page)
    name, text = download(page, "json")
    partial = Transcript.from_dict(json.loads(text))
    assert name == f"{long_speech.stem}.json"
    assert [word.word.strip(" .,!?").lower() for word in partial.words] == words
    assert len(partial.segments) >= windows and partial.words[-1].end < partial.duration / 2
    assert "Stopped" in partial.warnings[0]

    transcribe(page, speech)
    assert set(words_of(page)) >= FOX and len(words_of(page)) < 12
    expect(page.locator(".wl-status")).to_be_hidden()


def test_two_tabs_do_not_disturb_each_other(
    page: Page, browser: Browser, server: str, long_speech: Path, speech: Path
) -> None:
    begin(page, long_speech)
    other = browser.new_page()
    open_page(other, server)
    transcribe(other, speech)  # while the first is at work, and to its end
    assert set(words_of(other)) >= FOX and len(words_of(other)) < 12
    expect(page.locator("#stop")).to_be_visible()
    before = len(words_of(page))
    page.wait_for_function(
        "before => wordlight.store.doc.words.length > before", arg=before, timeout=PATIENCE
    )
    page.locator("#stop").click()
    expect(page.locator(".wl-status.wl-is-note")).to_contain_text("Stopped", timeout=PATIENCE)
    assert len(words_of(other)) < 12
    other.close()


def test_a_reload_and_a_link_show_the_finished_transcript(
    page: Page, browser: Browser, server: str, speech: Path
) -> None:
    transcribe(page, speech)
    words = words_of(page)
    expect(page.locator(".wl-keeping")).to_contain_text("Kept on the server until")
    page.reload()
    expect(page.locator(".wl-word")).to_have_count(len(words), timeout=PATIENCE)

    other = browser.new_page(accept_downloads=True)
    other.goto(page.url)
    expect(other.locator(".wl-word")).to_have_count(len(words), timeout=PATIENCE)
    assert words_of(other) == words
    assert download(other, "txt")[0] == f"{speech.stem}.txt"
    other.wait_for_function("document.querySelector('.wl-media').readyState > 0", timeout=PATIENCE)

    media = other.evaluate("wordlight.store.media")
    other.context.set_offline(True)
    other.locator("#delete-now").click()
    expect(other.locator(".wl-downloads .wl-problem")).to_contain_text("cannot be reached")
    assert words_of(other) == words
    other.context.set_offline(False)
    other.locator("#delete-now").click()
    expect(other.locator(".wl-status.wl-is-note")).to_contain_text("Deleted", timeout=PATIENCE)
    expect(other.locator(".wl-word")).to_have_count(0)
    assert eventually(lambda: other.request.get(media).status in (403, 404))  # once it cannot be undone
    other.goto(page.url)
    expect(other.locator(".wl-status.wl-is-note")).to_contain_text("no longer kept", timeout=PATIENCE)
    other.close()


def test_a_batch_goes_through_to_one_zip(page: Page, speech: Path, tmp_path: Path) -> None:
    second = tmp_path / "another talk.wav"
    second.write_bytes(speech.read_bytes())
    bad = tmp_path / "shopping.txt"
    bad.write_text("milk, bread, a very small lamp\n" * 20)
    choose_many(page, [speech, bad, second])
    page.locator("#start").click()
    expect(page.locator(".wl-status.wl-is-note")).to_contain_text("2 transcribed, 1 not", timeout=PATIENCE)
    items = page.locator(".wl-queue-item")
    expect(items).to_have_count(3)
    expect(items.nth(1)).to_have_class("wl-queue-item wl-is-failed")

    page.locator(".wl-word").first.dblclick()  # of the second talk, which is shown
    page.keyboard.type("Edited")
    page.keyboard.press("Enter")
    items.nth(0).get_by_role("button").click()
    expect(page.locator(".wl-word").first).not_to_have_text("Edited", timeout=PATIENCE)
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.locator("#download-zip").click()
    archive = zipfile.ZipFile(waiting.value.path())
    names = {f"{stem}/{stem}.{format}" for stem in (speech.stem, "another talk") for format in FORMATS}
    assert set(archive.namelist()) == names
    assert archive.read("another talk/another talk.txt").decode().startswith("Edited")
    assert not archive.read(f"{speech.stem}/{speech.stem}.txt").decode().startswith("Edited")

    items.nth(2).get_by_role("button").click()
    expect(page.locator(".wl-word").first).to_have_text("Edited", timeout=PATIENCE)


def test_a_batch_leaves_its_reader_at_what_they_have_chosen(
    page: Page, speech: Path, long_speech: Path
) -> None:
    choose_many(page, [speech, long_speech])
    page.locator("#start").click()
    first, second = (page.locator(".wl-queue-item").nth(n) for n in (0, 1))
    expect(second).to_have_class("wl-queue-item wl-is-working", timeout=PATIENCE)
    heard_more(page)
    expect(second).to_have_attribute("aria-current", "true")
    first.get_by_role("button").click()
    expect(first).to_have_attribute("aria-current", "true", timeout=PATIENCE)
    words = words_of(page)
    for _ in range(2):
        heard_more(page)
    assert words_of(page) == words and page.evaluate("wordlight.store.doc.name") == speech.name

    second.get_by_role("button").click()  # all of it is there, and goes on
    expect(second).to_have_attribute("aria-current", "true")
    assert page.evaluate("wordlight.store.doc.words[0].start") < 3
    count = page.evaluate("wordlight.store.doc.words.length")
    assert count > len(words)
    page.wait_for_function("count => wordlight.store.doc.words.length > count", arg=count, timeout=PATIENCE)
    page.locator("#stop").click()
    finished(page)
    assert len(words_of(page)) > count


def test_a_reload_brings_the_whole_batch_back(
    page: Page, speech: Path, long_speech: Path, tmp_path: Path
) -> None:
    bad, third = tmp_path / "shopping.txt", tmp_path / "third.wav"
    bad.write_text("milk, bread, a very small lamp\n" * 20)
    third.write_bytes(speech.read_bytes())
    states = page.locator(".wl-queue-state")
    choose_many(page, [speech, bad, third])
    page.locator("#start").click()
    expect(page.locator(".wl-status.wl-is-note")).to_contain_text("2 transcribed, 1 not", timeout=PATIENCE)
    told = states.all_text_contents()
    assert (told[0], told[2]) == ("done", "done")
    page.reload()
    expect(states).to_have_text(told, timeout=PATIENCE)
    expect(page.locator("#download-zip")).to_be_visible(timeout=PATIENCE)
    page.locator(".wl-queue-item").first.get_by_role("button").click()
    page.wait_for_function("name => wordlight.store.doc.name === name", arg=speech.name, timeout=PATIENCE)

    choose_many(page, [speech, long_speech, third])
    page.locator("#start").click()
    expect(states.nth(1)).to_have_text("in progress", timeout=PATIENCE)
    heard_more(page)
    page.reload()
    expect(states).to_have_text(["done", "in progress", "waiting"], timeout=PATIENCE)
    heard_more(page)
    page.locator("#stop").click()
    expect(states).to_have_text(["done", "stopped", "not started"], timeout=PATIENCE)
    page.locator(".wl-queue-item").first.get_by_role("button").click()
    page.wait_for_function("name => wordlight.store.doc.name === name", arg=speech.name, timeout=PATIENCE)


def test_what_was_chosen_stays_where_the_next_begins_just_then(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    run = run_of(page)
    begins = "wordlight.store.receive({ media: null, message: next }); return wordlight.store.doc.run"
    recalled = f"async ([run, next]) => {{ await wordlight.kept.show(run); {begins} }}"
    assert page.evaluate(recalled, [run, NEXT]) == run

    kept = {"name": speech.name, "state": "done", "run": run, "token": run}
    batch = json.dumps([kept, {"name": "another", "state": "failed", "run": "another"}])
    page.evaluate("batch => sessionStorage.setItem('wordlight_batch', batch)", batch)
    page.reload()
    expect(page.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)
    page.evaluate("wordlight.store.followRunning(null)")  # as a batch at work is
    clicked = f"next => {{ document.querySelector('.wl-queue-item button').click(); {begins} }}"
    assert page.evaluate(clicked, NEXT) == run  # before the server has answered


def test_what_is_chosen_while_another_is_being_deleted_stays(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    run = run_of(page)
    transcribe(page, speech)
    page.evaluate("wordlight.store.followRunning(null)")  # as a batch at work is
    chosen = """async ([run, next]) => {
      const ask = wordlight.server.ask;
      const blank = new Promise((done) => wordlight.events.on("forgotten", done));
      wordlight.server.ask = async (name, asked) => {
        if (name === "recall") await blank;
        return ask(name, asked);
      };
      document.querySelector("#delete-now").click();
      await wordlight.kept.show(run);
      wordlight.store.receive({ media: null, message: next });
      return wordlight.store.doc.run;
    }"""
    assert page.evaluate(chosen, [run, NEXT]) == run


def test_a_start_that_is_thought_better_of_leaves_the_reader_at_their_edits(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    run = run_of(page)
    correct_first_word(page, "Edited")
    page.locator("#start").click()
    page.get_by_role("dialog").get_by_role("button", name="Stay here").click()
    receive(page, json.loads(NEXT))  # of a batch at work
    assert run_of(page) == run


def test_what_is_being_typed_where_the_next_begins_is_kept_in_its_place(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    run = run_of(page)
    page.locator(".wl-word").first.dblclick()
    page.keyboard.type("Edited")
    receive(page, json.loads(NEXT))
    assert run_of(page) == "next"
    assert page.evaluate("run => wordlight.store.drafts.get(run).words[0].text", run) == "Edited"


def test_only_what_is_shown_is_deleted_and_what_was_never_begun_says_so(
    page: Page, speech: Path, long_speech: Path, tmp_path: Path
) -> None:
    video, third = tmp_path / "talk.webm", tmp_path / "third.wav"
    picture = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=10", "-i", str(speech), "-shortest"]
    subprocess.run(["ffmpeg", "-loglevel", "error", *picture, str(video)], check=True, timeout=60)
    third.write_bytes(speech.read_bytes())
    choose_many(page, [speech, video, long_speech, third])
    page.locator("#start").click()
    items = page.locator(".wl-queue-item")
    states = items.locator(".wl-queue-state")
    expect(items.nth(2)).to_have_class("wl-queue-item wl-is-working", timeout=PATIENCE)
    items.nth(1).get_by_role("button").click()
    expect(page.locator("video.wl-media")).to_be_visible(timeout=PATIENCE)
    correct_first_word(page, "Edited")
    page.locator(".wl-word").nth(1).click()
    page.wait_for_function("!document.querySelector('.wl-media').paused", timeout=PATIENCE)

    media = page.evaluate("wordlight.store.media")
    page.locator("#delete-now").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("deleted with all your corrections")
    dialog.get_by_role("button", name="Delete it").click()
    expect(states.nth(1)).to_have_text("deleted", timeout=PATIENCE)
    assert eventually(lambda: page.request.get(media).status in (403, 404))  # once it cannot be undone
    expect(items.nth(1).get_by_role("button")).to_have_count(0)
    heard_more(page)  # what is at work is shown in its place, over the whole width
    expect(items.nth(2)).to_have_attribute("aria-current", "true")
    words, views = (page.locator(place).bounding_box() or {} for place in (".wl-page", "#results"))
    assert words["width"] > 0.9 * views["width"]

    page.locator("#stop").click()
    expect(page.locator(".wl-status.wl-is-note")).to_contain_text("Stopped", timeout=PATIENCE)
    expect(states).to_have_text(["done", "deleted", "stopped", "not started"])
    items.nth(0).get_by_role("button").click()
    expect(items.nth(0)).to_have_attribute("aria-current", "true", timeout=PATIENCE)
    page.locator("#delete-now").click()
    expect(page.locator(".wl-status.wl-is-note")).to_contain_text(f"Deleted: {speech.name}", timeout=PATIENCE)
    expect(states).to_have_text(["deleted", "deleted", "stopped", "not started"])
    items.nth(2).get_by_role("button").click()
    expect(page.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)


def correct_first_word(page: Page, text: str) -> None:
    # A slow machine may take so long between the two clicks that they are no double one.
    for _ in range(5):
        page.locator(".wl-word").first.dblclick()
        if page.locator(".wl-field").count():
            break
    page.locator(".wl-field").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".wl-word").first).to_have_text(text)


def heard_more(page: Page) -> None:
    """Waits until the work has come further than it is."""
    before = page.locator(".wl-status-detail").text_content()
    page.wait_for_function(
        """before => {
             const now = document.querySelector(".wl-status-detail").textContent;
             return now !== before && /[1-9] /.test(now);
           }""",
        arg=before,
        timeout=PATIENCE,
    )


def test_an_example_runs_with_one_click(page: Page) -> None:
    page.locator("#example-it").click()
    finished(page)
    expect(page.locator(".wl-fact-language dd")).to_have_text("Italian")
    assert {"operatori", "chiamata"} & set(words_of(page))
