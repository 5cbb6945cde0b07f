"""The scripts of assets/ as one ES module, which each view loads and of which each runs its own part.

    import(".../scripts.js").then(({ show }) => show("transcript", { element, props, ... }))

`store.js` runs once, at the top of the module. The scripts of a view share one function, so that they see
each other's names, what gradio gives to the view, and everything of `store.js`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from page.static_files import StaticFile

SHARED = "store"
GIVEN = "{ element, trigger, props, server, upload, watch }"  # what gradio hands to `js_on_load`


def scripts_module(
    folder: Path, views: Mapping[str, Sequence[str]], constants: Mapping[str, Any]
) -> StaticFile:
    """Builds the module from the scripts of a folder; `views` names those of each view.

    constants  what all scripts see under that name, in plain JSON types
    """
    functions = [_function(folder, name, scripts) for name, scripts in views.items()]
    parts = [
        f"const constants = {json.dumps(constants)};",
        _read(folder, SHARED),
        "const views = {",
        *functions,
        "};",
        "export const show = (name, given) => views[name](given);",
    ]
    return StaticFile("scripts.js", "\n".join(parts).encode("utf-8"))


def load_view(module: StaticFile, name: str) -> str:
    """Returns the code for `js_on_load` that runs a view's part of the module."""
    address = "`${window.gradio_config.root}/" + module.path + "`"
    return f"import({address}).then(({{ show }}) => show({json.dumps(name)}, {GIVEN}));"


def _function(folder: Path, name: str, scripts: Sequence[str]) -> str:
    body = "\n".join(_read(folder, script) for script in scripts)
    return f"{json.dumps(name)}({GIVEN}) {{\n{body}\n}},"


def _read(folder: Path, name: str) -> str:
    return (folder / f"{name}.js").read_text("utf-8")
