"""Begins a transcription again in another language, with the recording that the server has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import InvalidOption
from jobs.texts import aligns
from page.page_jobs import PageJobs
from page.transcript_store import NotKept, TranscriptStore

Answer = dict[str, Any]


def transcribe_in(store: TranscriptStore, jobs: PageJobs, caller: str, asked: Mapping[str, Any]) -> Answer:
    """Submits the recording of a transcription once more, with its options and another language.

    asked  {token, language, keep}: whether the transcription in the first language stays, whatever it holds

    Returns {run, kept}. Unless it is to be kept, the first transcription is deleted if no reader has corrected it.

    Raises NotKept, Busy, RateLimited, StorageFull, and InvalidOption if a text is aligned.
    """
    token, language = str(asked["token"]), str(asked["language"])
    job, stored = jobs.find(token), store.load(token)
    meta = stored["message"]["meta"] if stored else {}
    if job is not None and aligns(job.options):
        raise InvalidOption("A text is being aligned, so its language stays.", "Align it once more.")
    if store.is_hidden(token) or (job is None and stored is None):
        raise NotKept("The recording is no longer kept.", "Upload it once more.")
    source = Path(job.source or "") if job else Path(stored["media"] if stored else "")
    chosen = (job.details or {}).get("chosen", {}) if job else meta.get("options", {})
    if not source.is_file():
        raise NotKept("The recording is no longer kept.", "Upload it once more.")
    line = job.line if job else None
    (run,) = jobs.submit(caller, [source], {**chosen, "language": language}, line=line)
    kept = bool(asked.get("keep") or meta.get("revision") or "name" in meta)
    if not kept:
        jobs.delete(token)
        store.delete(token)
    return {"run": run, "kept": kept}
