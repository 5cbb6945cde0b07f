"""Values of the errors that the page tells in its reader's language."""

from __future__ import annotations

from engine import Config
from engine.errors import TooLong, TooManyFiles
from engine.text.clock import clock


def error_values(code: str, config: Config, field: str | None = None) -> dict[str, str]:
    """Returns the limit that a code is about, if there is one, and the option at fault, for error_<code>_hint.

    field  of the error
    """
    limits = {
        TooLong.code: clock(config.max_seconds) if config.max_seconds else "",
        TooManyFiles.code: str(config.max_batch or ""),
    }
    known = {"limit": limits.get(code, ""), "field": field or ""}
    return {name: value for name, value in known.items() if value}
