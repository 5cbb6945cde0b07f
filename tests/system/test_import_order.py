"""Imports run one way: no arrow up, no circle, and few floors."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.support.recordings import ROOT

# The rooms from the ground up: a module imports from its own room and from those listed before it.
ROOMS = ("engine", "jobs", "server", "page", "app", "deploy")
# What the engine may not know.
OUTSIDE = ("gradio", "starlette", "fastapi", "sqlalchemy", "uvicorn")
MAX_ENGINE_FILES = 17  # beside its folders
MAX_FLOORS = 10  # of the engine's modules
MAX_LINES = {"file": 300, "function": 60}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def sources() -> dict[str, ast.Module]:
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")] + [ROOT / "app.py"]
    return {module_of(path): ast.parse(path.read_text("utf-8")) for path in paths}


@cache
def imports(module: str) -> frozenset[str]:
    """Returns the modules of this project that a module imports, lazily or for types alone included."""
    found: set[str] = set()
    for node in ast.walk(sources()[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.add(full if full in sources() else node.module)
    return frozenset(name for name in found if name in sources() and name != module)


def floor(module: str, above: tuple[str, ...] = ()) -> int:
    """Returns how many modules stand one upon the other below a module. Fails where they form a circle."""
    assert module not in above, " -> ".join((*above, module))
    return max((1 + _floor(name, (*above, module)) for name in imports(module)), default=0)


_known: dict[str, int] = {}


def _floor(module: str, above: tuple[str, ...]) -> int:
    if module not in _known:
        _known[module] = floor(module, above)
    return _known[module]


def test_no_import_runs_up() -> None:
    order = {room: number for number, room in enumerate(ROOMS)}
    up = [
        f"{module} imports {name}"
        for module in sources()
        for name in imports(module)
        if order[name.split(".")[0]] > order[module.split(".")[0]]
    ]
    assert up == []


def test_there_is_no_circle_and_the_engine_has_few_floors() -> None:
    floors = {module: floor(module) for module in sources()}
    assert max(number for module, number in floors.items() if module.startswith("engine.")) < MAX_FLOORS


def test_the_engine_knows_no_web_no_page_and_no_database() -> None:
    for module, tree in sources().items():
        if module.split(".")[0] != "engine":
            continue
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            assert not {name.split(".")[0] for name in names} & set(OUTSIDE), module


def test_the_engine_s_front_room_is_not_crowded() -> None:
    assert len(list((ROOT / "engine").glob("*.py"))) <= MAX_ENGINE_FILES


@pytest.mark.parametrize("kind", MAX_LINES)
def test_nothing_is_too_long(kind: str) -> None:
    long = []
    for module, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and kind == "function":
                long += [f"{module}.{node.name}"] if node.end_lineno - node.lineno >= MAX_LINES[kind] else []
        if kind == "file":
            lines = max((getattr(node, "end_lineno", 0) or 0 for node in tree.body), default=0)
            long += [module] if lines > MAX_LINES[kind] else []
    assert long == []
