"""Surrounds the page: the head of its document, its icon, and its scripts and style sheets as files."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from engine.config import Config
from page.chosen_language import EARLY as LANGUAGE_EARLY
from page.chosen_language import ChosenLanguage
from page.colours import colour_sheet
from page.components import ASSETS, view_scripts
from page.fonts import FIRST, font_files, font_sheet
from page.gradio_patches import chunks as frontend
from page.gradio_patches.chunks import chunks_of
from page.gradio_patches.document_head import Card, Head, OwnHead
from page.gradio_patches.document_texts import AcceptedTexts
from page.gradio_patches.inlined_chunks import inline
from page.installable import MANIFEST, installable
from page.static_files import StaticFile, static_routes
from page.texts import ENGLISH, TEXTS, locale_of
from server.route_rules import Caller, Rule, Rules

ICON = ASSETS / "icon.svg"
FAVICON = ASSETS / "icon.png"  # the same for Safari
CARD = ASSETS / "card.png"
# Folds the form away behind a link before anything is drawn, as assets/form_fold.js does it later.
FOLD_EARLY = """try {
  if (/(^|[#&?])t=./.test(location.hash + location.search)
    && (matchMedia("(max-width: 1000px)").matches || localStorage.getItem("wordlight_form") === "folded"))
    document.documentElement.dataset.form = "folded";
} catch {}"""
# Keeps room below the zone for files, where a browser that knows transcripts finds their list (assets/recent/view.js).
RECENT_EARLY = """try {
  if (Object.keys(localStorage).some((key) => key.startsWith("wordlight_recent_") && localStorage[key].length > 2))
    document.documentElement.dataset.recent = "there";
} catch {}"""
STYLES = ("first_paint", "fold", "print")  # of assets/; in force before gradio has put in the others


@dataclass(frozen=True, slots=True)
class Document:
    """Routes and middleware for `launch`.

    rules  every caller may use the routes, as gradio's own scripts
    """

    routes: list[BaseRoute]
    middleware: list[Middleware]
    rules: Rules


def document_of(demo: gr.Blocks, config: Config) -> Document:
    """Returns the routes and middleware for a page with the components of `demo`."""
    app = installable(config)
    shown = [
        component
        for component in demo.get_config_file()["components"]
        if component["props"].get("visible") is not False
    ]
    chunks = chunks_of(component["type"] for component in shown)
    inlined = inline(frontend.ASSETS, chunks.scripts)
    fonts = font_files()
    own = [(ASSETS / f"{name}.css").read_text("utf-8") for name in STYLES]
    css = "\n".join([chunks.css(), colour_sheet(), font_sheet(fonts), *own])
    style = StaticFile("page.css", css.encode("utf-8"))
    icon, favicon, card = map(StaticFile.read, (ICON, FAVICON, CARD))
    head = Head(
        title=ENGLISH["title"],
        description=lambda accepted: TEXTS[locale_of(accepted)]["description"],
        icon=icon.path,
        favicon=favicon.path,
        touch_icon=app.touch_icon.path,
        manifest=MANIFEST,
        card=Card(card.path, ENGLISH["tagline"]),
        style=style.path,
        early=f"{LANGUAGE_EARLY}\n{FOLD_EARLY}\n{RECENT_EARLY}",
        styles=tuple(f"assets/{name}" for name in chunks.styles),
        inlined=inlined.tags,
        font=fonts[FIRST].path,
        scripts=(
            *(f"assets/{name}" for name in chunks.scripts if name not in inlined.names),
            view_scripts().path,
        ),
    )
    files = list(dict.fromkeys([view_scripts(), style, icon, favicon, card, *fonts.values(), *app.files]))
    return Document(
        routes=[*static_routes(files), *app.routes],
        middleware=[Middleware(ChosenLanguage), Middleware(OwnHead, head=head), Middleware(AcceptedTexts)],
        rules={**{f"/{file.path}": Rule(caller=Caller.ANYONE) for file in files}, **app.rules},
    )
