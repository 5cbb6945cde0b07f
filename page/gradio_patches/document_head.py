"""The head of gradio's HTML document, rewritten: whose page it is, its icon, and what to fetch at once.

gradio 6.17 has no setting for it. In link previews its template calls every page "Gradio", with an address of
"{url}", a picture on another host and "Click to try out the app!". `launch(head=...)` is inserted by a script,
which the makers of previews do not run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs, quote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Scope

from page.colours import COLOURS
from page.gradio_patches.document_rewriter import DocumentRewriter

_CONFIG = b"<script>window.gradio_config"  # what the document goes on with after its head's own tags
_GRADIOS = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*')
_ENTRY_STYLE = re.compile(rb'<link rel="stylesheet" crossorigin href="\./assets/([\w.-]+\.css)">')
_MANIFEST = re.compile(rb'<link rel="manifest"[^>]*>\s*')  # at the root of the host, whatever the prefix
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
THEMES = COLOURS["ground"]._asdict().items()  # scheme -> colour, for the frame around the page


@dataclass(frozen=True, slots=True)
class Card:
    """The picture of a link's preview: its path below the root, what it shows, and its size in pixels."""

    path: str
    shows: str
    width: int = 1200
    height: int = 630


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the head says and names. Paths are below the root of the application.

    description  returns it for an Accept-Language header
    icon         in SVG; `favicon` is the same for browsers that take none, `touch_icon` for Apple's phones
    manifest     of the page as an app
    early        a script that runs before anything is drawn
    style        the style sheet that holds gradio's own `styles`, which are then not fetched one by one
    inlined      tags that stand before all scripts, see inlined_chunks.py
    font         to fetch at once
    scripts      modules to fetch at once
    """

    title: str
    description: Callable[[str | None], str]
    icon: str
    favicon: str
    touch_icon: str
    manifest: str
    card: Card
    early: str
    style: str
    styles: tuple[str, ...]
    inlined: tuple[str, ...]
    font: str
    scripts: tuple[str, ...]

    def tags(self, address: str, root: str, accepted: str | None) -> str:
        """Returns the tags for a document at an address below a root; both are "" if unknown."""
        description = self.description(accepted)
        lines = [
            *self.inlined,
            f"<title>{escape(self.title)}</title>",
            _meta("description", description),
            *(
                f'<meta name="theme-color" media="(prefers-color-scheme: {scheme})" content="{colour}" />'
                for scheme, colour in THEMES
            ),
            _property("og:type", "website"),
            _property("og:site_name", self.title),
            _property("og:title", self.title),
            _property("og:description", description),
            *([_property("og:url", address)] if address else []),
            _property("og:image", f"{root}{self.card.path}"),
            _property("og:image:width", str(self.card.width)),
            _property("og:image:height", str(self.card.height)),
            _property("og:image:alt", self.card.shows),
            _meta("twitter:card", "summary_large_image"),
            f'<link rel="icon" type="image/png" sizes="512x512" href="./{self.favicon}" />',
            f'<link rel="icon" type="image/svg+xml" sizes="any" href="./{self.icon}" />',
            f'<link rel="apple-touch-icon" href="./{self.touch_icon}" />',
            # With its cookies, for a proxy that asks for a login of its own.
            f'<link rel="manifest" crossorigin="use-credentials" href="./{self.manifest}" />',
            f"<script>{self.early}</script>",
            f'<link rel="stylesheet" href="./{self.style}" />',
            f'<link rel="preload" as="font" type="font/woff2" crossorigin href="./{self.font}" />',
            *_each('<link rel="modulepreload" crossorigin href="./{}" />', self.scripts),
            # gradio's loader skips a style sheet that is linked already; one that is disabled is not fetched.
            *_each('<link rel="stylesheet" disabled href="./{}" />', self.styles),
        ]
        return "\n\t\t".join(lines)


class OwnHead(DocumentRewriter):
    """ASGI middleware that gives gradio's document a head of our own. It goes inside of any compression."""

    def __init__(self, app: ASGIApp, head: Head) -> None:
        super().__init__(app)
        self._head = head

    def rewrite(self, document: bytes, scope: Scope) -> bytes:
        head, mark, rest = document.partition(_CONFIG)
        if not mark:
            return document
        root = root_address(scope)
        accepted = Headers(scope=scope).get("accept-language")
        tags = self._head.tags(_shared_address(scope, root), root, accepted).encode("utf-8")
        rest = _ENTRY_STYLE.sub(self._entry_style, rest, count=1)
        rest = _MANIFEST.sub(b"", rest, count=1)
        return _GRADIOS.sub(b"", head) + tags + b"\n\n\t\t" + mark + rest

    def _entry_style(self, link: re.Match[bytes]) -> bytes:
        """Takes out the link to a style sheet that the one sheet holds."""
        held = f"assets/{link[1].decode()}" in self._head.styles
        return b"" if held else link[0]


def root_address(scope: Scope) -> str:
    """Returns the address of the application as the client has it, with a slash at its end; "" if unclear.

    The host is the request's own Host. X-Forwarded-Host is ignored: every client can send one, and a cache would
    serve the response to others. Of X-Forwarded-Proto only "https" is taken.
    """
    root: str = scope.get("root_path", "").rstrip("/")
    if root.startswith(("http://", "https://")):  # as GRADIO_ROOT_PATH may have it
        return f"{root}/"
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if not _HOST.fullmatch(host):
        return ""
    proxied = headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
    scheme = "https" if proxied == "https" else scope.get("scheme", "http")
    return f"{scheme}://{host}{quote(root)}/"


def _shared_address(scope: Scope, root: str) -> str:
    """Returns the address that a preview leads to: with the transcript's token, without the page's looks."""
    token = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("t", [""])[0]
    return f"{root}?t={quote(token, safe='')}" if root and token else root


def _meta(name: str, content: str) -> str:
    return f'<meta name="{name}" content="{escape(content)}" />'


def _property(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{escape(content)}" />'


def _each(tag: str, paths: Iterable[str]) -> list[str]:
    return [tag.format(path) for path in paths]
