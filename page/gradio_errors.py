"""Converts engine errors to the errors that gradio's clients show."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from engine import WordlightError
from engine.errors import internal_error

_log = logging.getLogger("wordlight.page")


@contextmanager
def as_gradio_error() -> Iterator[None]:
    """Converts engine errors to gr.Error.

    Unexpected errors become a generic one, as over plain HTTP, since their text may hold user data.
    """
    try:
        yield
    except gr.Error:
        raise
    except WordlightError as error:
        raise gr.Error(str(error), print_exception=False) from error
    except Exception:
        _log.exception("request failed")
        raise gr.Error(str(internal_error()), print_exception=False) from None
