"""The login page: it says why signing in fails, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.app import launch
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PATIENCE = 90_000  # milliseconds, on a machine that may be busy


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app that locks an address out after one wrong password; no test needs its models."""
    settings = {"WORDLIGHT_AUTH": "ann:secret", "WORDLIGHT_LOGIN_FAILURES": "1"}
    with launch(tmp_path_factory.mktemp("sign_in"), **settings) as (url, _):
        assert eventually(lambda: is_up(url))
        yield url


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live").status_code == 200
    except httpx.TransportError:
        return False


CONNECT = """async (ticket) => {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/v1/live`);
  socket.onopen = () => socket.send(JSON.stringify({ type: "start", ticket }));
  const { data } = await new Promise((resolve) => (socket.onmessage = resolve));
  socket.close();
  const { type, error } = JSON.parse(data);
  return error?.code ?? type;
}"""


def test_a_reader_who_has_signed_in_opens_a_live_connection_with_a_ticket(
    browser: Browser, closed: str
) -> None:
    """Before the test of wrong passwords, which lock this address out."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(closed)
    page.locator("input").nth(0).fill("ann", timeout=PATIENCE)
    page.locator("input[type=password]").fill("secret")
    page.locator("input[type=password]").press("Enter")
    page.wait_for_function("window.wordlight?.server.isConnected()", timeout=PATIENCE)
    ticket = page.evaluate("wordlight.server.ask('live_ticket', {}).then(({ ticket }) => ticket)")
    assert page.evaluate(CONNECT, ticket) != "unauthorized"
    assert page.evaluate(CONNECT, ticket) == "unauthorized", "it has been used"
    assert page.evaluate(CONNECT, "") == "unauthorized"
    context.close()


def test_who_must_wait_is_told_for_how_long(browser: Browser, closed: str) -> None:
    page = browser.new_context(locale="de-DE").new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(closed)
    statuses: list[int] = []
    page.on("response", lambda entry: statuses.append(entry.status) if entry.url.endswith("/login") else None)
    name, password = page.locator("input").nth(0), page.locator("input[type=password]")
    for _ in range(2):
        name.fill("ann", timeout=PATIENCE)
        password.fill("wrong")
        with page.expect_response("**/login", timeout=PATIENCE):
            password.press("Enter")
        if statuses == [400]:
            expect(page.get_by_role("alert")).to_have_count(0)
            expect(password).to_have_value("")
    assert statuses == [400, 429]
    expect(page.get_by_role("alert")).to_contain_text("zu viele falsche Passwörter")
    expect(page.get_by_role("alert")).not_to_contain_text("{seconds}")
    assert broken == []
