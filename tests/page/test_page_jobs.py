"""The page's work outlives the page and the server: it is stopped, goes on, and ends in the same words."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine import Config, Engine, Segment, Update, Word
from engine.errors import StorageFull
from engine.media.playable_copy import PlayableCopy
from engine.updates import Waveform
from page.attendance import Attendance
from page.page_jobs import MAX_OF_CALLER
from page.runs import PageRequest, PageRun
from page.transcript_files import copy_of
from page.transcript_store import NotKept, TranscriptStore
from server import CallerLimits
from server.data_folder import DataFolder
from tests.support.media_files import decode
from tests.support.page import PageWork, idle_page, page_work, words_of
from tests.support.synthesis import SAMPLE_RATE, joined, speak
from tests.support.talk import TALK
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def slow_engine() -> Iterator[Engine]:
    """An engine that finishes one window at a time, so that work can be interrupted between two."""
    engine = Engine(replace(Config.from_env(), offline=True, batch_size=1, threads=1))
    engine.start()
    yield engine
    engine.close()


@pytest.fixture
def store(tmp_path: Path) -> TranscriptStore:
    return TranscriptStore(DataFolder.claim(tmp_path), keep_seconds=600)


@pytest.fixture
def recording(store: TranscriptStore, talk_file: Path) -> Path:
    return uploaded(store, talk_file)


def uploaded(store: TranscriptStore, path: Path) -> Path:
    return Path(shutil.copy(path, store.folder.publish_file("x", b"", "upload").with_name(path.name)))


def undisturbed(work: PageWork, recording: Path) -> list[str]:
    (token,) = work.begin(recording)
    return words_of(work.wait(token))


def stopped_with_words(work: PageWork, recording: Path) -> str:
    """Returns the token of work that is told to stop once there are words."""
    (token,) = work.begin(recording)
    work.wait_for_words(token)
    work.jobs.stop(token)
    return token


def test_a_stop_keeps_the_words_and_going_on_ends_as_if_undisturbed(
    slow_engine: Engine, store: TranscriptStore, recording: Path
) -> None:
    with page_work(slow_engine, store) as work:
        token = stopped_with_words(work, recording)
        stopped = work.wait(token)
        assert (stopped["state"], stopped["resumable"]) == ("stopped", True)
        assert stopped["message"]["meta"]["heard"] < stopped["message"]["meta"]["transcript"]["duration"]
        work.jobs.resume(token)
        done = work.wait(token)
        assert done["state"] == "done" and len(words_of(done)) > len(words_of(stopped))
        assert words_of(done) == undisturbed(work, recording)
        assert work.jobs.find(token) is None, "the job is not kept beside the transcript"


def test_work_that_was_stopped_leaves_a_whole_copy_that_every_browser_plays(
    slow_engine: Engine, store: TranscriptStore, recording: Path
) -> None:
    with page_work(slow_engine, store) as work:
        token = stopped_with_words(work, recording)
        assert Path(work.wait(token)["message"]["meta"]["copy"]).is_file()
        work.jobs.resume(token)
        meta = work.wait(token)["message"]["meta"]
    copy = Path(meta["copy"])
    assert copy.parent == recording.parent
    assert decode(copy)[1].duration == pytest.approx(meta["transcript"]["duration"], abs=0.05)
    store.delete(token)
    assert not copy.exists() and not recording.exists()


def test_work_goes_on_after_a_restart_of_the_server(
    slow_engine: Engine, store: TranscriptStore, recording: Path
) -> None:
    with page_work(slow_engine, store) as work:
        (token,) = work.begin(recording)
        begun = words_of(work.wait_for_words(token))
    with page_work(slow_engine, store) as work:
        found = work.following.look(token)
        assert words_of(found)[: len(begun)] == begun, "at once, before the engine has found anything"
        done = work.wait(token)
        assert done["state"] == "done" and words_of(done) == undisturbed(work, recording)


def test_a_stop_after_a_restart_keeps_what_had_been_found(
    slow_engine: Engine, store: TranscriptStore, recording: Path
) -> None:
    with page_work(slow_engine, store) as work:
        (token,) = work.begin(recording)
        begun = words_of(work.wait_for_words(token))
    work = PageWork(slow_engine, store, CallerLimits(Config()), store.folder.root.parent, unattended=600)
    work.jobs.stop(token)
    stopped = work.following.look(token)
    assert (stopped["state"], stopped["resumable"]) == ("stopped", True)
    assert words_of(stopped)[: len(begun)] == begun
    work.all_jobs.close(wait=0.0)


def test_a_page_gets_what_it_lacks_and_nothing_twice(
    slow_engine: Engine, store: TranscriptStore, recording: Path
) -> None:
    async def follow(work: PageWork, token: str) -> list[str]:
        heard: list[str] = []
        known: dict[str, Any] = {"version": None}
        while True:
            asked = {"token": token, "words": len(heard), "version": known["version"]}
            known = await work.following.next(asked)
            if known["state"] == "done":
                return heard
            message = known.get("message", {"from": 0, "segments": []})
            new = [word["word"] for segment in message["segments"] for word in segment["words"]]
            assert message["from"] <= len(heard)
            heard += new[len(heard) - message["from"] :]

    with page_work(slow_engine, store) as work:
        (token,) = work.begin(recording)
        heard = asyncio.run(follow(work, token))
        assert heard and heard == words_of(work.wait(token))[: len(heard)]


def test_the_files_of_a_click_come_one_after_the_other(
    slow_engine: Engine, store: TranscriptStore, recording: Path, speech: Path, tmp_path: Path
) -> None:
    bad = store.folder.publish_file("shopping.txt", b"milk, bread, a very small lamp\n" * 20, "upload")
    with page_work(slow_engine, store) as work:
        first, second, third = work.begin(recording, bad, uploaded(store, speech))
        work.wait_for_words(first)
        assert [work.following.look(token)["state"] for token in (second, third)] == ["waiting"] * 2
        work.jobs.stop(third)
        assert work.following.look(third)["state"] == "unstarted"
        failed = work.wait(second)
        assert failed["state"] == "failed" and failed["failure"]["code"] == "not_media"
        work.jobs.resume(third)
        assert work.wait(third)["state"] == "done"


def test_work_that_no_page_shows_ends_after_its_time(
    slow_engine: Engine, store: TranscriptStore, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("page.attendance.PRESENT_SECONDS", 0.5)
    with page_work(slow_engine, store, unattended=0.0) as work:
        (token,) = work.begin(recording)
        assert eventually(lambda: store.load(token) is not None or work.jobs.can_resume(token))
        found = work.wait(token)
        assert found["state"] in ("left", "unstarted") and found["resumable"] == bool(words_of(found))
        assert work.jobs.can_resume(token)


def test_shown_work_comes_before_work_that_no_page_shows(
    slow_engine: Engine, store: TranscriptStore, speech: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = PageWork(slow_engine, store, CallerLimits(Config()), store.folder.root.parent, unattended=600)
    left, shown = (work.begin(speech)[0] for _ in range(2))
    monkeypatch.setattr("page.attendance.PRESENT_SECONDS", 0.2)
    time.sleep(0.3)
    work.following.look(shown)
    claimed = work.jobs.claim()
    assert claimed is not None and claimed.id == shown
    other = work.jobs.claim()
    assert other is not None and other.id == left
    work.all_jobs.close(wait=0.0)


def test_who_has_enough_at_work_is_told_so(
    slow_engine: Engine, store: TranscriptStore, recording: Path
) -> None:
    limits = CallerLimits(replace(slow_engine.config, caller_concurrency=1))
    with page_work(slow_engine, store, limits=limits) as work:
        (first,) = work.begin(recording)
        work.wait_for_words(first)
        (second,) = work.begin(recording)
        failure = work.wait(second)["failure"]
        assert "already have 1 transcription running" in failure["message"]
        assert work.wait(first)["state"] == "done"


def test_one_caller_leaves_places_at_work_to_others(store: TranscriptStore, speech: Path) -> None:
    with idle_page(store) as page:
        for _ in range(MAX_OF_CALLER + 2):  # clicks, one after the other
            page.begin(speech, caller="ann")
        page.begin(speech, caller="bob")
        taken = [page.jobs.claim() for _ in range(MAX_OF_CALLER + 2)]
        callers = [job and job.caller for job in taken]
        assert callers.count("ann") == MAX_OF_CALLER and "bob" in callers and callers[-1] is None


def test_a_deleted_job_leaves_nothing(slow_engine: Engine, store: TranscriptStore, recording: Path) -> None:
    with page_work(slow_engine, store) as work:
        (token,) = work.begin(recording)
        work.wait_for_words(token)
        work.jobs.delete(token)
        assert work.following.brief(token) == {"state": "gone"}, "though its run may not have ended yet"
        assert eventually(lambda: work.following.look(token)["state"] == "gone")
        assert store.load(token) is None


def test_a_server_on_another_folder_takes_none_of_the_jobs(
    slow_engine: Engine, store: TranscriptStore, speech: Path, tmp_path: Path
) -> None:
    other = TranscriptStore(DataFolder.claim(tmp_path / "other"), keep_seconds=600)
    mine, theirs = (
        PageWork(slow_engine, each, CallerLimits(Config()), tmp_path, unattended=600)
        for each in (store, other)
    )
    (token,) = mine.begin(speech)
    assert theirs.jobs.claim() is None and theirs.jobs.find(token) is None
    assert mine.jobs.claim() is not None
    for work in (mine, theirs):
        work.all_jobs.close(wait=0.0)


def test_programs_do_not_see_the_page_s_jobs(
    slow_engine: Engine, store: TranscriptStore, speech: Path
) -> None:
    work = PageWork(slow_engine, store, CallerLimits(Config()), store.folder.root.parent, unattended=600)
    (token,) = work.begin(speech)
    assert work.all_jobs.queue.claim() is None
    assert [job.id for job in work.all_jobs.store.page("", 10)] == []
    with pytest.raises(Exception, match="no job"):
        work.all_jobs.store.get(token)
    work.all_jobs.close(wait=0.0)


WORDS = (Word("Light.", 0.5, 1.5, 0.9, "attention"),)
FOUND = (Segment(0, 0.5, 1.5, "Light.", "en", WORDS, -0.1, 0.0),)


@pytest.mark.parametrize(
    ("sensitivity", "until", "stretches"), [("normal", 10.0, [[4.0, 10.0]]), ("off", None, [])]
)
def test_what_was_heard_before_a_stop_is_checked_and_nothing_else(
    store: TranscriptStore, speech: Path, sensitivity: str, until: float | None, stretches: list[list[float]]
) -> None:
    sound = Waveform(bytes(600), ((0.4, 1.6), (4.0, 29.0)))
    request = PageRequest(
        token=store.new_token(), source=speech, options={"vad_sensitivity": sensitivity}, model="base"
    )
    run = PageRun(request, store)
    run.take(Update("transcribing", 10.0, 30.0, "en", 0.9, FOUND, sound=sound))
    run.finish(None, "stopped")
    meta = run.snapshot(0, 0)["message"]["meta"]
    assert (meta["state"], meta["checked"]) == ("stopped", until)
    assert [[found["start"], found["end"]] for found in meta["transcript"]["coverage"]] == stretches


class FullStore(TranscriptStore):
    """A store without room for a further transcript."""

    def save(self, *_: Any, **__: Any) -> float:
        raise StorageFull


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_copy_stays_as_long_as_a_stored_transcript_names_it(
    store: TranscriptStore, recording: Path, tmp_path: Path, is_stored: bool
) -> None:
    token = store.new_token()
    if is_stored:  # as it was when it was stopped before
        store.save(token, "stopped", recording, message={"meta": {}})
    request = PageRequest(token=token, source=recording, options={}, model="base")
    run = PageRun(request, FullStore(store.folder, store.keep_seconds))
    run.copy = PlayableCopy(tmp_path / "copy.m4a")
    run.copy.write(np.zeros(16000, np.float32))
    run.take(Update("transcribing", 10.0, 30.0, "en", 0.9, FOUND))
    run.finish(None, "stopped")
    assert copy_of(recording, token).exists() is is_stored
    assert bool(run.snapshot(0, 0)["message"]["meta"]["copy"]) is is_stored


def test_corrections_of_a_stopped_transcript_stay_where_it_goes_on(
    slow_engine: Engine, store: TranscriptStore, recording: Path
) -> None:
    with page_work(slow_engine, store) as work:
        token = stopped_with_words(work, recording)
        stopped = work.wait(token)["message"]
        segments = stopped["segments"]
        segments[0]["words"][0]["word"] = "Corrected,"
        segments[0]["words"].insert(1, segments[0]["words"][0] | {"word": "twice"})
        english = {"language": "en", "until": 1.0, "segments": [{"start": 0.0, "end": 1.0, "text": "One."}]}
        asked = {"token": token, "segments": segments, "by_hand": [0, 1], "revision": 0}
        assert "error" not in asyncio.run(work.functions()["revise"](asked | {"translation": english}))
        work.jobs.resume(token)
        done = work.wait(token)
        assert done["message"]["meta"]["transcript"]["translation"] == english
        whole = undisturbed(work, recording)
        assert words_of(done) == ["Corrected,", "twice", *whole[1:]]
        assert done["message"]["meta"]["by_hand"] == [0, 1] and done["message"]["meta"]["revision"] == 2


@pytest.mark.parametrize(("models", "translates"), [(("large-v3-turbo",), False), (("turbo", "base"), True)])
def test_the_page_offers_a_translation_if_a_model_here_translates(
    slow_engine: Engine,
    store: TranscriptStore,
    recording: Path,
    monkeypatch: pytest.MonkeyPatch,
    models: tuple[str, ...],
    translates: bool,
) -> None:
    with page_work(slow_engine, store) as work:
        token = stopped_with_words(work, recording)
        work.wait(token)
        job = work.jobs.find(token)
        assert job is not None
        monkeypatch.setattr(slow_engine, "models", lambda: models)
        work.jobs.replayed(job).finish(None, "stopped")
        assert work.following.look(token)["message"]["meta"]["translates"] is translates
        recording.unlink()
        assert work.following.look(token)["message"]["meta"]["translates"] is False, "the sound is deleted"


def test_attendance_counts_from_the_last_question() -> None:
    attendance = Attendance(longest=0.0)
    attendance.note("line")
    assert attendance.lines() == ["line"] and not attendance.is_over("line")
    assert not attendance.is_over("unknown"), "a restart begins the time anew"


def test_a_stopped_alignment_keeps_its_words_and_cannot_go_on(
    slow_engine: Engine, store: TranscriptStore, tmp_path: Path
) -> None:
    sentences = [sentence for sentence in TALK.replace("\n", " ").split(". ") if len(sentence) > 60][:8]
    spoken = joined([speak(sentence, "en-us") for sentence in sentences], [25.0] * len(sentences))
    path = tmp_path / "spoken.wav"
    soundfile.write(path, spoken.samples, SAMPLE_RATE)
    with page_work(slow_engine, store) as work:
        chosen = {"language": "en", "beam_size": 2}  # which has no effect on a text that is known
        (token,) = work.jobs.submit("ann", [uploaded(store, path)], chosen, "\n\n".join(sentences))
        work.wait_for_words(token)
        work.jobs.stop(token)
        stopped = work.wait(token)
        assert (stopped["state"], stopped["resumable"]) == ("stopped", False)
        words = words_of(stopped)
        assert len(words) > 0 and words == " ".join(sentences).split()[: len(words)]
        assert stopped["message"]["meta"]["options"] == {"language": "en"}
        with pytest.raises(NotKept):
            work.jobs.resume(token)
