"""Lets the page be installed on a phone or a computer, and receive recordings that are shared with it.

    manifest.json       what browsers install: names, icons, and what may be shared with the page or opened with it
    service-worker.js   keeps what is shared until the page takes it; says so if the server cannot be reached
    share-target        where a share arrives that no worker has taken, and the worker's way to the page

gradio 6.17 has a manifest of its own, in which are no colours, no share target and no file handlers, and whose
icons lie at the root of the host whatever the prefix. The addresses here are relative to the manifest's own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from engine.config import Config
from page.colours import COLOURS
from page.components import ASSETS
from page.plain_page import plain_page
from page.static_files import StaticFile
from page.texts import TEXTS, locale_of
from server.body_limits import FILES_AT_ONCE, FORM_BYTES
from server.hosts import OWN_SITES
from server.route_rules import Caller, Rule, Rules

MANIFEST = "manifest.json"
WORKER = "service-worker.js"
SHARE_TARGET = "share-target"
FIELD = "recordings"  # of the form in which a share comes
ICONS = {
    ("192x192", "any"): "icon-192.png",
    ("512x512", "any"): "icon.png",
    ("512x512", "maskable"): "icon-maskable.png",
}  # of assets/, by size and purpose; tests/browser/icons.py draws them

# What is offered to be opened with the page, by media types: in a manifest, a file handler has no wildcards.
OPENED: dict[str, list[str]] = {
    "audio/aac": [".aac"],
    "audio/aiff": [".aif", ".aiff"],
    "audio/amr": [".amr"],
    "audio/flac": [".flac"],
    "audio/mp4": [".m4a", ".m4b"],
    "audio/mpeg": [".mp3"],
    "audio/ogg": [".oga", ".ogg", ".opus"],
    "audio/wav": [".wav"],
    "audio/webm": [".weba"],
    "audio/x-matroska": [".mka"],
    "audio/x-ms-wma": [".wma"],
    "video/3gpp": [".3gp"],
    "video/mp4": [".m4v", ".mp4"],
    "video/mpeg": [".mpeg", ".mpg"],
    "video/quicktime": [".mov"],
    "video/webm": [".webm"],
    "video/x-matroska": [".mkv"],
    "video/x-msvideo": [".avi"],
}  # fmt: skip
SHARED = [
    "audio/*",
    "video/*",
    "application/ogg",
    *(suffix for suffixes in OPENED.values() for suffix in suffixes),
]

# The page that says that the server is gone looks for it, and makes room for the page once it is there.
LOOK_AGAIN = 3000  # milliseconds between two looks
OFFLINE_SCRIPT = f"""
  const again = () => location.reload();
  document.querySelector("button").onclick = again;
  addEventListener("online", again);
  document.getElementById("shared").hidden = !/shared=(?!none)/.test(location.hash);
  const look = () => fetch("health/live", {{ cache: "no-store" }}).then(({{ ok }}) => ok && again(), () => {{}});
  setInterval(look, {LOOK_AGAIN});
"""
NOT_TAKEN = ("share_title", "share_text", "share_open")
FOREIGN = ("share_foreign_title", "share_foreign_text", "share_foreign_take")
# What the worker has kept stands behind the #.
OPEN_SCRIPT = """
  document.querySelector("button").onclick = () => location.assign(`./${location.hash}`);
"""


@dataclass(frozen=True, slots=True)
class Installable:
    """Routes of the manifest, the worker and the share target, with their rules; `files` are those of the icons.

    touch_icon  for Apple's phones, which round its corners themselves
    """

    routes: list[BaseRoute]
    rules: Rules
    files: list[StaticFile]
    touch_icon: StaticFile


def installable(config: Config) -> Installable:
    """Returns what makes the page of an installation with these settings installable."""
    icons = {kind: StaticFile.read(ASSETS / name) for kind, name in ICONS.items()}
    routes: list[BaseRoute] = [_manifest_route(icons), _worker_route(), _share_route()]
    shares = FILES_AT_ONCE * config.max_bytes + FORM_BYTES
    rules = {
        f"/{MANIFEST}": Rule(caller=Caller.ANYONE),
        f"/{WORKER}": Rule(caller=Caller.ANYONE),
        f"/{SHARE_TARGET}": Rule(caller=Caller.ANYONE, max_bytes=shares),
    }
    return Installable(routes, rules, list(icons.values()), icons["512x512", "maskable"])


def manifest(locale: str, icons: dict[tuple[str, str], StaticFile]) -> dict[str, Any]:
    """Returns the web app manifest in a language of the page; `icons` by their sizes and purposes."""
    texts, ground = TEXTS[locale], COLOURS["ground"]
    return {
        "name": texts["title"],
        "short_name": texts["title"],
        "description": texts["description"],
        "lang": locale,
        "dir": "ltr",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "theme_color": ground.light,
        "background_color": ground.light,
        "color_scheme_dark": {"theme_color": ground.dark, "background_color": ground.dark},
        "categories": ["productivity", "utilities"],
        "icons": [
            {"src": icon.path, "sizes": sizes, "type": icon.media_type, "purpose": purpose}
            for (sizes, purpose), icon in icons.items()
        ],
        "share_target": {
            "action": f"./{SHARE_TARGET}",
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": FIELD, "accept": SHARED}]},
        },
        "file_handlers": [{"action": "./", "accept": OPENED}],
    }


def worker() -> str:
    """Returns the service worker: assets/service_worker.js, which is a module, as a script that calls it."""
    pages = {locale: _offline_page(locale) for locale in TEXTS}
    given = json.dumps({"pages": pages, "target": SHARE_TARGET, "field": FIELD}, ensure_ascii=False)
    source = (ASSETS / "service_worker.js").read_text("utf-8")
    return f"{source.replace('export function', 'function')}\nserve({given});\n"


def _offline_page(locale: str) -> str:
    texts = TEXTS[locale]
    sentences = {"why": texts["offline_text"], "shared": texts["offline_shared"]}
    return plain_page(locale, texts["offline_title"], sentences, texts["offline_again"], OFFLINE_SCRIPT)


def _manifest_route(icons: dict[tuple[str, str], StaticFile]) -> Route:
    async def serve(request: Request) -> Response:
        content = manifest(_locale(request), icons)
        return JSONResponse(
            content, headers=_fresh("Accept-Language"), media_type="application/manifest+json"
        )

    return Route(f"/{MANIFEST}", serve)


def _worker_route() -> Route:
    content = worker()

    async def serve(_: Request) -> Response:
        return Response(content, media_type="text/javascript", headers=_fresh())

    return Route(f"/{WORKER}", serve)


def _share_route() -> Route:
    """Returns the route of shares. The worker comes with a GET, behind whose # stands what it has kept."""

    async def serve(request: Request) -> Response:
        if request.method == "POST":
            # No worker has taken it. The recording is not read: the page alone receives recordings.
            return _answer(request, NOT_TAKEN, 403)
        # A form of any site may send a recording; a browser's own share comes from none.
        if request.headers.get("sec-fetch-site", "none") in OWN_SITES:
            return RedirectResponse("./", 303, headers=_fresh("Sec-Fetch-Site"))
        return _answer(request, FOREIGN, 200)

    return Route(f"/{SHARE_TARGET}", serve, methods=["GET", "POST"])


def _answer(request: Request, keys: tuple[str, str, str], status: int) -> Response:
    """Returns a page in the reader's language with a button that opens the page itself.

    keys  of its title, its text and its button
    """
    locale = _locale(request)
    title, text, button = (TEXTS[locale][key] for key in keys)
    document = plain_page(locale, title, {"why": text}, button, OPEN_SCRIPT)
    return HTMLResponse(document, status, headers=_fresh("Accept-Language", "Sec-Fetch-Site"))


def _locale(request: Request) -> str:
    return locale_of(request.headers.get("accept-language"))


def _fresh(*varies: str) -> dict[str, str]:
    """Returns the headers of what browsers are to ask for each time."""
    return {"Cache-Control": "no-cache", **({"Vary": ", ".join(varies)} if varies else {})}
