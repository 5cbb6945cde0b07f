"""The surroundings of a Hugging Face Space: its storage and its proxies."""

from __future__ import annotations

import os
from pathlib import Path

STORAGE = Path("/data")  # is there if a Space has storage that outlives a restart
# The networks that a Space's proxies are in. Visitors are in none: so the right-most other hop is the visitor.
PROXIES = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1",
    "fc00::/7",
)


def storage() -> Path | None:
    """Returns the folder that outlives a restart; None if the Space has none that can be written to."""
    return STORAGE if os.access(STORAGE, os.W_OK) else None
