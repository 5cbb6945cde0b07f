"""Errors that concern jobs, in the tree of `engine.errors`."""

from __future__ import annotations

from engine.errors import InputError, NotFound


class JobNotFound(NotFound):
    """Reports an id that no job of this caller has."""

    def __init__(self) -> None:
        super().__init__(
            "There is no job of this id.", "It may have been deleted, or belong to another API key."
        )


class KeyReused(InputError):
    """Reports an idempotency key that was used with another body."""

    code = "key_reused"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for another recording or other options.", "Send a new key."
        )


class NotDone(InputError):
    """Reports a job that has no result."""

    code = "not_done"
    status = 409

    def __init__(self, state: str) -> None:
        waits = state in ("queued", "running")
        hint = "Ask again once its state is done." if waits else "GET /jobs/{id} says what became of it."
        super().__init__(f"The job is {state}, so there is no result.", hint)
        self.retry_after = 5 if waits else None


class BadCallback(InputError):
    """Reports a callback URL that may not be called."""

    code = "bad_option"
    status = 422

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint, "callback_url")


class LeaseLost(Exception):
    """Reports that a worker's job was deleted, cancelled, or taken by another worker."""
