"""Odd requests: lines, paths and headers that a polite client never sends, and crossings of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import count as counting
from itertools import islice

from tests.benchmarks.attack.odd_bodies import bodies, chunked, json_bombs, multipart
from tests.benchmarks.attack.raw import PATHS, Odd, request

METHODS = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "QUERY",
    "get",
    "G\x00T",
    "A" * 5000,
    "",
)
CLIMBS = (
    "/../../../../etc/passwd",
    "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2f..%2fetc%2fpasswd",
    "/%c0%ae%c0%ae/etc/passwd",
    "/%252e%252e%252fetc%252fpasswd",
    "/..\\..\\..\\etc\\passwd",
    "//etc/passwd",
    "/./.././etc/passwd",
    "/%00",
    "/\x00",
    "/%",
    "/%zz",
    "/%f0%9f%98%80",
    "/\xff\xfe",
    "/%ed%a0%80",
    "/?" + "a=1&" * 5000,
    "/" + "a" * 70_000,
    "/" + "a/" * 20_000,
    "/#fragment",
    "/;/;/",
    "http://127.0.0.1:1/",
    "http://[::1",
    "*",
    "",
)
PREFIXES = (
    "",
    "/static",
    "/gradio_api/file=",
    "/gradio_api/file",
    "/assets",
    "/v1/models",
    "/gradio_api/custom_component",
)
HEADERS = (
    "Host: evil.example",
    "Host: ",
    "Host: a\r\nHost: b",
    "X: " + "a" * 70_000,
    "A: b\r\n" * 2000,
    "Cookie: " + "a=b; " * 3000,
    "Content-Length: -1",
    "Content-Length: 99999999999999999999",
    "Content-Length: 1, 2",
    "Content-Length: 0x10",
    "Content-Length: +5",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: \x0bchunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 5",
    "Expect: 100-continue",
    "Expect: nonsense",
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==",
    "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk",
    "Authorization: Bearer \xff\xfe",
    "Authorization: Basic !!!",
    "Range: bytes=0-0,0-0,0-0",
    "Range: bytes=-0",
    "Range: bytes=99999999999-",
    "Range: bytes=5-1",
    "Range: bytes=" + "0-1," * 5000,
    "Range: lines=1-2",
    "X-Forwarded-For: " + "1.2.3.4, " * 2000,
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Proto: javascript",
    "Forwarded: for=\x00",
    "Origin: null",
    "Origin: http://evil.example",
    "Sec-Fetch-Site: cross-site\r\nOrigin: http://evil.example",
    "Accept: " + "*/*," * 5000,
    "Accept-Language: " + "\xff" * 100,
    "Accept-Encoding: gzip;q=nan, br;q=-1",
    "Content-Type: ",
    "Content-Type: multipart/form-data",
    "Content-Type: text/plain; charset=\xff",
    " folded: header",
    "no colon",
    ": no name",
    "Nu\x00l: x",
    "If-None-Match: " + '"a",' * 3000,
)


def odd_requests(count: int, seed: int, handmade_only: bool = False) -> Iterator[Odd]:
    """Yields every request made by hand, then random crossings of their parts, `count` in all."""
    made = [*_lines(), *_heads(), *bodies(), *json_bombs(), *multipart(), *chunked()]
    chance = random.Random(seed)
    chance.shuffle(made)
    yield from made[:count]
    if not handmade_only:
        yield from islice(_crossings(chance), max(0, count - len(made)))


def _lines() -> Iterator[Odd]:
    for method in METHODS:
        for path in ("/transcribe", "/gradio_api/upload", "/health"):
            yield Odd(f"{method[:9]!r} {path}", request(method, path))
    for prefix in PREFIXES:
        for climb in CLIMBS:
            yield Odd(f"path {prefix}{climb[:40]!r}", request("GET", prefix + climb))
    for line in (
        b"GET /\r\n\r\n",
        b"GET / HTTP/0.9\r\n\r\n",
        b"GET / HTTP/3.0\r\n\r\n",
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\0",
        bytes(4096),
    ):
        yield Odd(f"line {line[:20]!r}", line, whole=line.endswith(b"\r\n\r\n") and len(line) > 4)
    yield Odd("a line without end", b"GET /" + b"a" * 1_000_000, whole=False)
    yield Odd("pipelined", request("GET", "/health").replace(b"close", b"keep-alive") * 50)
    yield Odd("http/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(200))


def _heads() -> Iterator[Odd]:
    for header in HEADERS:
        owed = "Expect" in header or not header.startswith(("Content-Length", "Transfer-Encoding"))
        for method, path in (("GET", "/health"), ("POST", "/transcribe"), ("GET", "/theme.css")):
            yield Odd(f"{header[:40]!r} {path}", request(method, path, header), whole=owed)


def _crossings(chance: random.Random) -> Iterator[Odd]:
    """Yields endless crossings of methods, paths, headers and bodies."""
    for number in counting():
        method, path = chance.choice(METHODS), chance.choice((*PATHS, *CLIMBS))
        headers = chance.sample(HEADERS, chance.randint(0, 3))
        body = chance.randbytes(chance.choice((0, 0, 10, 10_000)))
        data = request(method, path, *headers, body=body, key=chance.random() < 0.7)
        yield Odd(f"crossing {number}: {method[:9]!r} {path[:30]!r}", data, whole=False)
