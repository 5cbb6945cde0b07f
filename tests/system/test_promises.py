"""docs/promises.md: every promise names a test, and every test that is named exists."""

from __future__ import annotations

import ast
import re

from tests.support.recordings import ROOT

PROMISES = (ROOT / "docs" / "promises.md").read_text("utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_promise_names_its_test() -> None:
    promises = re.split(r"^- ", PROMISES, flags=re.MULTILINE)[1:]
    assert len(promises) > 20
    assert [promise for promise in promises if not NAMED.search(promise)] == []


def test_every_named_test_exists() -> None:
    named = NAMED.findall(PROMISES)
    assert [f"{path}::{name}" for path, name in named if name not in functions(path)] == []


def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
