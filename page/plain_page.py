"""A small HTML page of a few sentences and one button, for moments in which the page itself cannot be shown."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from page.colours import COLOURS
from page.components import ASSETS

ICON = (ASSETS / "icon.svg").read_text("utf-8").replace("<svg ", '<svg aria-hidden="true" ', 1)
LAYOUT = """
  body { margin: 0; min-height: 100dvh; display: grid; place-content: center; background: var(--ground);
    color: var(--ink); font: 17px/1.5 system-ui, sans-serif; }
  main { max-width: 30rem; padding: 1.5rem; }
  svg { width: 64px; display: block; }
  h1 { margin: 1.25rem 0 0.5rem; font-size: 1.5rem; line-height: 1.25; }
  p { margin: 0 0 0.75rem; color: var(--quiet); }
  [hidden] { display: none; }
  button { margin-top: 0.75rem; min-height: 44px; padding: 0 1.25rem; border: 0; border-radius: 8px; font: inherit;
    background: var(--accent); color: var(--on-accent); cursor: pointer; }
"""
NAMES = ("ground", "ink", "quiet", "accent", "on-accent")  # of the colours


def plain_page(locale: str, title: str, sentences: Mapping[str, str], button: str, script: str) -> str:
    """Returns the document.

    sentences  by the id of their element
    button     its label
    script     runs once the page stands; the button is `document.querySelector("button")`
    """
    paragraphs = "\n".join(f'<p id="{name}">{escape(text)}</p>' for name, text in sentences.items())
    return f"""<!doctype html>
<html lang="{locale}">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>{escape(title)}</title>
<style>
  :root {{ color-scheme: light dark; {_colours(0)} }}
  @media (prefers-color-scheme: dark) {{ :root {{ {_colours(1)} }} }}
{LAYOUT}</style>
</head>
<body>
<main>
{ICON}
<h1>{escape(title)}</h1>
{paragraphs}
<button>{escape(button)}</button>
</main>
<script>{script}</script>
</body>
</html>
"""


def _colours(paper: int) -> str:
    return " ".join(f"--{name}: {COLOURS[name][paper]};" for name in NAMES)
