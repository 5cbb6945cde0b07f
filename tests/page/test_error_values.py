"""The limit and the option that an error is about, for the sentence in the reader's language."""

from __future__ import annotations

import pytest

from engine import Config
from page.error_values import error_values


@pytest.mark.parametrize(
    ("code", "field", "values"),
    [
        ("too_long", None, {"limit": "1:02:03"}),
        ("too_many_files", None, {"limit": "7"}),
        ("bad_option", "hotwords", {"field": "hotwords"}),
        ("busy", None, {}),
    ],
)
def test_an_error_comes_with_what_it_is_about(code: str, field: str | None, values: dict[str, str]) -> None:
    config = Config(max_seconds=3723, max_batch=7)
    assert error_values(code, config, field) == values


def test_without_a_limit_none_is_told() -> None:
    assert error_values("too_many_files", Config(max_batch=0)) == {}
