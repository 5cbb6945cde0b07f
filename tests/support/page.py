"""The page's context over an engine, without a server."""

from __future__ import annotations

from typing import Any

from page.layout import build_layout
from page.runs import PageContext
from page.stop_signals import StopSignals
from page.transcript_store import TranscriptStore
from server import CallerLimits


def page_context(engine: Any, store: TranscriptStore, limits: CallerLimits | None = None) -> PageContext:
    """Returns the context of a page that is laid out in the Blocks that is open."""
    return PageContext(
        engine=engine,
        parts=build_layout(engine.config, []),
        stops=StopSignals(),
        store=store,
        limits=limits or CallerLimits(engine.config),
    )
