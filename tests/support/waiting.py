"""Waits for what comes to be true."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Tells whether something comes to be true, however busy the machine is."""
    for _ in range(round(10 * seconds)):
        if condition():
            return True
        time.sleep(0.1)
    return False
