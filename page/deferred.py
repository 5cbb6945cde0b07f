"""Shows components only once their tab or accordion is opened, so that gradio fetches them then.

gradio fetches the scripts of every component that is visible at first, drawn or not. For the microphone and the
advanced options these were a third of all requests and 190 of 390 KB of scripts. Such components start invisible.
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
