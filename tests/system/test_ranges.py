"""Parts of a media file, as players ask for them, and what else its answer says."""

from __future__ import annotations

from collections.abc import Iterator
from email.parser import BytesParser

import httpx
import pytest

from tests.support.app import App

CONTENT = bytes(range(256)) * 1000
SIZE = len(CONTENT)


@pytest.fixture(scope="module")
def media(app: App) -> Iterator[httpx.Client]:
    """A client whose base is a file of the app, with a cookie that is nobody's business."""
    (path,) = httpx.post(f"{app.url}/gradio_api/upload", files={"files": ("a.wav", CONTENT)}).json()
    with httpx.Client(headers={"X-Secret": "secret", "Cookie": "token=secret"}) as client:
        client.params = {}
        client.base_url = f"{app.url}/gradio_api/file={path}"
        yield client


def get(media: httpx.Client, method: str = "GET", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = media.request(method, str(media.base_url).rstrip("/"), headers=named)
    assert "secret" not in str(answer.headers.raw), "the request's headers are not sent back"
    return answer


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, SIZE - 1),
        ("bytes=-100", SIZE - 100, SIZE - 1),
        (f"bytes=-{10 * SIZE}", 0, SIZE - 1),
        (f"bytes=1000-{10 * SIZE}", 1000, SIZE - 1),
        (f"bytes={SIZE - 1}-{SIZE - 1}", SIZE - 1, SIZE - 1),
        ("Bytes= 5-9", 5, 9),
    ],
)
def test_one_range(media: httpx.Client, asked: str, first: int, last: int) -> None:
    answer = get(media, Range=asked)
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert answer.headers["content-type"] == get(media).headers["content-type"]
    assert answer.content == CONTENT[first : last + 1]


def test_several_ranges(media: httpx.Client) -> None:
    answer = get(media, Range="bytes=0-9, 100-109,-5")
    assert answer.status_code == 206
    assert int(answer.headers["content-length"]) == len(answer.content)
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + answer.content)
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    assert parts == [CONTENT[:10], CONTENT[100:110], CONTENT[-5:]]


@pytest.mark.parametrize(
    "asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 9}", "bytes=-0", "bytes=999999999-"]
)
def test_a_range_beyond_the_file(media: httpx.Client, asked: str) -> None:
    answer = get(media, Range=asked)
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "asked", ["", "bytes", "bytes=", "bytes=a-b", "bytes=9-5", "items=0-5", "bytes=0-5-9", "bytes=-"]
)
def test_what_is_no_range_is_ignored(media: httpx.Client, asked: str) -> None:
    answer = get(media, Range=asked)
    assert (answer.status_code, answer.content) == (200, CONTENT)


def test_a_thousand_ranges_are_the_whole(media: httpx.Client) -> None:
    answer = get(media, Range="bytes=" + ",".join(f"{at}-{at}" for at in range(0, 2000, 2)))
    assert (answer.status_code, answer.content) == (200, CONTENT)


def test_a_range_of_the_file_as_it_was(media: httpx.Client) -> None:
    etag = get(media).headers["etag"]
    assert get(media, Range="bytes=0-9", If_Range=etag).status_code == 206
    assert get(media, Range="bytes=0-9", If_Range='"another"').content == CONTENT
    assert get(media, Range="bytes=0-9", If_Range=f"W/{etag}").content == CONTENT


def test_a_head_has_no_body(media: httpx.Client) -> None:
    answer = get(media, "HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["accept-ranges"] == "bytes"
    assert get(media, "HEAD", Range=f"bytes={SIZE}-").status_code == 416


def test_a_part_is_never_compressed(app: App) -> None:
    text = b"many words " * 1000
    (path,) = httpx.post(f"{app.url}/gradio_api/upload", files={"files": ("a.txt", text)}).json()
    headers = {"Range": "bytes=0-4999", "Accept-Encoding": "gzip, br"}
    answer = httpx.get(f"{app.url}/gradio_api/file={path}", headers=headers)
    assert answer.status_code == 206 and "content-encoding" not in answer.headers
    assert answer.content == text[:5000]


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.xhtml", "a.js", "a"])
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-9"}])
def test_what_could_run_is_downloaded(app: App, name: str, headers: dict[str, str]) -> None:
    page = b"<script>alert(1)</script>"
    (path,) = httpx.post(f"{app.url}/gradio_api/upload", files={"files": (name, page)}).json()
    answer = httpx.get(f"{app.url}/gradio_api/file={path}", headers=headers)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/etc/passwd", "app.py", "%2e%2e/%2e%2e/etc/passwd", "/proc/self/environ"])
def test_a_range_opens_no_other_file(app: App, path: str) -> None:
    answer = httpx.get(f"{app.url}/gradio_api/file={path}", headers={"Range": "bytes=0-9"})
    assert answer.status_code == 403
