"""The link to a transcript keeps its token from every server; links of earlier versions still work."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.support.chromium import LEAVES, PATIENCE, run_of, transcribe
from tests.support.media_files import ffmpeg
from tests.support.recordings import TALK

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page


def shows(page: Page, token: str | None) -> None:
    """Waits until a page that may be loading shows a transcript."""
    shown = "token => window.wordlight?.store.doc.run === token && wordlight.store.doc.meta"
    page.wait_for_function(shown, arg=token, timeout=PATIENCE)


def test_a_link_shows_its_transcript_and_names_it_to_no_server(page: Page, server: str, speech: Path) -> None:
    transcribe(page, speech)
    token = run_of(page)
    assert page.url == f"{server}/#t={token}"

    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.headers.get('referer')}"))
    page.reload()
    shows(page, token)
    assert asked and not [line for line in asked if token in line.partition("#")[0]]

    # A link of earlier versions: read once, then written anew.
    page.goto(f"{server}/?__theme=light&t={token}")
    shows(page, token)
    assert page.url == f"{server}/?__theme=light#t={token}"

    # A link put into the address of the open page.
    page.goto(f"{server}/")
    expect(page.locator("#ready .wl-is-ok")).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("wordlight.server.isConnected()")
    page.evaluate("token => (location.hash = `t=${token}`)", token)
    shows(page, token)

    page.locator("#delete-now").click()
    expect(page).to_have_url(re.compile(r"^[^#]*#?$"), timeout=PATIENCE)
    page.goto(f"{server}/?t={token}")
    expect(page.locator("#status")).to_contain_text("no longer", timeout=PATIENCE)
    assert page.url == f"{server}/#t={token}"


def test_a_reload_and_a_later_visit_open_where_the_reader_was(
    page: Page, server: str, tmp_path: Path
) -> None:
    """Unless the link names another place, or the reader was at the beginning."""
    talk = tmp_path / "talk.wav"
    ffmpeg("-stream_loop", "2", "-i", TALK, talk)
    transcribe(page, talk)
    token = run_of(page)
    page.wait_for_function(LEAVES, timeout=PATIENCE)
    at = page.evaluate("wordlight.store.doc.words.findIndex(({ start }) => start > 60)")
    page.evaluate("at => wordlight.events.emit('point', at)", at)
    start = page.evaluate("at => wordlight.store.doc.words[at].start", at)
    page.reload()
    shows(page, token)
    word = page.locator(f".wl-word >> nth={at}")
    expect(word).to_be_in_viewport()
    page.wait_for_function(f"Math.abs(wordlight.player.position() - {start}) < 0.5", timeout=PATIENCE)
    page.goto(f"{server}/")
    page.goto(f"{server}/#t={token}&at=0")
    page.reload()
    shows(page, token)
    expect(page.locator(".wl-word").first).to_be_in_viewport()
    page.evaluate("wordlight.events.emit('point', 0)")
    page.goto(f"{server}/")
    page.goto(f"{server}/#t={token}")
    page.reload()
    shows(page, token)
    expect(page.locator(".wl-word").first).to_be_in_viewport()


def test_a_recording_that_is_gone_is_not_called_unplayable(page: Page, speech: Path) -> None:
    transcribe(page, speech)
    page.route("**/file=**", lambda route: route.fulfill(status=404))
    page.evaluate("wordlight.player.own.src += '?'")  # not what the browser has already
    expect(page.locator(".wl-unplayable")).to_contain_text("no longer on the server", timeout=PATIENCE)
