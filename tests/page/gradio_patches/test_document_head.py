"""The head of the page's document: whose page it is, for previews of links, tabs and bookmarks."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from PIL import Image

from page.gradio_patches import chunks
from page.gradio_patches.chunks import chunks_of
from page.gradio_patches.document_head import root_address
from page.texts import TEXTS
from tests.support.app import App


class _Head(HTMLParser):
    """Collects the title, and the attributes of meta and link, in the order of the document."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.metas: list[tuple[str, str]] = []
        self.links: list[dict[str, str | None]] = []
        self.title = ""
        self._in_title = False
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._in_title = tag == "title"
        if tag == "meta":
            self.metas.append((found.get("property") or found.get("name") or "", found.get("content") or ""))
        elif tag == "link":
            self.links.append(found)

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
            self._in_title = False


def head_of(app: App, path: str = "/", **headers: str) -> _Head:
    return _Head(httpx.get(app.url + path, headers=headers).text.partition("</head>")[0])


def test_a_preview_of_a_link_is_ours(app: App) -> None:
    head = head_of(app)
    names = [name for name, _ in head.metas]
    assert len(names) == len(set(names) - {"theme-color"}) + names.count("theme-color")
    metas = dict(head.metas)
    assert head.title == metas["og:title"] == "Wordlight"
    assert metas["description"] == metas["og:description"] == TEXTS["en"]["description"]
    assert metas["og:url"] == f"{app.url}/"
    assert metas["twitter:card"] == "summary_large_image"
    assert metas["og:type"] == "website"
    assert not any("gradio" in f"{name} {content}".lower() for name, content in head.metas)
    document = httpx.get(app.url).text
    assert "Click to try out the app!" not in document and "{url}" not in document


def test_the_picture_of_the_preview_is_there_and_as_large_as_it_says(app: App) -> None:
    metas = dict(head_of(app).metas)
    answer = httpx.get(metas["og:image"])
    assert answer.headers["content-type"] == "image/png"
    size = Image.open(io.BytesIO(answer.content)).size
    assert size == (int(metas["og:image:width"]), int(metas["og:image:height"])) == (1200, 630)
    assert metas["og:image:alt"]


def test_the_icon_is_ours_wherever_it_is_looked_for(app: App) -> None:
    icons = {entry["type"]: entry["href"] or "" for entry in head_of(app).links if entry["rel"] == "icon"}
    assert set(icons) == {"image/svg+xml", "image/png"}
    for kind, path in icons.items():
        answer = httpx.get(f"{app.url}/{path}")
        assert answer.headers["content-type"] == kind
        assert "immutable" in answer.headers["cache-control"]
    png = httpx.get(f"{app.url}/{icons['image/png']}").content
    assert httpx.get(f"{app.url}/favicon.ico").content == png
    manifest = httpx.get(f"{app.url}/manifest.json").json()
    assert manifest["name"] == "Wordlight"
    assert {entry["type"] for entry in manifest["icons"]} == {"image/png"}


def test_the_manifest_is_ours_and_is_fetched_with_cookies(app: App) -> None:
    links = _Head(httpx.get(app.url).text).links
    [manifest] = [entry for entry in links if entry["rel"] == "manifest"]
    assert manifest["href"] == "./manifest.json" and manifest["crossorigin"] == "use-credentials"
    [icon] = [entry["href"] for entry in links if entry["rel"] == "apple-touch-icon"]
    content = httpx.get(f"{app.url}/{icon}").content
    corner = Image.open(io.BytesIO(content)).convert("RGBA").getpixel((0, 0))
    assert isinstance(corner, tuple) and corner[3] == 255, "Apple's phones show black in its place"


def test_the_description_is_in_the_reader_s_language(app: App) -> None:
    for locale, texts in TEXTS.items():
        metas = dict(head_of(app, **{"Accept-Language": locale}).metas)
        assert metas["description"] == texts["description"]
    assert "Accept-Language" in httpx.get(app.url).headers["vary"]


def test_the_preview_of_a_transcript_s_link_leads_to_it(app: App) -> None:
    metas = dict(head_of(app, '/?t=a"><script>b&__theme=dark').metas)
    assert metas["og:url"] == f"{app.url}/?t=a%22%3E%3Cscript%3Eb"


def test_a_host_that_anybody_can_send_is_not_believed(app: App) -> None:
    document = httpx.get(app.url, headers={"X-Forwarded-Host": "evil.example"}).text
    head = _Head(document.partition("<script>window.gradio_config")[0])
    assert not any("evil.example" in content for _, content in head.metas)


@pytest.mark.parametrize(
    ("host", "root", "headers", "address"),
    [
        ("a.example", "", {}, "http://a.example/"),
        ("a.example:7860", "/speech", {}, "http://a.example:7860/speech/"),
        ("[::1]:7860", "", {}, "http://[::1]:7860/"),
        ("owner-name.hf.space", "", {"x-forwarded-proto": "https"}, "https://owner-name.hf.space/"),
        ("a.example", "", {"x-forwarded-proto": "https, http"}, "https://a.example/"),
        ("a.example", "", {"x-forwarded-proto": "javascript"}, "http://a.example/"),
        ("a.example", "https://b.example/speech", {}, "https://b.example/speech/"),
        ('a.example"><script>', "", {}, ""),
        ("a.example/b", "", {}, ""),
        ("", "", {}, ""),
    ],
)
def test_the_address_is_that_of_the_request(
    host: str, root: str, headers: dict[str, str], address: str
) -> None:
    raw = [(name.encode(), value.encode()) for name, value in {"host": host, **headers}.items()]
    scope: dict[str, Any] = {"type": "http", "scheme": "http", "root_path": root, "headers": raw}
    assert root_address(scope) == address


def test_gradio_s_files_are_found_in_its_build() -> None:
    found = chunks_of({"button", "html"})
    assert all((chunks.ASSETS / name).is_file() for name in (*found.scripts, *found.styles))
    assert any(name.startswith("HTML-") for name in found.scripts)
    assert any(name.startswith("Blocks-") for name in found.scripts)
    assert not any("Audio" in name for name in found.scripts)
    assert len(found.styles) > 10 and "url(./" not in found.css()


def test_a_build_of_another_form_is_left_as_it_is(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><script src='app.js'></script>")
    monkeypatch.setattr(chunks, "FRONTEND", tmp_path)
    assert chunks_of({"button"}) == chunks.Chunks((), ())
