"""Tickets with which the page opens WS /v1/live.

A browser sends no headers of its own with a WebSocket, and the page has no API key. So it asks for a ticket in an
ordinary request, which carries its login, and sends the ticket in the first message. A page of another site gets none.
"""

from __future__ import annotations

import secrets
import threading
import time

from server.errors import Unauthorized

TICKET_SECONDS = 60.0  # in which a ticket can be used, once
MAX_TICKETS = 1000  # unused ones; each is some 100 bytes


class LiveTickets:
    """The unused tickets of one process. Thread-safe."""

    def __init__(self, seconds: float = TICKET_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._issued: dict[str, tuple[str, float]] = {}  # ticket -> caller, monotonic second of its end

    def issue(self, caller: str) -> str:
        """Returns a ticket for a caller; the oldest unused one goes if there are too many."""
        ticket = secrets.token_urlsafe(18)
        with self._lock:
            self._issued[ticket] = caller, time.monotonic() + self._seconds
            while len(self._issued) > MAX_TICKETS:
                del self._issued[next(iter(self._issued))]
        return ticket

    def redeem(self, ticket: str) -> str:
        """Returns the caller of a ticket, which ends with that. Raises Unauthorized."""
        with self._lock:
            caller, until = self._issued.pop(ticket, ("", 0.0))
        if time.monotonic() > until:
            raise Unauthorized("The ticket is unknown or has been used.", "Ask the page for another one.")
        return caller
