"""A real Chromium on the page: how it is started, and what a person does there."""

from __future__ import annotations

import json
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXECUTABLE = "/usr/bin/chromium"
SECONDS = 1000  # Playwright counts in milliseconds
PATIENCE = 180 * SECONDS  # for what the model does, on a machine that may be busy

# Whether the browser lets its reader go without a question.
LEAVES = "window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"

FOX = {"quick", "brown", "fox", "lazy", "dog"}  # of what the clip of `speech` says


ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
)


@contextmanager
def chromium(playwright: Playwright, microphone: Path | None = None) -> Iterator[Browser]:
    """Starts Debian's Chromium. `microphone` is a wav file that it hears in place of a real one.

    Its contexts let no service worker in unless they are made with `service_workers="allow"`: what goes through a
    worker, playwright neither sees nor changes.
    """
    arguments = list(ARGUMENTS)
    if microphone:
        arguments += [
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-audio-capture={microphone}%noloop",
        ]
    browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=arguments)
    for method in ("new_context", "new_page"):
        setattr(browser, method, partial(getattr(browser, method), service_workers="block"))
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def profile(playwright: Playwright, folder: Path) -> Iterator[BrowserContext]:
    """Starts Chromium with a profile in a folder, in which pages can be installed."""
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=EXECUTABLE, args=ARGUMENTS
    )
    try:
        yield context
    finally:
        context.close()


def start_by_hand(page: Page) -> None:
    """Opens the page for a reader who has chosen to start each transcription, which most tests are."""
    # Documents of no origin, such as the blank one that a new frame has at first, have no storage.
    page.add_init_script("if (self.origin !== 'null') localStorage.wordlight_autostart ??= 'off'")


def open_page(page: Page, url: str) -> None:
    start_by_hand(page)
    page.goto(url)
    expect(page.locator("#ready .wl-is-ok")).to_be_visible(timeout=PATIENCE)


def choose_in_dialog(page: Page, press: Callable[[], None], file: Path) -> None:
    """Chooses a file in the dialog that `press` opens, as a person does.

    `page.expect_file_chooser` tells the browser to hand its dialogs over and does not wait until it does: a key pressed
    at once opened the browser's own dialog in 6 of 14 runs. Whatever the page has answered after it was told is late
    enough.
    """
    page.on("filechooser", lambda chosen: None)
    page.evaluate("null")
    with page.expect_file_chooser(timeout=PATIENCE) as asking:
        press()
    asking.value.set_files(file)


def choose(page: Page, file: Path) -> None:
    """Uploads a file in the place of the one that is there."""
    choose_many(page, [file])


def choose_many(page: Page, files: list[Path]) -> None:
    clear = page.locator("#file").get_by_role("button", name="Clear")
    if clear.is_visible():
        clear.click()
    page.locator("#file input[type=file]").set_input_files(files)
    # the files' links, once they have arrived
    expect(page.locator("#file a[href]")).to_have_count(len(files), timeout=PATIENCE)


def transcribe(page: Page, file: Path) -> None:
    """Uploads a file, presses the button and waits for the whole result."""
    choose(page, file)
    before = run_of(page)
    page.locator("#start").click()
    finished(page, before)


def run_of(page: Page) -> str | None:
    return page.evaluate("window.wordlight?.store.doc.run ?? null")


def finished(page: Page, before: str | None = None) -> None:
    """Waits for the whole of another run than `before`."""
    page.wait_for_function(
        "before => wordlight.store.doc.meta && wordlight.store.doc.run !== before",
        arg=before,
        timeout=PATIENCE,
    )
    expect(page.locator("#download-json")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#start")).to_be_enabled(timeout=PATIENCE)


def words_of(page: Page) -> list[str]:
    return [text.strip(" .,!?").lower() for text in page.locator(".wl-word").all_text_contents()]


def receive(page: Page, message: dict[str, Any]) -> None:
    """Gives the page a message as the server would, but for the wire."""
    page.evaluate("message => wordlight.store.receive({ media: null, message })", json.dumps(message))


def download(page: Page, format: str) -> tuple[str, str]:
    """Presses a format's button; returns the file's name and text."""
    page.wait_for_timeout(100)  # Chromium drops the eleventh download within a second
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.locator(f"#download-{format}").click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_text("utf-8")


def settled(page: Page) -> None:
    """Waits until every word that has arrived is drawn."""
    page.wait_for_function(
        "document.querySelectorAll('.wl-word').length === wordlight.store.doc.words.length", timeout=PATIENCE
    )


def hundredths(seconds: float) -> Decimal:
    """Returns seconds as the page writes them in English: 0.975 is rounded up, and so is what a sum makes of it."""
    return Decimal(str(round(seconds, 6))).quantize(Decimal("0.01"), ROUND_HALF_UP)


def shown(page: Page) -> str:
    """Returns the text of the transcript, with an empty line between paragraphs."""
    return "\n\n".join(page.locator(".wl-paragraph").all_text_contents())


def on(page: Page, text: str) -> None:
    """Puts the keyboard on the first word with a text."""
    page.locator(".wl-word", has_text=text).first.focus()


def swipe(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    """Draws a finger over the screen as a hand does, in steps."""
    session = page.context.new_cdp_session(page)
    (x, y), steps = start, 10
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, steps + 1):
        point = {"x": x + by[0] * step / steps, "y": y + by[1] * step / steps}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        page.wait_for_timeout(16)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
