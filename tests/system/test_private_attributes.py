"""Private names stay in their module: no attribute or import of another module's that begins with _."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.support.recordings import ROOT

ROOMS = ("engine", "jobs", "server", "page", "deploy", "tests")
# Private names of libraries that have no public one for it; gradio's are used in gradio_patches alone.
OF_LIBRARIES = {
    "page/gradio_patches/parameter_names.py": {"_api_info"},
    "page/gradio_patches/queue.py": {"_id"},
    "tests/engine/test_languages.py": {"_LANGUAGE_CODES"},
}
PUBLIC = {"_exit", "_replace", "_asdict", "_fields"}  # documented, of `os` and of named tuples


def own_names(tree: ast.Module) -> set[str]:
    """Returns the attributes and methods that the classes of a module define."""
    found: set[str] = set()
    for class_ in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        for node in ast.walk(class_):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
            elif (
                isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Store)
                and ast.unparse(node.value) == "self"
            ):
                found.add(node.attr)
    return found


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in PUBLIC


def touched(tree: ast.Module) -> set[str]:
    """Returns the private names of other modules that a module uses."""
    own, found = own_names(tree), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names if is_private(alias.name)}
        elif (
            isinstance(node, ast.Attribute)
            and is_private(node.attr)
            and ast.unparse(node.value) not in ("self", "cls")
            and node.attr not in own
        ):
            found.add(node.attr)
    return found


def sources() -> list[Path]:
    paths = [ROOT / "app.py", *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
    return [path for path in paths if "node_modules" not in path.parts]


def test_private_names_stay_in_their_module() -> None:
    found = {}
    for path in sources():
        name = str(path.relative_to(ROOT))
        if others := touched(ast.parse(path.read_text("utf-8"))) - OF_LIBRARIES.get(name, set()):
            found[name] = others
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "scheduler._changed.notify()",
        "from engine.export.partition import _Row",
        "lane._gate = None",
        "self.engine._installation",
    ],
)
def test_a_private_name_of_another_module_is_found(line: str) -> None:
    assert touched(ast.parse(line))


def test_a_class_s_own_names_are_no_others() -> None:
    text = "class Lane:\n    def __init__(self): self._over = False\n    def like(self, other): return other._over"
    assert touched(ast.parse(text)) == set()
