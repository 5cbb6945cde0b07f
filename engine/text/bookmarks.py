"""Bookmarks: passages that a person has marked to come back to, each with a note or without one.

Every word of a passage has the passage's note as its `bookmark`. Neighbours with the same note are one passage, so that
a passage outlives whatever is deleted, inserted or corrected in it.
"""

from __future__ import annotations

LONGEST_NOTE = 500  # characters


def shared_bookmark(before: str | None, after: str | None) -> str | None:
    """Returns the bookmark of what stands between words with these; None if it is in no passage."""
    return before if before == after else None
