"""What the page's style sheets may say, for browsers other than the one that the tests drive."""

from __future__ import annotations

import re

import pytest

from page.components import ASSETS

LINES = {"none", "underline", "line-through"}


@pytest.mark.parametrize("sheet", sorted(path.name for path in ASSETS.glob("*.css")))
def test_safari_draws_every_line(sheet: str) -> None:
    """In its `text-decoration`, a style or a thickness makes the whole declaration void: no line is drawn."""
    css = (ASSETS / sheet).read_text("utf-8")
    values = [
        value.removesuffix("!important").strip() for value in re.findall(r"text-decoration:([^;}]+)", css)
    ]
    assert set(values) <= LINES
