"""Bodies of every route: unread before the caller may come in, and bounded afterwards."""

from __future__ import annotations

import asyncio
import json
import select
import socket
from collections.abc import Iterator

import httpx
import pytest
from starlette.types import Message

from engine.config import Config
from engine.errors import Busy, InputError, TooLarge
from page.gradio_patches.routes import RULES
from server import rules
from server.body_limits import DOCUMENTS_BYTES, EVENT_BYTES, IDS_BYTES, KIB, MIB, JsonBody, JsonBudget
from server.json_limits import MAX_DEPTH, MAX_VALUES, check_json
from server.multipart_limits import MAX_FILES, FilesOnly
from server.route_rules import Caller, KnownRoute, RouteTable, Rule
from tests.support.app import MAX_BYTES
from tests.support.route_table import KEY, ClosedApp

ANNOUNCED = 400_000_000  # bytes
GROWTH = 64 * MIB  # of memory, for all requests of a test together
CHUNK = 64 * KIB
JSON_ROUTES = {
    "/gradio_api/cancel": IDS_BYTES,
    "/gradio_api/reset": IDS_BYTES,
    "/gradio_api/queue/join": EVENT_BYTES,
    "/gradio_api/call/transcribe": EVENT_BYTES,
    "/gradio_api/call/v2/transcribe": EVENT_BYTES,
    "/gradio_api/run/predict": EVENT_BYTES,
    "/gradio_api/component_server": DOCUMENTS_BYTES,
}
REFUSED = (401, 403, 413)
FORM = "Content-Type: application/x-www-form-urlencoded"


@pytest.fixture
def flat(closed_app: ClosedApp) -> Iterator[None]:
    """The process has no more memory after the test than before it, and lives."""
    before = closed_app.memory("VmHWM")
    yield
    assert closed_app.memory("VmHWM") - before < GROWTH
    assert httpx.get(f"{closed_app.url}/health/live").status_code == 200


def concrete(path: str) -> str:
    """Returns a path of a route, with something for each of its parameters."""
    parts = path.split("{")
    return parts[0] + "".join("1" + part.partition("}")[2] for part in parts[1:])


def head_of(method: str, path: str, *headers: str, cookie: str = "") -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        *headers,
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def status_of(connection: socket.socket) -> int:
    answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 "), answer[:80]
    return int(answer.split()[1])


def answered_while_sending(connection: socket.socket, head: bytes, content: bytes, chunked: bool) -> int:
    """Sends a body of 400 MB until an answer begins; returns its status."""
    connection.sendall(head)
    sent = 0
    while sent < ANNOUNCED and not select.select([connection], [], [], 0)[0]:
        chunk = content * (CHUNK // len(content))
        connection.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
        sent += len(chunk)
    assert sent < ANNOUNCED, "the body was read whole"
    return status_of(connection)


def every_request(app: ClosedApp) -> list[tuple[str, str, str]]:
    """Returns (route, method, path) for each route and method, and for POST where there is none."""
    return [
        (path, method, concrete(path))
        for path, methods in app.routes
        for method in sorted({*methods, "POST"} - {"HEAD"})
    ]


def rule_of(route: str) -> Rule:
    """Returns the rule of one of gradio's routes; the plain ones are as open as the login form."""
    return RULES.get(route) or RULES.get(route.rstrip("/")) or RULES["/login"]


# The table of all routes


def test_every_route_has_a_rule(closed_app: ClosedApp) -> None:
    plain = {
        "/transcribe",
        "/align",
        "/languages",
        "/health",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/openapi.json",
        "/lint",
        "/asr",
        "/detect-language",
        "/service-worker.js",
        "/share-target",
    }
    named = {*RULES, *(f"{path}/" for path in RULES), *plain}
    missing = {path for path, _ in closed_app.routes} - named
    # What is beneath has rules made with its routes: OpenAI's, and the page's own scripts and pictures.
    ruled = ("/v1/", "/jobs", "/mcp", "/page-files/")
    assert not {path for path in missing if not path.startswith(ruled)}, "decide who may call these"


def test_every_rule_is_of_a_route(closed_app: ClosedApp) -> None:
    known = {path for path, _ in closed_app.routes}
    assert not [path for path in RULES if path not in known and f"{path}/" not in known]


def test_a_route_that_no_rule_names_is_closed_and_small() -> None:
    table = RouteTable([KnownRoute("/gradio_api/new/{id}", frozenset({"POST"}))], RULES)
    rule = table.rule_of("/gradio_api/new/1", "POST")
    assert (rule.caller, rule.max_bytes) == (Caller.SIGNED_IN, IDS_BYTES)


@pytest.mark.usefixtures("flat")
@pytest.mark.parametrize("chunked", [False, True])
def test_nothing_is_read_of_a_caller_without_credentials(closed_app: ClosedApp, chunked: bool) -> None:
    size = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {ANNOUNCED}"
    for route, method, path in every_request(closed_app):
        if method == "GET" and route.endswith(("heartbeat/{session_hash}", "queue/data")):
            assert httpx.get(closed_app.url + path).status_code == 401
        with closed_app.connected() as connection:
            connection.sendall(head_of(method, path, size, FORM))
            if chunked:  # never ended; more than any ceiling of a route that is open
                connection.sendall(b"11000\r\n" + bytes(0x11000) + b"\r\n")
            status = status_of(connection)
        known_to_be_open = not route.startswith("/gradio_api") or rule_of(route).caller is Caller.ANYONE
        assert status in REFUSED or (known_to_be_open and status < 500), (method, route, status)
        methods = next(methods for known, methods in closed_app.routes if known == route)
        if method == "POST" and "POST" in methods:
            assert status in REFUSED, (method, route, status)


@pytest.mark.usefixtures("flat")
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", [*JSON_ROUTES, "/gradio_api/upload", "/transcribe", "/login"])
def test_400_megabytes_without_a_login_are_not_read(closed_app: ClosedApp, path: str, chunked: bool) -> None:
    size = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {ANNOUNCED}"
    with closed_app.connected() as connection:
        head = head_of("POST", path, size, FORM)
        assert answered_while_sending(connection, head, b" " * KIB, chunked) in REFUSED


@pytest.mark.usefixtures("flat")
def test_400_megabytes_with_a_login_are_refused_by_their_length(closed_app: ClosedApp) -> None:
    cookie = cookies_of(closed_app)
    for route, method, path in every_request(closed_app):
        with closed_app.connected() as connection:
            size = f"Content-Length: {ANNOUNCED}"
            kind = "Content-Type: multipart/form-data; boundary=b"
            connection.sendall(head_of(method, path, size, kind, f"X-API-Key: {KEY}", cookie=cookie))
            status = status_of(connection)
        closed = rule_of(route).caller is Caller.NOBODY
        assert status == (403 if closed else 413), (method, route, status)


@pytest.mark.usefixtures("flat")
@pytest.mark.parametrize(("path", "ceiling"), JSON_ROUTES.items())
def test_a_body_of_unknown_length_is_refused_at_the_ceiling(
    closed_app: ClosedApp, path: str, ceiling: int
) -> None:
    cookie = cookies_of(closed_app)
    with closed_app.connected() as connection:
        kind = "Content-Type: application/json"
        connection.sendall(head_of("POST", path, "Transfer-Encoding: chunked", kind, cookie=cookie))
        for _ in range(ceiling // CHUNK):
            connection.sendall(b"%x\r\n%b\r\n" % (CHUNK, b" " * CHUNK))
        assert not select.select([connection], [], [], 0.2)[0], "refused below the ceiling"
        connection.sendall(b"1\r\n \r\n")
        assert status_of(connection) == 413


def cookies_of(app: ClosedApp) -> str:
    with app.signed_in() as client:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


def test_a_refusal_says_why_to_every_client(closed_app: ClosedApp) -> None:
    with closed_app.signed_in() as client:
        for path, ceiling in JSON_ROUTES.items():
            if ceiling == IDS_BYTES:
                answer = client.post(path, content=b" " * (ceiling + 1))
                assert answer.status_code == 413
                error = answer.json()["error"]
                assert error["code"] == "too_large" and "64 KiB" in error["message"] and error["hint"]
                assert answer.json()["detail"].startswith(error["message"])
    answer = httpx.post(f"{closed_app.url}/v1/audio/transcriptions", content=bytes(3 * MAX_BYTES))
    assert answer.status_code == 413
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
    answer = httpx.post(f"{closed_app.url}/gradio_api/cancel", json={})
    assert answer.status_code == 401
    assert answer.json()["detail"]["error"] == "Not authenticated"


def test_what_is_below_the_ceiling_is_let_through(closed_app: ClosedApp) -> None:
    with closed_app.signed_in() as client:
        ids = {"session_hash": "a", "fn_index": 1, "event_id": "b"}
        padding = " " * (IDS_BYTES - len(json.dumps(ids)))
        answer = client.post(
            "/gradio_api/cancel",
            content=json.dumps(ids) + padding,
            headers={"Content-Type": "application/json"},
        )
        assert answer.json() == {"success": True}
        call = {"session_hash": "a", "component_id": 10**6, "fn_name": "export", "data": " " * (20 * MIB)}
        assert client.post("/gradio_api/component_server", json=call).status_code == 404


# JSON


@pytest.mark.usefixtures("flat")
@pytest.mark.parametrize("path", [path for path, ceiling in JSON_ROUTES.items() if ceiling >= EVENT_BYTES])
@pytest.mark.parametrize(
    ("bomb", "status"),
    [
        (b"[" * 1_000_000, 413),
        (b"[" * 100_000 + b"]" * 100_000, 400),
        (b'{"data":' * 100_000, 400),
        (b"[" + b"[]," * 2_000_000 + b"0]", 413),
        (b"[" + b"{}," * 2_000_000 + b"0]", 413),
        (b"[" + b"1.5," * 1_500_000 + b"0]", 413),
    ],
    ids=["open", "deep", "objects", "lists", "empty objects", "numbers"],
)
def test_a_json_bomb_is_refused_before_it_is_parsed(
    closed_app: ClosedApp, path: str, bomb: bytes, status: int
) -> None:
    with closed_app.signed_in() as client:
        answer = client.post(path, content=bomb, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["detail"]


@pytest.mark.parametrize("depth", [1, MAX_DEPTH, MAX_DEPTH + 1, 3 * MAX_DEPTH])
@pytest.mark.parametrize("filling", ["", '"[[[["', '"\\"[[[["', '"\\\\"', '"x' + "[" * 200_000 + '"'])
def test_nesting_is_counted_outside_strings_alone(depth: int, filling: str) -> None:
    body = ("[" * depth + filling + "]" * depth).encode()
    if depth > MAX_DEPTH:
        with pytest.raises(InputError):
            check_json(body)
    else:
        assert check_json(body) >= depth


def test_values_are_counted() -> None:
    assert check_json(b"[" + b"0," * (MAX_VALUES - 3) + b"0]") <= MAX_VALUES
    with pytest.raises(TooLarge):
        check_json(b"[" + b"0," * MAX_VALUES + b"0]")


def test_bodies_of_all_requests_have_a_budget_together() -> None:
    async def body(*chunks: bytes) -> JsonBody:
        left = list(chunks)

        async def receive() -> Message:
            chunk = left.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(left)}

        return JsonBody(receive, 8 * MIB, budget)

    async def scenario() -> None:
        text = b" " * MIB
        first, second, small = await body(text, text), await body(text, text), await body(b"{}")
        await first.read()
        with pytest.raises(Busy):
            await second.read()
        second.release()
        await small.read()
        first.release()
        third = await body(text, text)
        await third.read()
        waiting = asyncio.create_task((await body(text, text)).read())
        await asyncio.sleep(0)
        third.release()
        await waiting

    budget = JsonBudget(3 * MIB, wait=0.2)
    asyncio.run(scenario())


# Forms


def multipart(*parts: tuple[str, bytes]) -> bytes:
    blocks = [
        f"--b\r\nContent-Disposition: form-data; {entry}\r\n\r\n".encode() + data for entry, data in parts
    ]
    return b"\r\n".join([*blocks, b"--b--\r\n"])


FILE = 'name="files"; filename="a"'


@pytest.mark.usefixtures("flat")
@pytest.mark.parametrize(
    ("form", "status"),
    [
        (multipart(('name="notes"', b"x" * 4 * MIB)), 400),
        (multipart((FILE, b"x"), ('name="notes"', b"x")), 400),
        (multipart(('name="other"; filename="a"', b"x")), 400),
        (multipart(('name="files"', b"x")), 400),
        (multipart((FILE, b"x" * (MAX_BYTES + 1))), 413),
        (multipart(*[(FILE, b"")] * (MAX_FILES + 1)), 413),
        (multipart((f'name="files"; filename="{"a" * 9000}"', b"x")), 400),
        (b"no form at all", 400),
    ],
    ids=["field", "field beside", "other field", "text", "file", "files", "name", "damaged"],
)
def test_an_upload_holds_files_alone_and_is_bounded(closed_app: ClosedApp, form: bytes, status: int) -> None:
    with closed_app.signed_in() as client:
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = client.post("/gradio_api/upload", content=form, headers=kind)
        assert answer.status_code == status, answer.text
        assert answer.json()["detail"]
        several = client.post(
            "/gradio_api/upload", content=multipart((FILE, b"x"), (FILE, b"y")), headers=kind
        )
        assert len(several.json()) == 2


def test_fields_without_end_are_refused_while_they_arrive(closed_app: ClosedApp) -> None:
    before = closed_app.memory("VmHWM")
    with closed_app.connected() as connection:
        kind = "Content-Type: multipart/form-data; boundary=b"
        head = head_of(
            "POST", "/gradio_api/upload", "Transfer-Encoding: chunked", kind, cookie=cookies_of(closed_app)
        )
        part = b'--b\r\nContent-Disposition: form-data; name="notes"\r\n\r\n'
        connection.sendall(head + b"%x\r\n%b\r\n" % (len(part), part))
        assert answered_while_sending(connection, b"", b"x" * KIB, chunked=True) == 400
    assert closed_app.memory("VmHWM") - before < GROWTH


def test_a_form_is_no_way_around_the_limits_of_json(closed_app: ClosedApp) -> None:
    with closed_app.signed_in() as client:
        answer = client.post("/gradio_api/component_server", files={"a": b"x"}, data={"fn_name": "export"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "not_json")


def test_a_form_in_small_pieces_is_counted_the_same() -> None:
    form = multipart((FILE, b"x" * 100))
    check = FilesOnly("multipart/form-data; boundary=b", "files", 100)
    for at in range(len(form)):
        check.feed(form[at : at + 1])
    check = FilesOnly("multipart/form-data; boundary=b", "files", 99)
    with pytest.raises(TooLarge):
        for at in range(len(form)):
            check.feed(form[at : at + 1])


def test_the_plain_routes_have_rules_of_their_own() -> None:
    assert rules([], Config()) == {}
