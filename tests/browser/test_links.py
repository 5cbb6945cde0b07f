"""The link to a transcript keeps its token from every server; links of earlier versions still work."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.support.chromium import PATIENCE, run_of, transcribe

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
