"""Parts of the page that gradio fetches and draws once their tab or accordion is opened.

gradio fetches the scripts of every part that is visible at first, drawn or not: for the microphone and the
advanced options these were a third of all requests and 190 of 390 KB of scripts. Such parts start invisible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradio.components import Component


def show_when(opened: Callable[..., Any], parts: Sequence[Component], **settings: Any) -> None:
    """Makes parts visible, in the browser alone, at an event such as the opening of their tab."""
    update = "{ __type__: 'update', visible: true }"
    updates = update if len(parts) == 1 else f"[{', '.join([update] * len(parts))}]"
    opened(None, None, list(parts), js=f"() => ({updates})", **settings)
