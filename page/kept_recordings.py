"""Recordings of transcripts that are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from page.transcript_store import NotKept, TranscriptStore


def load_with_recording(store: TranscriptStore, token: Any) -> tuple[Path, dict[str, Any]]:
    """Returns a transcript's recording and its last message. Raises NotKept if one of them has been deleted."""
    known = store.load(token)
    media = Path(known["media"]) if known else None
    if known is None or media is None or not media.is_file():
        raise NotKept("The recording is no longer kept.", "Upload it once more.")
    return media, known["message"]
