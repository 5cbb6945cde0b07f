"""A transcript's warnings as a header, for formats that have no place for them."""

from __future__ import annotations

import json
from collections.abc import Sequence

WARNINGS_HEADER = "X-Wordlight-Warnings"
MAX_BYTES = 4096  # of the header's value; servers and proxies refuse more than some 8 KiB of headers in all
_LONGEST = 500  # characters of one warning


def warning_headers(warnings: Sequence[str]) -> dict[str, str]:
    """Returns the header: a JSON list of sentences in ASCII; none if there is nothing to warn of.

    If they do not all fit, the last entry says how many more there are.
    """
    if not warnings:
        return {}
    kept = [warning[:_LONGEST] for warning in warnings]
    value = json.dumps(kept)
    while len(value) > MAX_BYTES:
        kept.pop()
        value = json.dumps([*kept, f"And {len(warnings) - len(kept)} more."])
    return {WARNINGS_HEADER: value}
