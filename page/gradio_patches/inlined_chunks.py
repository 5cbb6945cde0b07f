"""Puts the smallest scripts of gradio's frontend into the document, so that they are not fetched one by one.

gradio 6.17 loads some sixty scripts, a quarter of which are smaller than the headers of a request. An import map
gives the content of such a script in place of its address. A browser without import maps (Safari before 16.4)
fetches the scripts as gradio designed it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

LARGEST = (
    530  # bytes of a script that is put into the document; larger ones cost the document more than they save
)
SCOPE = (
    "gradio/"  # of the names by which such scripts import others, since they have no address to start from
)

_IMPORT = re.compile(r'(\b(?:from|import)\s*)"\./([\w.-]+\.js)"')
_ADDRESSED = re.compile(
    r'import\.meta|\bimport\(|["\'`]\.{1,2}/'
)  # what needs the address of the script itself
_KEPT = ";/?:@&=+$,!*'()[]{}|^`"  # characters that mean themselves in a data URL


@dataclass(frozen=True, slots=True)
class InlinedChunks:
    """Scripts that stand in the document.

    names    of the files in gradio's assets
    imports  of the import map: what a script imports -> the address of that, or its content
    """

    names: frozenset[str]
    imports: dict[str, str]

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags, which must stand before every other script and every preload.

        The links without effect are for gradio's loader, which adds a preload for each script that no link names.
        """
        if not self.imports:
            return ()
        table = json.dumps({"imports": self.imports}, separators=(",", ":")).replace("<", "\\u003c")
        links = (f'<link rel="inlined" href="./assets/{name}" />' for name in sorted(self.names))
        return (f'<script type="importmap">{table}</script>', *links)


def inline(folder: Path, scripts: Iterable[str]) -> InlinedChunks:
    """Returns those of some scripts in a folder that are small and need no address of their own."""
    contents: dict[str, str] = {}
    imported: set[str] = set()
    for name in scripts:
        path = folder / name
        if path.stat().st_size > LARGEST:
            continue
        text = path.read_text("utf-8")
        content = _IMPORT.sub(rf'\1"{SCOPE}\2"', text)
        if not _ADDRESSED.search(content):
            contents[name] = f"data:text/javascript;charset=utf-8,{quote(content.strip(), safe=_KEPT)}"
            imported.update(other for _, other in _IMPORT.findall(text))
    imports = {f"./assets/{name}": content for name, content in contents.items()}
    for name in sorted(imported):
        imports[f"{SCOPE}{name}"] = contents.get(name, f"./assets/{name}")
    return InlinedChunks(frozenset(contents), imports)
