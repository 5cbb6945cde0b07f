"""Which hosts are answered to, whose writes are taken, and whose word about the client is believed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from engine import Config
from engine.errors import SetupError
from engine.hosting.space import PROXIES as SPACE_PROXIES
from server.forwarded import ForwardedHeaders, TrustedProxies
from server.hosts import AllowedHosts
from tests.support.app import App
from tests.support.route_table import FRIEND, ClosedApp

ENEMY = "https://enemy.example"
PATHS = ["/", "/health/live", "/gradio_api/info", "/config", "/nothing", "/transcribe"]
WRITES = ["/gradio_api/cancel", "/gradio_api/queue/join", "/gradio_api/upload", "/transcribe", "/login"]


@pytest.fixture(scope="module")
def client(closed_app: ClosedApp) -> Iterator[httpx.Client]:
    with closed_app.signed_in() as client:
        yield client


# Hosts


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    ["enemy.example", "127.0.0.1.enemy.example", "localhost.enemy.example:7860", "localhost@enemy", "[::2]"],
)
def test_another_host_is_not_answered_to(app: App, path: str, host: str) -> None:
    answer = httpx.request("POST" if path == "/transcribe" else "GET", app.url + path, headers={"Host": host})
    assert answer.status_code == 421
    error = answer.json()["error"]
    assert error["code"] == "unknown_host" and "WORDLIGHT_ALLOWED_HOSTS" in error["hint"]


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:80", "localhost.", "127.0.0.1:9", "[::1]:9", "a.localhost"]
)
def test_a_loopback_host_is_answered_to(app: App, host: str) -> None:
    assert httpx.get(f"{app.url}/health/live", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("allowed", "server_name", "host", "known"),
    [
        ("auto", "127.0.0.1", "enemy.example", False),
        ("auto", "0.0.0.0", "any.example", True),
        ("auto", "::", "any.example", True),
        ("auto", "10.0.0.5", "10.0.0.5:7860", True),
        ("auto", "10.0.0.5", "any.example", False),
        ("auto", "box.lan", "BOX.lan:1", True),
        ("a.example,b.example", "0.0.0.0", "b.example:443", True),
        ("a.example,b.example", "0.0.0.0", "c.example", False),
        ("*.example.org", "0.0.0.0", "a.b.example.org", True),
        ("*.example.org", "0.0.0.0", "example.org", False),
        ("*.example.org", "0.0.0.0", "evilexample.org", False),
        ("*", "127.0.0.1", "any.example", True),
        ("a.example", "0.0.0.0", "localhost", True),
        ("a.example", "0.0.0.0", "space.hf.space", True),
        ("a.example", "0.0.0.0", "shared.gradio.live", True),
        ("a.example", "0.0.0.0", "", False),
        ("a.example", "0.0.0.0", "a.example/path", False),
        ("2001:db8::1", "0.0.0.0", "[2001:db8::1]:80", True),
    ],
)
def test_the_setting_names_hosts(allowed: str, server_name: str, host: str, known: bool) -> None:
    config = Config.from_env({"WORDLIGHT_ALLOWED_HOSTS": allowed, "GRADIO_SERVER_NAME": server_name})
    hosts = AllowedHosts(
        config.allowed_hosts, config.server_name, ["space.hf.space"], lambda: ["shared.gradio.live"]
    )
    assert (host in hosts) is known


# Writes of other sites


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ENEMY},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "file://"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": ENEMY, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_of_another_site_cannot_write(
    client: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    answer = client.post(path, content=b"{}", headers={"Content-Type": "text/plain", **headers})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "refused")


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("origin", ["own", "friend", "program", "own, of another host's name"])
def test_the_page_its_friends_and_programs_can(client: httpx.Client, path: str, origin: str) -> None:
    headers = {
        "own": {"Origin": f"http://{client.base_url.netloc.decode()}", "Sec-Fetch-Site": "same-origin"},
        "friend": {"Origin": FRIEND, "Sec-Fetch-Site": "cross-site"},
        "program": {},
        # Where a proxy rewrites the host, the browser's own word still tells.
        "own, of another host's name": {"Origin": "https://public.example", "Sec-Fetch-Site": "same-origin"},
    }[origin]
    assert client.post(path, content=b"{}", headers=headers).status_code != 403


def test_an_own_origin_passes_without_the_browser_s_word(client: httpx.Client) -> None:
    host = client.base_url.netloc.decode()
    for origin in (f"http://{host}", f"HTTP://{host}".lower()):
        answer = client.post("/gradio_api/cancel", content=b"{}", headers={"Origin": origin})
        assert answer.status_code == 422


def test_another_site_cannot_sign_a_reader_out(closed_app: ClosedApp) -> None:
    with closed_app.signed_in() as client:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": ENEMY}):
            assert client.get("/logout", headers=headers).status_code == 403
        assert client.get("/config").status_code == 200
        client.get("/logout", headers={"Sec-Fetch-Site": "same-origin"})
        assert client.get("/config").status_code == 401


def test_a_page_of_another_site_may_be_linked_from(app: App) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert httpx.get(app.url, headers=headers).status_code == 200


# Proxies


def resolved(proxies: tuple[str, ...], peer: str, **headers: str) -> dict[str, Any]:
    """Returns the scope that the application sees of a request."""
    seen: dict[str, Any] = {}

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        seen.update(scope)

    async def nothing(*_: Message) -> Any:
        return None

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "scheme": "http", "client": (peer, 1), "headers": [(b"host", b"inner"), *raw]}
    middleware = ForwardedHeaders(application, TrustedProxies(proxies), lambda: ["shared.gradio.live"])
    asyncio.run(middleware(scope, nothing, nothing))
    return seen


@pytest.mark.parametrize(
    ("proxies", "peer", "hops", "client"),
    [
        ((), "127.0.0.1", "6.6.6.6", "127.0.0.1"),
        (("10.0.0.1",), "127.0.0.1", "6.6.6.6", "127.0.0.1"),
        (("10.0.0.1",), "10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (("10.0.0.0/8",), "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4"),
        (("*",), "172.16.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (("*",), "172.16.0.1", "", "172.16.0.1"),
        (("*",), "172.16.0.1", "6.6.6.6, rubbish", "172.16.0.1"),
        (("*",), "172.16.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        (("*",), "172.16.0.1", "1.2.3.4:5678", "1.2.3.4"),
        (("127.0.0.1",), "127.0.0.1", "127.0.0.1", "127.0.0.1"),
        # Behind a Space's proxies, of which the last one may be seen by another.
        (SPACE_PROXIES, "10.16.3.80", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (SPACE_PROXIES, "10.16.3.80", "6.6.6.6, 1.2.3.4, 10.16.9.9", "1.2.3.4"),
        (SPACE_PROXIES, "10.16.3.80", "10.1.1.1, 2001:db8::1, 100.64.0.7", "2001:db8::1"),
        (SPACE_PROXIES, "1.2.3.4", "6.6.6.6", "1.2.3.4"),
    ],
)
def test_the_client_is_the_hop_that_a_trusted_proxy_saw(
    proxies: tuple[str, ...], peer: str, hops: str, client: str
) -> None:
    assert resolved(proxies, peer, x_forwarded_for=hops)["client"][0] == client


def test_no_forwarding_header_gets_to_the_application() -> None:
    sent = {
        "x_forwarded_for": "1.2.3.4",
        "x_forwarded_host": "public.example",
        "x_forwarded_proto": "https",
        "x_gradio_server": "https://enemy.example",
        "forwarded": "host=enemy.example",
    }
    for proxies in ((), ("*",)):
        names = {name for name, _ in resolved(proxies, "127.0.0.1", **sent)["headers"]}
        assert names == {b"host"}
    believed = resolved(("*",), "127.0.0.1", **sent)
    assert (believed["scheme"], dict(believed["headers"])[b"host"]) == ("https", b"public.example")
    unbelieved = resolved((), "127.0.0.1", **sent)
    assert (unbelieved["scheme"], dict(unbelieved["headers"])[b"host"]) == ("http", b"inner")


def test_nobody_is_believed_unless_named_but_the_proxy_of_a_space() -> None:
    assert Config.from_env({}).trusted_proxies == ()
    assert Config.from_env({"SPACE_ID": "a/b"}).trusted_proxies == SPACE_PROXIES
    named = {"SPACE_ID": "a/b", "FORWARDED_ALLOW_IPS": "10.0.0.1"}
    assert Config.from_env(named).trusted_proxies == ("10.0.0.1",)
    with pytest.raises(SetupError):
        TrustedProxies(["proxy.example"])


def test_a_forged_host_does_not_reach_the_page(app: App) -> None:
    forged = {
        "X-Forwarded-Host": "enemy.example",
        "X-Forwarded-Proto": "https",
        "X-Gradio-Server": ENEMY,
        "X-Forwarded-For": "6.6.6.6",
    }
    for path in ("/", "/config", "/gradio_api/info"):
        answer = httpx.get(app.url + path, headers=forged)
        assert answer.status_code == 200 and "enemy.example" not in answer.text
    assert httpx.get(f"{app.url}/config", headers=forged).json()["root"] == app.url
