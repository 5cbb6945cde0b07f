"""The page's own parts over an engine, without a server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine import Config, Engine, Transcript
from jobs.service import Jobs
from page import messages
from page.attendance import Attendance
from page.following import Following
from page.handlers import PageContext
from page.layout import build_layout
from page.page_jobs import PageJobs
from page.server_functions import server_functions
from page.transcript_functions import following_functions, keeping_functions
from page.transcript_store import TranscriptStore
from server import CallerLimits

PATIENCE = 120.0  # seconds for work, on a machine that may be busy
AT_WORK = ("waiting", "working")


class PageWork:
    """What a page does with recordings: has them transcribed, follows, stops."""

    def __init__(
        self, engine: Any, store: TranscriptStore, limits: CallerLimits, data_dir: Path, unattended: float
    ) -> None:
        self.engine = engine
        self.store = store
        self.all_jobs = Jobs(_on_folder(engine, data_dir))
        self.jobs = PageJobs(engine, self.all_jobs, store, limits, Attendance(unattended))
        self.following = Following(engine, self.jobs, store, self.all_jobs.signals)
        store.job_files = self.jobs.sources

    def functions(self, limits: CallerLimits | None = None) -> dict[str, Callable[..., Any]]:
        """Returns the functions that the page's scripts call, by their names."""
        limits = limits or CallerLimits(self.engine.config)
        found = [
            *server_functions(self.engine, self.store, limits),
            *following_functions(self.jobs, self.following),
            *keeping_functions(self.store, self.jobs),
        ]
        return {function.__name__: function for function in found}

    def begin(self, *sources: Path, caller: str = "ann", **options: Any) -> list[str]:
        return self.jobs.submit(caller, sources, {"language": "en", **options})

    def wait(self, token: str, *states: str) -> dict[str, Any]:
        """Returns the answer to a page once the work is in one of these states, or is over."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = self.following.look(token)
            if found["state"] in states or found["state"] not in AT_WORK:
                return found
            time.sleep(0.05)
        raise AssertionError(f"the work is still {found['state']}")

    def wait_for_words(self, token: str) -> dict[str, Any]:
        """Returns the answer to a page once there are words."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = self.following.look(token)
            if words_of(found):
                return found
            time.sleep(0.05)
        raise AssertionError("there are no words")


def words_of(answer: dict[str, Any]) -> list[str]:
    segments: Sequence[dict[str, Any]] = answer.get("message", {}).get("segments", [])
    return [word["word"] for segment in segments for word in segment["words"]]


@contextmanager
def page_work(
    engine: Any,
    store: TranscriptStore,
    *,
    limits: CallerLimits | None = None,
    data_dir: Path | None = None,
    unattended: float = 3600.0,
) -> Iterator[PageWork]:
    """Gives the jobs of a page, at work; several in turn may be on one folder, as after restarts."""
    folder = data_dir or store.folder.root.parent
    work = PageWork(engine, store, limits or CallerLimits(engine.config), folder, unattended)
    work.all_jobs.start()
    try:
        yield work
    finally:
        work.all_jobs.close()


@contextmanager
def idle_page(store: TranscriptStore) -> Iterator[PageWork]:
    """Gives a page whose engine has no models, so that no job is worked at."""
    engine = Engine(Config())
    work = PageWork(engine, store, CallerLimits(engine.config), store.folder.root.parent, unattended=3600.0)
    try:
        yield work
    finally:
        work.all_jobs.close(wait=0.0)


def page_context(work: PageWork) -> PageContext:
    """Returns the context of a page that is laid out in the Blocks that is open."""
    parts = build_layout(work.engine, [])
    return PageContext(engine=work.engine, parts=parts, jobs=work.jobs, store=work.store)


class _OnFolder:
    """An engine whose jobs are in another folder."""

    def __init__(self, engine: Any, data_dir: Path) -> None:
        self._engine = engine
        self.config = replace(engine.config, data_dir=data_dir)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def _on_folder(engine: Any, data_dir: Path) -> Any:
    return _OnFolder(engine, data_dir)


def keep_transcript(store: TranscriptStore, media: Path, transcript: Transcript, **options: Any) -> str:
    """Stores a transcript as the page does; returns its token."""
    token = store.new_token()
    made: dict[str, Any] = messages.transcript_message(token, transcript.segments, 0, done=True)
    made["meta"] = messages.page_meta(transcript, 1.0) | {"options": options}
    store.save(token, "done", media, made)
    return token
