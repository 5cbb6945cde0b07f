"""Answers to the page's scripts: one JSON object, with `error` and `code` if the user can mend what is wrong."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from anyio import CapacityLimiter, to_thread

from engine import WordlightError
from engine.errors import InvalidOption

Answer = dict[str, Any]

_log = logging.getLogger("wordlight.page")


async def answered(
    work: Callable[[Any], Answer], asked: Any, threads: CapacityLimiter | None = None
) -> Answer:
    """Returns the result of the work, done in a thread, or its error."""
    return await result_or_error(partial(to_thread.run_sync, work, asked, limiter=threads))


async def result_or_error(work: Callable[[], Awaitable[Answer | None]]) -> Answer:
    """Returns the result of the work, or its error; empty if the client has disconnected."""
    try:
        return await work() or {}
    except WordlightError as error:
        return _failed(error)
    except (KeyError, TypeError, ValueError, AttributeError):
        _log.exception("a request of the page's scripts cannot be read")
        return _failed(InvalidOption("The request cannot be read.", "Reload the page and try again."))


def _failed(error: WordlightError) -> Answer:
    return {"error": str(error), "code": error.code}
