"""Converts engine errors to the errors that gradio's clients show."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from engine import WordlightError
from engine.memory import error_for_caller

_log = logging.getLogger("wordlight.page")


@contextmanager
def as_gradio_error() -> Iterator[None]:
    """Converts engine errors to gr.Error.

    Unexpected errors become OutOfMemory or a generic error, as over plain HTTP, since their text may hold user
    data.
    """
    try:
        yield
    except gr.Error:
        raise
    except WordlightError as error:
        raise gr.Error(str(error), print_exception=False) from error
    except Exception as error:
        _log.exception("request failed")
        raise gr.Error(str(error_for_caller(error)), print_exception=False) from None
