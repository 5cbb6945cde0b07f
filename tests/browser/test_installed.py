"""The page as an app in a real browser: it can be installed, takes shares, and says that the server is gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import expect

from page.components import ASSETS
from page.installable import ICONS, OPENED
from page.texts import TEXTS
from tests.browser.icons import drawn
from tests.support.app import free_port, launch, wait_until_ready
from tests.support.axe import violations
from tests.support.chromium import FOX, PATIENCE, finished, profile, run_of, words_of
from tests.support.shares import posting
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Playwright, Response

pytestmark = pytest.mark.browser

ENGLISH = TEXTS["en"]
NAME = "Mémo vocal.wav"
READY = "navigator.serviceWorker.ready.then(({ active }) => active.state)"
KEPT = (
    "caches.open('wordlight-shared').then((stash) => stash.keys()).then((keys) => keys.map(({ url }) => url))"
)
SETTLED = """() => navigator.serviceWorker.getRegistration().then(
  ({ installing, waiting, active }) => !installing && !waiting && active.state === "activated"
)"""
LATER = "Nobody is at home"
LATER_VERSION = f"""
import runpy, sys
sys.path.insert(0, ".")
from page.texts import TEXTS
TEXTS["en"]["offline_title"] = "{LATER}"
runpy.run_path("app.py", run_name="__main__")
"""
FORGOTTEN = """caches.open("wordlight-shared").then((stash) => stash.put(
  "/share-target/old/0", new Response("sound", { headers: { "X-Name": "old.wav", "X-Kept": "1" } })
))"""


@pytest.fixture
def visitor(browser: Browser, server: str) -> Iterator[Page]:
    """The page in a browser whose service worker has come up."""
    context = browser.new_context(service_workers="allow")
    page = context.new_page()
    page.goto(server)
    assert page.evaluate(READY) in ("activating", "activated")
    yield page
    context.close()


def share(page: Page, recording: Path, address: str, kilobytes: int = 0) -> None:
    """Shares a recording from the page that is open."""
    with page.expect_navigation(timeout=PATIENCE, wait_until="commit"):
        page.evaluate(posting(recording, address, NAME, kilobytes))


def heard(page: Page) -> set[str]:
    """Waits for the page, if it is still coming, and for a transcript; returns its words."""
    page.wait_for_function("window.wordlight", timeout=PATIENCE)
    finished(page)
    return {*words_of(page)}


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live").status_code == 200
    except httpx.TransportError:
        return False


def test_chromium_installs_the_app_and_opens_recordings_with_it(
    playwright: Playwright, server: str, speech: Path, tmp_path: Path
) -> None:
    with profile(playwright, tmp_path / "profile") as context:
        page = context.new_page()
        page.goto(server)
        session = context.new_cdp_session(page)
        answer = session.send("Page.getAppManifest")
        assert answer["errors"] == [] and answer["url"] == f"{server}/manifest.json"
        parsed = answer["manifest"]
        assert (parsed["id"], parsed["startUrl"], parsed["scope"]) == (f"{server}/",) * 3
        assert parsed["shareTarget"]["action"] == f"{server}/share-target"
        assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []

        app = {"manifestId": parsed["id"]}
        session.send("PWA.install", {**app, "installUrlOrBundleUrl": server})
        [handler] = session.send("PWA.getOsAppState", app)["fileHandlers"]
        accepted = {entry["mediaType"]: entry["fileExtensions"] for entry in handler["accepts"]}
        assert accepted == OPENED
        with context.expect_page(timeout=PATIENCE) as opened:
            session.send("PWA.launchFilesInApp", {**app, "files": [str(speech)]})
        assert heard(opened.value) >= FOX


def test_a_shared_recording_is_transcribed(visitor: Page, server: str, speech: Path) -> None:
    posted: list[bool] = []
    is_share = re.compile("POST .*/share-target$")

    def note(entry: Response) -> None:
        if is_share.match(f"{entry.request.method} {entry.url}"):
            posted.append(entry.from_service_worker)

    visitor.on("response", note)
    share(visitor, speech, server)
    assert heard(visitor) >= FOX
    expect(visitor.locator(".wl-name")).to_have_text(NAME, timeout=PATIENCE)
    assert posted == [True], "the server has not had it"
    assert "shared" not in visitor.url
    assert visitor.evaluate(KEPT) == [], "nor does the browser keep it"
    visitor.reload()
    expect(visitor.locator("#ready .wl-is-ok")).to_be_visible(timeout=PATIENCE)
    expect(visitor.locator("#file a[href]")).to_have_count(0)


def test_a_share_outlives_a_reload_before_the_server_has_it(visitor: Page, server: str, speech: Path) -> None:
    visitor.route("**/upload?*", lambda route: route.abort())
    share(visitor, speech, server)
    visitor.wait_for_function("window.wordlight && !location.hash.includes('shared')", timeout=PATIENCE)
    assert len(visitor.evaluate(KEPT)) == 1
    visitor.unroute("**/upload?*")
    visitor.reload()
    assert heard(visitor) >= FOX


def test_a_share_during_a_run_waits_for_its_end(
    visitor: Page, server: str, long_speech: Path, speech: Path
) -> None:
    visitor.locator("#file input[type=file]").set_input_files(long_speech)
    expect(visitor.locator(".wl-word").first).to_be_visible(timeout=PATIENCE)
    first, says = run_of(visitor), visitor.locator(".wl-autostart-label span")
    share(visitor, speech, server)
    expect(says).to_have_text(ENGLISH["autostart_waits"], timeout=PATIENCE)
    assert run_of(visitor) == first and visitor.evaluate("wordlight.runs.busy")
    visitor.locator("#stop").click()
    finished(visitor, first)
    expect(visitor.locator(".wl-name")).to_have_text(NAME, timeout=PATIENCE)


def test_a_share_that_no_page_has_taken_is_deleted_in_time(visitor: Page) -> None:
    visitor.evaluate(FORGOTTEN)
    assert len(visitor.evaluate(KEPT)) == 1
    visitor.reload()
    visitor.wait_for_function(f"{KEPT}.then((kept) => !kept.length)", timeout=PATIENCE)


def test_a_share_that_could_not_be_kept_is_told(visitor: Page, server: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.wav"
    empty.touch()
    share(visitor, empty, server)
    expect(visitor.locator(".wl-is-note .wl-status-text")).to_have_text(
        ENGLISH["shared_lost"], timeout=PATIENCE
    )
    assert "shared" not in visitor.url
    visitor.reload()
    expect(visitor.locator("#ready .wl-is-ok")).to_be_visible(timeout=PATIENCE)
    expect(visitor.locator(".wl-status")).to_be_hidden()


def test_the_reader_is_asked_about_what_another_site_shares(visitor: Page, server: str, speech: Path) -> None:
    visitor.goto(server.replace("127.0.0.1", "localhost"))
    share(visitor, speech, server)
    expect(visitor.locator("h1")).to_have_text(ENGLISH["share_foreign_title"], timeout=PATIENCE)
    assert visitor.url.startswith(f"{server}/share-target#shared=")
    visitor.get_by_role("button", name=ENGLISH["share_foreign_take"]).click()
    assert heard(visitor) >= FOX


def test_without_a_worker_the_reader_is_told_what_to_do(browser: Browser, server: str, speech: Path) -> None:
    page = browser.new_page(locale="fr-FR", color_scheme="dark")
    page.goto(server)
    share(page, speech, server, kilobytes=8000)
    expect(page.locator("h1")).to_have_text(TEXTS["fr"]["share_title"], timeout=PATIENCE)
    assert violations(page) == []
    page.get_by_role("button", name=TEXTS["fr"]["share_open"]).click()
    expect(page.locator("#ready .wl-is-ok")).to_be_visible(timeout=PATIENCE)
    page.close()


def test_the_reader_is_told_that_the_server_is_gone_and_the_share_waits(
    browser: Browser, speech: Path, tmp_path: Path
) -> None:
    port = str(free_port())
    url = f"http://127.0.0.1:{port}"
    context = browser.new_context(service_workers="allow", locale="de-DE")
    page = context.new_page()
    with launch(tmp_path, GRADIO_SERVER_PORT=port):
        assert eventually(lambda: is_up(url))
        page.goto(url)
        page.evaluate(READY)
    german = TEXTS["de"]
    page.goto(f"{url}/?__theme=light")
    expect(page.locator("h1")).to_have_text(german["offline_title"], timeout=PATIENCE)
    expect(page.locator("#why")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#shared")).to_be_hidden()
    share(page, speech, url)
    expect(page.locator("#shared")).to_have_text(german["offline_shared"], timeout=PATIENCE)
    assert violations(page) == []
    page.get_by_role("button", name=german["offline_again"]).click()
    expect(page.locator("#shared")).to_be_visible(timeout=PATIENCE)
    with launch(tmp_path, GRADIO_SERVER_PORT=port) as (_, process):
        wait_until_ready(url, process, tmp_path / "server.log")
        assert heard(page) >= FOX
        context.close()


def test_a_new_worker_takes_over_at_once(browser: Browser, tmp_path: Path) -> None:
    """While the page of the old one is open. What a later version says if the server is gone is another sentence."""
    port = str(free_port())
    url = f"http://127.0.0.1:{port}"
    context = browser.new_context(service_workers="allow")
    page = context.new_page()
    with launch(tmp_path, GRADIO_SERVER_PORT=port):
        assert eventually(lambda: is_up(url))
        page.goto(url)
        page.evaluate(READY)
    with launch(tmp_path, ("-c", LATER_VERSION), GRADIO_SERVER_PORT=port):
        assert eventually(lambda: is_up(url))
        page.evaluate("navigator.serviceWorker.ready.then((known) => known.update()).then(() => true)")
        page.wait_for_function(SETTLED, timeout=PATIENCE)
    page.goto(url)
    expect(page.locator("h1")).to_have_text(LATER, timeout=PATIENCE)
    context.close()


def test_the_app_takes_shares_below_a_prefix_and_behind_a_login(
    browser: Browser, speech: Path, tmp_path: Path
) -> None:
    """Also of a reader who has been signed out meanwhile: the share waits for the password."""
    settings = {"GRADIO_ROOT_PATH": "/speech", "WORDLIGHT_AUTH": "ann:secret"}
    context = browser.new_context(service_workers="allow")
    page = context.new_page()
    with launch(tmp_path, **settings) as (url, process):
        wait_until_ready(url, process, tmp_path / "server.log")
        page.goto(f"{url}/speech/")
        sign_in(page)
        expect(page.locator("#ready .wl-is-ok")).to_be_visible(timeout=PATIENCE)
        page.evaluate(READY)
        scope = page.evaluate("navigator.serviceWorker.ready.then(({ scope }) => scope)")
        assert scope == f"{url}/speech/"
        context.clear_cookies()
        share(page, speech, f"{url}/speech")
        sign_in(page)
        assert heard(page) >= FOX
        context.close()


def sign_in(page: Page) -> None:
    page.get_by_label("username").fill("ann", timeout=PATIENCE)
    page.get_by_label("password").fill("secret")
    page.get_by_role("button", name="Login").click()


def test_a_page_in_a_frame_has_no_worker(browser: Browser, server: str) -> None:
    context = browser.new_context(service_workers="allow")
    page = context.new_page()
    page.goto(f"{server}/health/live")
    page.evaluate(
        "document.body.replaceChildren(Object.assign(document.createElement('iframe'), { src: '/' }))"
    )
    frame = page.frame_locator("iframe")
    expect(frame.locator("#ready .wl-is-ok")).to_be_attached(timeout=PATIENCE)
    page.wait_for_timeout(3000)  # a page of its own would have registered one by now
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(({ length }) => length)") == 0
    context.close()


def test_what_is_no_document_passes_the_worker_by(visitor: Page) -> None:
    answers: list[tuple[str, bool]] = []
    visitor.on("response", lambda entry: answers.append((entry.url, entry.from_service_worker)))
    visitor.reload()
    expect(visitor.locator("#ready .wl-is-ok")).to_be_visible(timeout=PATIENCE)
    assert visitor.evaluate("Boolean(navigator.serviceWorker.controller)")
    assert [url for url, is_worked in answers if is_worked] == [visitor.url]


@pytest.mark.parametrize(("kind", "name"), ICONS.items())
def test_the_icons_are_those_of_the_picture(browser: Browser, kind: tuple[str, str], name: str) -> None:
    sizes, purpose = kind
    known = Image.open(ASSETS / name).convert("RGBA")
    fresh = drawn(browser, int(sizes.partition("x")[0]), purpose)
    assert known.size == fresh.size
    # Pixels that are clearly another colour, in any channel; at edges, versions of Chromium differ.
    apart = ImageChops.difference(known, fresh).point(lambda value: value > 32 and 255)
    assert max(ImageStat.Stat(apart).mean) / 255 < 0.001, "draw them anew, see icons.py"
