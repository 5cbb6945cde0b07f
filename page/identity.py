"""Names the callers of the page and of gradio's API: by login or by address."""

from __future__ import annotations

import gradio as gr
from starlette.requests import Request


def caller_name(request: gr.Request | Request) -> str:
    """Returns the caller's name for the limits: the login or the address."""
    login = request.username if isinstance(request, gr.Request) else login_of(request)
    if login:
        return f"login {login}"
    client = getattr(request, "client", None)
    return f"address {client.host if client else 'unknown'}"


def is_signed_in(request: Request) -> bool:
    """Returns whether gradio's own routes would accept a request; without logins, they accept every one."""
    return request.app.auth is None or login_of(request) is not None


def login_of(request: Request) -> str | None:
    """Returns the login of a request that gradio passes on unchanged, as it does those of the page's scripts."""
    app, cookies = request.app, request.cookies
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    return next((app.tokens[cookies[name]] for name in names if cookies.get(name) in app.tokens), None)
