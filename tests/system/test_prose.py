"""The words of comments and strings: conditions by if and when, and no variable called it."""

from __future__ import annotations

import ast
import io
import re
import tokenize

import pytest

from tests.support.recordings import ROOT

ROOMS = ("engine", "jobs", "server", "page", "deploy")
# `where` is for places; as a word for conditions it may stand in a room this often, in all its files together.
MAX_WHERE = {"server": 5, "page": 5}


def said(text: str) -> str:
    """Returns the comments and strings of a module."""
    kinds = (tokenize.COMMENT, tokenize.STRING)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return "\n".join(token.string for token in tokens if token.type in kinds)


@pytest.mark.parametrize("room", MAX_WHERE)
def test_where_is_for_places(room: str) -> None:
    hits = [
        path.name
        for path in (ROOT / room).rglob("*.py")
        for _ in re.findall(r"\bwhere\b", said(path.read_text("utf-8")))
    ]
    assert len(hits) <= MAX_WHERE[room], hits


def test_no_variable_is_called_it() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Name) and node.id == "it")
        or (isinstance(node, ast.arg) and node.arg == "it")
    ]
    assert found == []
