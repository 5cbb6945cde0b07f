"""Deletes transcripts at once for every reader, and for good some seconds later, so that a deletion can be undone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import Any

from page.page_jobs import PageJobs
from page.transcript_store import UNDO_SECONDS, TranscriptStore

_log = logging.getLogger("wordlight.page")


class Deletions:
    """The deletions of one process; what it leaves undone when it ends, the sweeper does."""

    def __init__(self, store: TranscriptStore, jobs: PageJobs) -> None:
        self._store = store
        self._jobs = jobs

    def delete(self, tokens: Iterable[Any], undoable: bool = False) -> None:
        """Deletes transcripts with their jobs and recordings."""
        hidden = []
        for token in tokens:
            if undoable and self._store.hide(token):
                hidden.append(token)
            else:
                self._jobs.delete(str(token))
                self._store.delete(token)
        if hidden:
            timer = threading.Timer(UNDO_SECONDS, self._finish, [hidden])
            timer.daemon = True
            timer.start()

    def undo(self, tokens: Iterable[Any]) -> None:
        """Brings back transcripts that were deleted a moment ago. Raises NotKept if one is gone for good."""
        for token in tokens:
            self._store.unhide(token)

    def _finish(self, tokens: Iterable[str]) -> None:
        for token in tokens:
            try:
                if self._store.delete_hidden(token):
                    self._jobs.delete(token)
            except Exception:  # the sweeper tries again
                _log.exception("a transcript cannot be deleted")
