"""What the checks need of a browser, whatever protocol it is driven by."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from tests.support.waiting import eventually

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
    if not eventually(lambda: browser.ask(f"Boolean({expression})"), PATIENCE):
        raise TimeoutError(f"{browser.name} does not come to {expression}")
