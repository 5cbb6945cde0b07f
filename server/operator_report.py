"""The report of the installation over HTTP, for its operators."""

from __future__ import annotations

import time
from typing import Any

from anyio import CapacityLimiter, Lock, to_thread
from starlette.requests import Request

from engine.config import Config
from engine.doctor.examination import examine, verdict
from server.auth import ApiKeys
from server.errors import Forbidden
from server.hosts import header, is_loopback, name_of

VERBOSE = "verbose"  # the parameter that asks for the report
REUSE_SECONDS = 30.0  # that a report counts as new: each one hashes all weights and asks the hub


class OperatorReport:
    """Examines the installation while it serves; all who ask within a while get one report."""

    def __init__(self, config: Config, threads: CapacityLimiter) -> None:
        self._config = config
        self._threads = threads
        self._lock = Lock()
        self._made_at = 0.0
        self._report: dict[str, Any] = {}

    async def get(self) -> dict[str, Any]:
        """Returns the worst state and all checks in plain JSON types."""
        async with self._lock:
            if not self._report or time.monotonic() - self._made_at > REUSE_SECONDS:
                self._report = await to_thread.run_sync(self._examine, limiter=self._threads)
                self._made_at = time.monotonic()
            return self._report

    def _examine(self) -> dict[str, Any]:
        checks = list(examine(self._config, running=True))
        return {"status": verdict(checks), "checks": [check.to_dict() for check in checks]}


def require_operator(keys: ApiKeys, call: Request) -> None:
    """Refuses callers who are not operators: without API keys, only this machine itself is one.

    Raises Forbidden. A request with a key has been identified before.
    """
    if keys.required:
        return
    peer = call.client.host if call.client else ""
    host = header(call.scope, b"host") or ""
    # The tunnel of a share link connects from this machine too, but under a public name.
    if not (is_loopback(peer) and is_loopback(name_of(host) or "")):
        raise Forbidden(
            "This report is for the operators, and this server has no API keys to know them by.",
            "Set WORDLIGHT_API_KEYS, or ask from the server's own machine.",
        )
