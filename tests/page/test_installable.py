"""The page as an app: its manifest, its icons, its worker's file, and shares that reach the server itself."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from page.colours import COLOURS
from page.installable import OPENED, worker
from page.texts import TEXTS
from tests.support.app import App

SAFE = 0.4  # the radius of what a system leaves of a maskable icon, by the icon's width
FORM = {"recordings": ("memo.m4a", b"sound", "audio/mp4")}


@pytest.fixture(scope="module")
def manifest(app: App) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{app.url}/manifest.json").json()
    return found


def test_the_manifest_is_in_the_reader_s_language(app: App) -> None:
    for locale, texts in TEXTS.items():
        answer = httpx.get(f"{app.url}/manifest.json", headers={"Accept-Language": f"{locale},en;q=0.5"})
        assert answer.headers["content-type"] == "application/manifest+json"
        assert answer.headers["cache-control"] == "no-cache" and "Accept-Language" in answer.headers["vary"]
        assert (answer.json()["lang"], answer.json()["description"]) == (locale, texts["description"])


def test_the_manifest_fits_any_prefix(manifest: dict[str, Any]) -> None:
    addresses = [
        manifest["start_url"],
        manifest["scope"],
        manifest["share_target"]["action"],
        *(handler["action"] for handler in manifest["file_handlers"]),
        *(icon["src"] for icon in manifest["icons"]),
    ]
    assert [address for address in addresses if address.startswith(("/", "http"))] == []


def test_the_manifest_has_the_colours_of_light_and_dark(manifest: dict[str, Any]) -> None:
    light, dark = COLOURS["ground"]
    assert (manifest["theme_color"], manifest["background_color"]) == (light, light)
    assert manifest["color_scheme_dark"] == {"theme_color": dark, "background_color": dark}


def test_what_can_be_opened_can_be_shared(manifest: dict[str, Any]) -> None:
    [shared] = manifest["share_target"]["params"]["files"]
    suffixes = {suffix for suffixes in OPENED.values() for suffix in suffixes}
    assert {"audio/*", "video/*"} | suffixes <= set(shared["accept"])
    assert manifest["file_handlers"][0]["accept"] == OPENED


def test_each_icon_is_as_large_as_it_says(app: App, manifest: dict[str, Any]) -> None:
    sizes = {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} == sizes
    for icon in manifest["icons"]:
        answer = httpx.get(f"{app.url}/{icon['src']}")
        width, height = Image.open(io.BytesIO(answer.content)).size
        assert (f"{width}x{height}", answer.headers["content-type"]) == (icon["sizes"], icon["type"])


def test_nothing_is_lost_of_the_maskable_icon(app: App, manifest: dict[str, Any]) -> None:
    [source] = [icon["src"] for icon in manifest["icons"] if icon["purpose"] == "maskable"]
    icon = Image.open(io.BytesIO(httpx.get(f"{app.url}/{source}").content)).convert("RGBA")
    size, pixels = icon.width, icon.load()
    assert pixels is not None
    outside = {
        pixels[x, y]
        for x in range(size)
        for y in range(size)
        if (x - size / 2) ** 2 + (y - size / 2) ** 2 > (SAFE * size) ** 2
    }
    assert len(outside) == 1 and next(iter(outside))[3] == 255  # type: ignore[index]


def test_the_worker_is_asked_for_each_time(app: App) -> None:
    answer = httpx.get(f"{app.url}/service-worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text == worker() and "export" not in answer.text.partition("serve({")[0].replace(
        "exports", ""
    )
    assert all(texts["offline_title"] in answer.text for texts in TEXTS.values())


@pytest.mark.parametrize("locale", sorted(TEXTS))
def test_a_share_without_a_worker_is_answered_with_what_to_do(app: App, locale: str) -> None:
    headers = {"Accept-Language": locale, "Origin": "null", "Sec-Fetch-Site": "none"}
    answer = httpx.post(f"{app.url}/share-target", files=FORM, headers=headers)
    assert answer.status_code == 403 and answer.headers["content-type"].startswith("text/html")
    assert all(TEXTS[locale][key] in answer.text for key in ("share_title", "share_text", "share_open"))


@pytest.mark.parametrize("site", ["none", "same-origin", ""])
def test_the_worker_s_way_leads_to_the_page(app: App, site: str) -> None:
    answer = httpx.get(f"{app.url}/share-target", headers={"Sec-Fetch-Site": site} if site else {})
    assert (answer.status_code, answer.headers["location"]) == (303, "./")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_the_reader_is_asked_about_what_another_site_sends(app: App, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Accept-Language": "ja"}
    answer = httpx.get(f"{app.url}/share-target", headers=headers)
    assert answer.status_code == 200 and TEXTS["ja"]["share_foreign_text"] in answer.text
    assert answer.headers["content-security-policy"] == "frame-ancestors 'self'", "no other site may frame it"
    refused = httpx.post(f"{app.url}/share-target", files=FORM, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "refused")
