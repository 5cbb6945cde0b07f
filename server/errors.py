"""Errors that only HTTP knows, in the tree of `engine.errors`."""

from __future__ import annotations

from engine.errors import InputError


class NotAForm(InputError):
    """Reports an HTTP body that is not multipart/form-data."""

    code = "not_a_form"
    status = 415


class MethodNotAllowed(InputError):
    """Reports an HTTP method that the path does not have."""

    code = "wrong_method"
    status = 405


class UpgradeRequired(InputError):
    """Reports a plain HTTP request to a path that takes WebSockets."""

    code = "websocket_required"
    status = 426


class TooSlow(InputError):
    """Reports a request whose bytes come too slowly or not at all."""

    code = "too_slow"
    status = 408


class Unauthorized(InputError):
    """Reports a missing or unknown API key."""

    code = "unauthorized"
    status = 401


class Forbidden(InputError):
    """Reports an HTTP path that is closed on purpose."""

    code = "refused"
    status = 403


class NotJson(InputError):
    """Reports an HTTP body that is not application/json."""

    code = "not_json"
    status = 415


class UnknownHost(InputError):
    """Reports an HTTP Host header that names none of this server's hosts."""

    code = "unknown_host"
    status = 421


class BadLink(InputError):
    """Reports a link to a recording that may not or cannot be fetched."""

    code = "bad_link"
    status = 422

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint, "url")
