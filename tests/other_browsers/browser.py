"""What the checks need of a browser, whatever protocol it is driven by."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any, Protocol

PATIENCE = 240.0  # seconds for what a page has to become
WIDTH, HEIGHT = 1440, 900


class Browser(Protocol):
    name: str

    def open(self, url: str) -> None:
        """Goes to an address."""
        ...

    def ask(self, expression: str) -> Any:
        """Returns the value of a JavaScript expression, by way of JSON."""
        ...

    def choose_file(self, selector: str, path: Path) -> None:
        """Puts a file into the input that a CSS selector names."""
        ...

    def picture(self) -> bytes:
        """Returns what is in sight, as PNG."""
        ...


def wait_for(browser: Browser, expression: str) -> None:
    """Waits until an expression is true. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE
    while not browser.ask(f"Boolean({expression})"):
        if time.monotonic() > until:
            raise TimeoutError(f"{browser.name} does not come to {expression}")
        time.sleep(0.2)


def free_port() -> int:
    """Returns a port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
