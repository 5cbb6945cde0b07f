"""Finds the files of gradio's frontend that a page loads, in gradio's own build.

gradio 6.17 is built by Vite into hundreds of small files. Its loader fetches a component's files once the
component is met, so that they come in waves: 36 of the 122 requests of this page were style sheets of less
than 3 KB. What is known beforehand can be fetched at once, and the style sheets as one.

The lists are found by the form of Vite's output. If a release of gradio has another form, nothing is found, and
the page loads as gradio designed it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import gradio

FRONTEND = Path(gradio.__file__).parent / "templates" / "frontend"
ASSETS = FRONTEND / "assets"

_ENTRY = re.compile(r'<script type="module" crossorigin src="\./assets/([\w.-]+\.js)"')
_LISTED = re.compile(r"m\.f=\[([^\]]*)\]")  # the files that a script's lists refer to by number
_IMPORT = re.compile(r'import\("\./([\w.-]+\.js)"\)[^"]{0,60}?__vite__mapDeps\(\[([\d,]*)\]\)')
_URL = re.compile(r"url\(\s*(?![\"']?(?:data:|#))")  # of another file, relative to the style sheet


@dataclass(frozen=True, slots=True)
class Chunks:
    """Names of files in gradio's assets, in the order in which they are met."""

    scripts: tuple[str, ...]
    styles: tuple[str, ...]

    def css(self) -> str:
        """Returns the style sheets as one."""
        return "\n".join(_read(name) for name in self.styles)


def chunks_of(types: Iterable[str]) -> Chunks:
    """Returns the files for a page with components of these types, such as "button"."""
    found: dict[str, None] = {}
    shell = _shell()
    registry = next((name for name in shell if "accordion:{component:" in _read(name)), None)
    if registry:
        found |= dict.fromkeys([*shell, *_components(registry, set(types))])
    styles = tuple(name for name in found if name.endswith(".css") and not _URL.search(_read(name)))
    return Chunks(tuple(name for name in found if name.endswith(".js")), styles)


def _shell() -> list[str]:
    """Returns the files that every page loads: the entry, its imports, and the blocks in them."""
    entry = _ENTRY.search((FRONTEND / "index.html").read_text("utf-8"))
    if not entry:
        return []
    found = [entry[1]]
    for chunk, needs in _imports(entry[1]):
        found += [chunk, *needs]
        for inner, inner_needs in _imports(chunk):
            if inner.startswith("Blocks-"):  # the other is the page to sign in
                found += [inner, *inner_needs]
    return found


def _components(registry: str, types: Collection[str]) -> list[str]:
    """Returns the files that components need, from a script that lists all components."""
    text, listed, found = _read(registry), _listed(registry), list[str]()
    for kind in sorted(types):
        start = re.search(rf"[{{,]{re.escape(kind)}:{{", text)
        loader = text.find("component:", start.end()) if start else -1
        match = _IMPORT.search(text, loader) if loader >= 0 else None
        if match:
            found += [match[1], *_named(match[2], listed)]
    return found


def _imports(script: str) -> list[tuple[str, list[str]]]:
    """Returns what a script imports dynamically, each with the files that are loaded with it."""
    listed = _listed(script)
    return [(match[1], _named(match[2], listed)) for match in _IMPORT.finditer(_read(script))]


def _listed(script: str) -> list[str]:
    match = _LISTED.search(_read(script))
    return re.findall(r'"\./([\w.-]+)"', match[1]) if match else []


def _named(numbers: str, listed: list[str]) -> list[str]:
    return [listed[int(number)] for number in numbers.split(",") if number and int(number) < len(listed)]


def _read(name: str) -> str:
    return (ASSETS / name).read_text("utf-8")
