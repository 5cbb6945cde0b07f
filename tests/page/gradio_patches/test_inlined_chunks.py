"""gradio's smallest scripts stand in the document: which ones do, and what they import."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import httpx

from page.gradio_patches.chunks import ASSETS
from page.gradio_patches.inlined_chunks import LARGEST, inline
from tests.support.app import App

LEAF = "const a=1;export{a as b};"
USER = 'import{b}from"./leaf.js";import"./large.js";export default b<2?"50%":"#";'


def test_what_a_small_script_imports_is_found_without_an_address(tmp_path: Path) -> None:
    (tmp_path / "leaf.js").write_text(LEAF)
    (tmp_path / "user.js").write_text(USER)
    (tmp_path / "large.js").write_text(f"export const text = '{'x' * LARGEST}';")
    found = inline(tmp_path, ["user.js", "large.js", "leaf.js"])
    assert found.names == {"user.js", "leaf.js"}
    leaf = found.imports["./assets/leaf.js"]
    assert leaf == found.imports["gradio/leaf.js"], "one module, whoever imports it"
    assert found.imports["gradio/large.js"] == "./assets/large.js"
    assert unquote(leaf) == f"data:text/javascript;charset=utf-8,{LEAF}"
    user = unquote(found.imports["./assets/user.js"])
    assert user.endswith(USER.replace("./", "gradio/"))
    table = re.fullmatch(r'<script type="importmap">([^<]*)</script>', found.tags[0])
    assert table and json.loads(table[1]) == {"imports": found.imports}


def test_a_script_that_needs_its_own_address_is_left_as_it_is(tmp_path: Path) -> None:
    for number, text in enumerate(
        ('import("./a.js")', "import.meta.url", "new URL('./a.png')", 'export*from"../a.js"')
    ):
        (tmp_path / f"{number}.js").write_text(text)
    assert inline(tmp_path, [f"{number}.js" for number in range(4)]).tags == ()


def test_the_document_s_scripts_are_gradio_s_own(app: App) -> None:
    document = httpx.get(app.url).text
    table = re.search(r'<script type="importmap">(.*?)</script>', document)
    assert table and table.start() < document.index("modulepreload")
    imports = json.loads(table[1])["imports"]
    held = [name for name in imports if name.startswith("./assets/")]
    assert len(held) >= 10
    for name in held:
        own = (ASSETS / Path(name).name).read_text("utf-8").strip()
        assert unquote(imports[name]).partition(",")[2].replace('"gradio/', '"./') == own
        assert f'<link rel="modulepreload" crossorigin href="{name}" />' not in document
    assert all(
        (ASSETS / Path(target).name).is_file() for target in imports.values() if target.startswith("./")
    )
