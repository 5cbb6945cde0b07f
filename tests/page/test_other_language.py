"""A recording is transcribed again in another language: the server has it, and what was corrected stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidOption
from page.other_language import transcribe_in
from page.transcript_store import NotKept, TranscriptStore
from server.data_folder import DataFolder
from tests.support.page import PageWork, idle_page


@pytest.fixture
def work(tmp_path: Path) -> Iterator[PageWork]:
    """Jobs that wait: the engine has no models."""
    with idle_page(TranscriptStore(DataFolder.claim(tmp_path), keep_seconds=60)) as page:
        yield page


@pytest.fixture
def source(work: PageWork) -> Path:
    return work.store.folder.publish_file("talk.wav", b"sound", "upload")


def test_the_recording_and_the_options_stay_and_the_first_job_goes(work: PageWork, source: Path) -> None:
    (first,) = work.begin(source, beam_size=2)
    before = work.jobs.find(first)
    answer = transcribe_in(work.store, work.jobs, "ann", {"token": first, "language": "de"})
    job = work.jobs.find(answer["run"])
    assert job and before and (job.source, job.line) == (str(source), before.line)
    assert (job.details or {})["chosen"] == {"language": "de", "beam_size": 2}
    assert not answer["kept"] and work.jobs.find(first) is None
    assert source.read_bytes() == b"sound"


def test_the_first_one_stays_if_the_page_has_corrections_of_it(work: PageWork, source: Path) -> None:
    (first,) = work.begin(source)
    answer = transcribe_in(work.store, work.jobs, "ann", {"token": first, "language": "de", "keep": True})
    assert answer["kept"] and work.jobs.find(first) and work.jobs.find(answer["run"])


def test_a_correction_that_is_stored_keeps_the_first_one(work: PageWork, source: Path) -> None:
    token = work.store.new_token()
    message = {"run": token, "meta": {"options": {"language": "en"}, "revision": 1}, "segments": []}
    work.store.save(token, "done", source, message=message)
    answer = transcribe_in(work.store, work.jobs, "ann", {"token": token, "language": "fr"})
    job = work.jobs.find(answer["run"])
    assert job and (job.details or {})["chosen"] == {"language": "fr"}
    assert answer["kept"] and work.store.load(token) is not None


def test_what_cannot_begin_again_is_refused_and_nothing_is_lost(work: PageWork, source: Path) -> None:
    with pytest.raises(NotKept):
        transcribe_in(work.store, work.jobs, "ann", {"token": "unknown-token", "language": "de"})
    (aligned,) = work.jobs.submit("ann", [source], {"language": "en"}, "What is said.")
    with pytest.raises(InvalidOption):
        transcribe_in(work.store, work.jobs, "ann", {"token": aligned, "language": "de"})
    (first,) = work.begin(source)
    with pytest.raises(InvalidOption):
        transcribe_in(work.store, work.jobs, "ann", {"token": first, "language": "none-such"})
    assert work.jobs.find(aligned) and work.jobs.find(first)
    source.unlink()
    with pytest.raises(NotKept):
        transcribe_in(work.store, work.jobs, "ann", {"token": first, "language": "de"})
