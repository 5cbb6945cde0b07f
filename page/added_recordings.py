"""Recordings that are added to others which have a transcript already.

They are known by their paths. Each upload has a path of its own: a file that is chosen anew is transcribed anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from page.transcript_store import TranscriptStore

Item = dict[str, Any]  # of StatusView's "items"


def known_items(store: TranscriptStore, tokens: Any) -> dict[Path, Item]:
    """Returns the items of the recordings whose transcripts are stored, by the path of each recording.

    tokens  of the transcriptions that the page has followed, as its script sends them
    """
    known: dict[Path, Item] = {}
    for token in tokens if isinstance(tokens, list) else ():
        if stored := store.head(token):
            media = Path(stored["media"])
            state = "done" if stored["state"] == "done" else "stopped"
            known[media.resolve()] = {"name": media.name, "run": token, "token": token, "state": state}
    return known


def added(sources: Iterable[Path], known: dict[Path, Item]) -> list[Path]:
    """Returns the recordings without a transcript; all of them if each has one, to be transcribed again."""
    every = list(sources)
    return [source for source in every if source.resolve() not in known] or every


def in_order(sources: Iterable[Path], known: dict[Path, Item], begun: Iterable[Item]) -> list[Item]:
    """Returns an item for each recording: those of `known` and, for all others in turn, what has begun."""
    rest = iter(begun)
    return [known.get(source.resolve()) or next(rest) for source in sources]
