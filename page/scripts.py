"""The ES modules of assets/ linked into one, which the browser imports once for all views.

    import(".../scripts.js").then(({ show }) => show("transcript", { element, props, ... }))

One by one, the modules would be more requests than the rest of the page. Linking puts each module into a function
of its own, in the order of the imports, and changes nothing else: an import reads what the other function returns.
It knows the forms that the modules use, named imports and exported declarations, and refuses any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from page.static_files import StaticFile

ENTRY = "app.js"
GIVEN = "{ element, trigger, props, server, upload, watch }"  # what gradio hands to `js_on_load`

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]*)";', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_UNKNOWN = re.compile(r"^\s*(?:import\b(?!\()|export\b).*", re.MULTILINE)


def scripts_module(folder: Path, constants: Mapping[str, Any]) -> StaticFile:
    """Returns the modules of a folder as one, which exports `show`.

    constants  values for all scripts, in plain JSON types
    """
    linker = _Linker(folder)
    linker.add(PurePosixPath(ENTRY))
    show = f"{_variable(PurePosixPath(ENTRY))}.show(name, given, {json.dumps(constants)})"
    code = "\n".join([*linker.linked, f"export const show = (name, given) => {show};\n"])
    return StaticFile("scripts.js", code.encode("utf-8"))


def load_view(module: StaticFile, name: str) -> str:
    """Returns the code for `js_on_load` that shows a view."""
    address = "`${window.gradio_config.root}/" + module.path + "`"
    return f"import({address}).then(({{ show }}) => show({json.dumps(name)}, {GIVEN}));"


class _Linker:
    """Links modules after what they import.

    linked  the modules' code, ready to be joined
    """

    def __init__(self, folder: Path) -> None:
        self.linked: list[str] = []
        self._folder = folder
        self._exports: dict[PurePosixPath, list[str]] = {}  # of the modules that are linked
        self._open: list[PurePosixPath] = []  # modules whose imports are being linked

    def add(self, path: PurePosixPath) -> list[str]:
        """Links a module, unless it is linked; returns the names that it exports.

        Raises ValueError if modules import each other or a name that is not there.
        """
        if path in self._exports:
            return self._exports[path]
        if path in self._open:
            circle = " -> ".join(map(str, [*self._open, path]))
            raise ValueError(f"Scripts import each other: {circle}. Move what they share to a third module.")
        self._open.append(path)
        source = (self._folder / path).read_text("utf-8")
        code = _IMPORT.sub(lambda found: self._import(path, found), source)
        exports = _EXPORT.findall(code)
        code = _EXPORT.sub("", code)
        if unknown := _UNKNOWN.search(code):
            raise ValueError(
                f"{path}: {unknown[0].strip()!r} cannot be linked. Use named imports and exports."
            )
        head = f"const {_variable(path)} = (() => {{ // {path}"
        self.linked.append(f"{head}\n{code}return {{ {', '.join(exports)} }};\n}})();")
        self._exports[path] = exports
        self._open.pop()
        return exports

    def _import(self, path: PurePosixPath, found: re.Match[str]) -> str:
        other = _joined(path.parent, found[2])
        exports = self.add(other)
        names = [name.strip() for name in found[1].split(",") if name.strip()]
        for name in names:
            if name.split(" as ")[0] not in exports:
                raise ValueError(f"{path} imports {name!r}, which {other} does not export.")
        return f"const {{ {', '.join(name.replace(' as ', ': ') for name in names)} }} = {_variable(other)};"


def _joined(folder: PurePosixPath, address: str) -> PurePosixPath:
    parts = list(folder.parts)
    for part in PurePosixPath(address).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return PurePosixPath(*parts)


def _variable(path: PurePosixPath) -> str:
    return "$" + re.sub(r"\W", "_", str(path.with_suffix("")))
