"""Imports of tests/: helpers come from tests/support, and from no test module, conftest or benchmark."""

from __future__ import annotations

import ast

import pytest

from tests.support.recordings import ROOT

TESTS = ROOT / "tests"


def imported(tree: ast.Module) -> set[str]:
    """Returns the names of the modules that a module imports, lazily or for types alone included."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def forbidden(tree: ast.Module, in_benchmarks: bool) -> list[str]:
    """Returns the imports of test modules and conftests and, outside of benchmarks, of benchmarks."""
    names = [name.split(".") for name in imported(tree)]
    return sorted(
        ".".join(parts)
        for parts in names
        if parts[0] == "conftest"
        or parts[0].startswith("test_")
        or (parts[0] == "tests" and any(part == "conftest" or part.startswith("test_") for part in parts))
        or (parts[:2] == ["tests", "benchmarks"] and not in_benchmarks)
    )


def test_helpers_come_from_support() -> None:
    found = {}
    for path in TESTS.rglob("*.py"):
        if "node_modules" not in path.parts:
            tree = ast.parse(path.read_text("utf-8"))
            found[str(path)] = forbidden(tree, path.is_relative_to(TESTS / "benchmarks"))
    assert len(found) > 100
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "line",
    [
        "from tests.conftest import App",
        "from tests.page.test_bundles import document",
        "from test_bundles import document",
        "def lazily():\n    from tests.benchmarks.synthesis import speak",
        "import tests.benchmarks.speed",
    ],
)
def test_a_helper_from_elsewhere_is_found(line: str) -> None:
    assert forbidden(ast.parse(line), in_benchmarks=False)


def test_benchmarks_may_share_among_themselves_and_take_from_support() -> None:
    lines = "from tests.benchmarks.bootstrap import paired\nfrom tests.support.synthesis import speak"
    assert forbidden(ast.parse(lines), in_benchmarks=True) == []


def test_no_function_of_a_helper_is_a_test() -> None:
    """A conftest gives fixtures and pytest's hooks; what else tests share is in tests/support."""
    tree = ast.parse((TESTS / "conftest.py").read_text("utf-8"))
    functions = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("pytest_")
    ]
    assert [
        node.name for node in functions if not any("fixture" in ast.unparse(d) for d in node.decorator_list)
    ] == []
