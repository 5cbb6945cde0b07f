"""Odd bodies: bombs of JSON, forms and chunks that are not what they claim."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator

from tests.benchmarks.attack.raw import PATHS, Odd, request


def bodies() -> Iterator[Odd]:
    zeros = zlib.compress(bytes(20_000_000))
    for path in PATHS:
        yield Odd(f"a megabyte of zeros {path}", request("POST", path, body=bytes(1_000_000)))
        yield Odd(f"compressed {path}", request("POST", path, "Content-Encoding: deflate", body=zeros))
        yield Odd(f"less than promised {path}", request("POST", path, body=b"{", length=1000), whole=False)
        yield Odd(f"wrong type {path}", request("POST", path, "Content-Type: image/png", body=b"\x89PNG"))


def json_bombs() -> Iterator[Odd]:
    bombs = {
        "deep": b"[" * 100_000,
        "deep and closed": b"[" * 50_000 + b"]" * 50_000,
        "deep objects": b'{"a":' * 50_000,
        "huge number": b"9" * 100_000,
        "huge exponent": b"1e999999999",
        "nan": b"NaN",
        "infinity": b"-Infinity",
        "half a character": b'"\\ud800"',
        "no utf-8": b'"\xff\xfe"',
        "utf-16": json.dumps({"data": []}).encode("utf-16"),
        "many keys": json.dumps({f"k{number}": number for number in range(50_000)}).encode(),
        "same keys": b'{"data":[],"data":{}}',
        "null": b"null",
        "list": b"[]",
        "text": b'"data"',
        "nothing": b"",
        "nul": b'{"data": ["\\u0000"]}',
        "path": b'{"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}]}',
        "wrong data": b'{"data": {"a": 1}, "fn_index": -1}',
        "huge index": b'{"data": [], "fn_index": 99999999999999999999, "session_hash": "x"}',
        "session": b'{"data": [], "session_hash": ["x"], "fn_index": 0}',
    }
    gradios = [path for path in PATHS if path.startswith("/gradio_api/")][:8]
    for path in (*gradios, "/transcribe", "/align", "/login"):
        for name, body in bombs.items():
            yield Odd(
                f"json {name} {path}", request("POST", path, "Content-Type: application/json", body=body)
            )


def multipart() -> Iterator[Odd]:
    field = b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n'
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    bodies = {
        "no end": part + b"x",
        "no parts": b"--b--\r\n",
        "only edges": b"--b\r\n" * 100_000,
        "many files": (part + b"x\r\n") * 5000 + b"--b--\r\n",
        "many fields": b"".join(field % number for number in range(5000)) + b"--b--\r\n",
        "no name": b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
        "no head": b"--b\r\n\r\nx\r\n--b--\r\n",
        "huge head": b"--b\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\nx\r\n--b--\r\n",
        "preamble": b"a" * 1_000_000 + b"\r\n" + part + b"x\r\n--b--\r\n",
        "climbing name": part.replace(b"a.wav", b"../../../../tmp/evil") + b"x\r\n--b--\r\n",
        "nul name": part.replace(b"a.wav", b"a\0.wav") + b"x\r\n--b--\r\n",
        "long name": part.replace(b"a.wav", b"a" * 3000) + b"x\r\n--b--\r\n",
        "star name": part.replace(b"filename=", b"filename*=utf-8''%2e%2e%2f; filename=") + b"x\r\n--b--\r\n",
        "base64": part.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n")
        + b"eA==\r\n--b--\r\n",
        "nested": part.replace(b"\r\n\r\n", b"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n")
        + b"--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
        "not utf-8": part.replace(b"file", b"\xff\xfe") + b"x\r\n--b--\r\n",
        "charset": b'--b\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\nutf-7\r\n--b--\r\n',
    }
    boundaries = (
        "boundary=b",
        "boundary=",
        "boundary=" + "b" * 5000,
        'boundary="b"',
        "boundary=\xff",
        "boundary=b; boundary=c",
    )
    kind = "Content-Type: multipart/form-data; boundary=b"
    for path in ("/transcribe", "/align", "/v1/audio/transcriptions", "/gradio_api/upload"):
        for name, body in bodies.items():
            yield Odd(
                f"form {name} {path}",
                request("POST", path, "Content-Type: multipart/form-data; boundary=b", body=body),
            )
        for boundary in boundaries:
            kind = f"Content-Type: multipart/form-data; {boundary}"
            yield Odd(
                f"form of {boundary[:20]!r} {path}",
                request("POST", path, kind, body=part + b"x\r\n--b--\r\n"),
            )


def chunked() -> Iterator[Odd]:
    chunks = {
        "huge": b"FFFFFFFFFFFFFFFF\r\nx",
        "negative": b"-1\r\nx\r\n0\r\n\r\n",
        "no number": b"zz\r\nx\r\n0\r\n\r\n",
        "extension": b"1;" + b"a" * 100_000 + b"\r\nx\r\n0\r\n\r\n",
        "thousands": b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n",
        "trailers": b"0\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
        "bare feeds": b"1\nx\n0\n\n",
        "no end": b"5\r\nhello\r\n",
        "smuggled": b"0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
        "short": b"5\r\nhi\r\n0\r\n\r\n",
        "spaces": b" 1 \r\nx\r\n0\r\n\r\n",
    }
    for path in ("/transcribe", "/gradio_api/queue/join", "/gradio_api/cancel"):
        for name, body in chunks.items():
            yield Odd(
                f"chunks {name} {path}",
                request("POST", path, "Transfer-Encoding: chunked") + body,
                whole=False,
            )
