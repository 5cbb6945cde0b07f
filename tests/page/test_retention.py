"""What the page keeps, for how long, and that it is gone afterwards."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from engine import Config, Engine, Segment, Transcript, Update, Word
from engine.transcript import Mismatch
from page import messages
from page.gradio_api import TranscribeEndpoint
from page.gradio_patches.listeners import Listeners
from page.gradio_patches.queue import QueuedBlocks
from page.sweeper import Sweeper
from page.transcript_files import age
from page.transcript_store import NotKept, TranscriptStore
from server import CallerLimits
from server.data_folder import DataFolder
from tests.support.page import idle_page
from tests.support.waiting import eventually


@pytest.fixture
def store(tmp_path: Path) -> TranscriptStore:
    return TranscriptStore(DataFolder.claim(tmp_path), keep_seconds=60)


@pytest.fixture
def upload(store: TranscriptStore) -> Path:
    return uploaded(store)


def uploaded(store: TranscriptStore, name: str = "talk.wav") -> Path:
    return store.folder.publish_file(name, b"sound", "upload")


def aged(path: Path, seconds: float = 61) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_what_is_put_is_found_by_its_token_alone(store: TranscriptStore, upload: Path) -> None:
    token = store.new_token()
    until = store.save(token, "done", upload, {"run": token})
    assert until == pytest.approx(time.time() + 60, abs=5)
    found = store.load(token)
    assert (
        found and found.items() >= {"state": "done", "media": str(upload), "message": {"run": token}}.items()
    )
    assert store.load(store.new_token()) is None


def copied(store: TranscriptStore, token: str, upload: Path) -> Path:
    with store.folder.temporary("copy-") as folder:
        draft = Path(folder, "copy.m4a")
        draft.write_bytes(b"copy")
        place = store.add_copy(token, upload, draft)
    assert place is not None
    store.save(token, "done", upload, {"meta": {"copy": str(place)}})
    return place


def test_a_playable_copy_is_kept_and_deleted_with_its_transcript(
    store: TranscriptStore, upload: Path
) -> None:
    tokens = [store.new_token(), store.new_token()]
    first, second = [copied(store, token, upload) for token in tokens]
    for path in (first, second):
        assert path.parent == upload.parent and path.read_bytes() == b"copy"
        aged(path)
    aged(upload)
    Sweeper(store).sweep()
    assert first.exists() and second.exists() and upload.exists()  # their transcripts name them
    store.delete(tokens[0])
    assert (first.exists(), second.exists(), upload.exists()) == (False, True, True)
    store.delete(tokens[1])
    assert not upload.parent.exists()


def test_a_playable_copy_expires_with_its_transcript(store: TranscriptStore, upload: Path) -> None:
    token = store.new_token()
    copy = copied(store, token, upload)
    for path in (copy, upload, store.folder.transcripts / f"{token}.json"):
        aged(path)
    Sweeper(store).sweep()
    assert not copy.exists() and not upload.exists()


def test_a_recording_elsewhere_gets_no_copy_beside_it(store: TranscriptStore, tmp_path: Path) -> None:
    (tmp_path / "talk.wav").write_bytes(b"sound")
    (tmp_path / "draft").write_bytes(b"copy")
    assert store.add_copy(store.new_token(), tmp_path / "talk.wav", tmp_path / "draft") is None


@pytest.mark.parametrize(
    "token", ["", "../../etc/passwd", "a" * 500, None, 7, {"x": 1}, "../kept/aaaaaaaaaa"]
)
def test_what_is_no_token_finds_and_deletes_nothing(store: TranscriptStore, token: object) -> None:
    assert store.load(token) is None
    assert store.delete(token) is False


def test_after_its_time_it_is_gone_even_before_the_sweep(store: TranscriptStore, upload: Path) -> None:
    token = store.new_token()
    store.save(token, "done", upload, {})
    aged(store.folder.transcripts / f"{token}.json")
    assert store.load(token) is None


def test_a_sweep_deletes_what_has_had_its_time_and_nothing_else(store: TranscriptStore, upload: Path) -> None:
    young, busy = uploaded(store, "young.wav"), uploaded(store, "busy.wav")
    with store.protect(busy):
        for path in (upload, busy):
            aged(path)
        aged(upload.parent)
        assert Sweeper(store).sweep() == 1
    assert not upload.parent.exists() and young.exists() and busy.exists()
    aged(busy)
    assert Sweeper(store).sweep() == 1
    assert not busy.exists()


def test_a_folder_that_goes_while_others_are_looked_at_ends_no_sweep(
    store: TranscriptStore, upload: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = uploaded(store, "other.wav")
    for path in (upload, upload.parent, other, other.parent):
        aged(path)

    def deleting_age(path: Path) -> float:
        if path in (upload, other):
            shutil.rmtree((other if path == upload else upload).parent, ignore_errors=True)
        return age(path)

    monkeypatch.setattr("page.sweeper.age", deleting_age)
    Sweeper(store).sweep()
    assert list(store.folder.uploads.iterdir()) == []


def test_a_file_that_cannot_be_deleted_keeps_no_other(
    store: TranscriptStore, upload: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [uploaded(store, name) for name in ("aaa.wav", "zzz.wav")]
    for path in (upload, *others):
        aged(path)
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == upload:
            raise PermissionError
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    assert Sweeper(store).sweep() == 2
    assert upload.exists() and not any(path.exists() for path in others)


def test_a_sweep_that_fails_is_not_the_last(store: TranscriptStore, upload: Path) -> None:
    def waiting() -> list[Path]:
        store.queued_files = tuple
        raise RuntimeError

    store.queued_files = waiting
    aged(upload)
    Sweeper(store).start(0.2)
    assert eventually(lambda: not upload.exists())


def test_what_somebody_in_line_needs_stays(store: TranscriptStore, upload: Path) -> None:
    store.queued_files = lambda: [Path("\0"), upload.parent / ".." / upload.parent.name / upload.name]
    aged(upload)
    assert Sweeper(store).sweep() == 0 and upload.exists()
    store.queued_files = tuple
    assert Sweeper(store).sweep() == 1


def test_what_an_unfinished_job_needs_stays(store: TranscriptStore, upload: Path) -> None:
    store.job_files = lambda: [upload]
    aged(upload)
    assert Sweeper(store).sweep() == 0 and upload.exists()
    store.job_files = tuple
    assert Sweeper(store).sweep() == 1


def test_the_files_of_those_in_line_are_known() -> None:
    data = [{"path": "/a/talk.wav", "meta": {}}, "en", {"of": [{"path": "/b/talk.wav"}]}, None]
    events = [SimpleNamespace(data=SimpleNamespace(data=data)), SimpleNamespace(data=None)]
    blocks = QueuedBlocks(analytics_enabled=False)
    queue = blocks.open_queue(1, Engine(Config()), Listeners())
    queue.event_queue_per_concurrency_id = {"transcribe": SimpleNamespace(queue=events)}
    assert blocks.queued_files() == {Path("/a/talk.wav"), Path("/b/talk.wav")}


def test_an_upload_stays_while_gradio_s_api_is_at_work_on_it(
    store: TranscriptStore, upload: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(store.folder.uploads))

    class Slow:
        def stream(self, *_: object, **__: object) -> Iterator[Update]:
            aged(upload)
            assert Sweeper(store).sweep() == 0
            yield Update("reading")

    async def stages() -> list[str]:
        hearing = TranscribeEndpoint(Slow(), CallerLimits(Config()), store)  # type: ignore[arg-type]
        asked = hearing.updates({"path": str(upload)}, {}, gr.Request(username="ann"))
        return [update.stage async for update in asked]

    assert asyncio.run(stages()) == ["reading"]
    aged(upload)
    assert Sweeper(store).sweep() == 1


def test_a_correction_is_kept_where_the_transcript_is_and_nowhere_else(
    store: TranscriptStore, upload: Path
) -> None:
    word = Word("Ligth", 0.0, 1.0, 0.4, "attention")
    segment = Segment(0, 0.0, 1.0, "Ligth", "en", (word,), -0.2, 0.0)
    transcript = Transcript("en", 0.9, 2.0, (segment,), "base", "attention")
    token = store.new_token()
    message = messages.transcript_message(token, [segment], 0, done=True) | {
        "meta": messages.page_meta(transcript, 1.0)
    }
    store.save(token, "done", upload, message)
    revise = _function("revise", store)
    corrected = segment.to_dict() | {"words": [word.to_dict() | {"word": "Light", "end": 9.0}]}
    asked = {"token": token, "segments": [corrected], "by_hand": [0, 7]}
    assert asyncio.run(revise(asked))["kept_until"] == pytest.approx(time.time() + 60, abs=5)
    found = store.load(token)
    assert (
        found
        and found["message"]["segments"][0]["words"][0].items()
        >= {"word": "Light", "start": 0.0, "end": 2.0}.items()
    )
    assert found["message"]["meta"]["by_hand"] == [0]

    for bad in ({"segments": "x"}, {"segments": [{}]}, {"by_hand": ["x"]}, {"by_hand": None}):
        assert "error" in asyncio.run(revise(asked | bad))
    assert store.load(token) == found
    other = store.new_token()
    told = asyncio.run(revise(asked | {"token": other}))
    assert told["code"] == "not_kept" and "no longer kept" in told["error"]
    assert store.load(other) is None


def test_what_is_missing_follows_a_correction_that_is_kept(store: TranscriptStore, upload: Path) -> None:
    """The page shows it after a reload, and a zip of kept transcripts has it."""
    words = [Word("One", 0.0, 1.0, 0.9, "attention"), Word("two.", 9.0, 9.5, 0.9, "attention")]
    segments = [
        Segment(n, entry.start, entry.end, entry.word, "en", (entry,), -0.2, 0.0)
        for n, entry in enumerate(words)
    ]
    missing = (Mismatch("speech_without_words", 4.5, 8.5),)
    whole = Transcript("en", 0.9, 10.0, tuple(segments), "base", "attention", coverage=missing)
    token = store.new_token()
    sound = {"rate": 20, "peaks": "", "speech": [[0.0, 1.0], [4.5, 9.5]]}
    message = messages.transcript_message(token, segments, 0, done=True)
    meta = messages.page_meta(whole, 1.0) | {"sound": sound, "checked": 10.0}
    store.save(token, "done", upload, message | {"meta": meta})
    found = tuple(
        Word(text, 4.6 + at, 5.4 + at, 0.9, "attention")
        for at, text in enumerate(["something", "nobody", "understood", "before"])
    )
    put_in = Segment(1, 4.6, 8.4, "something nobody understood before", "en", found, -0.2, 0.0)

    def coverage(*given: Segment) -> list[dict[str, Any]]:
        revision = (store.load(token) or {})["revision"]
        segments = [entry.to_dict() for entry in given]
        asked = {"token": token, "segments": segments, "by_hand": [], "revision": revision}
        answer = asyncio.run(_function("revise", store)(asked))
        known = store.load(token)
        assert known and known["message"]["meta"]["transcript"]["coverage"] == answer["coverage"]
        kept = known["message"]["meta"]["transcript"]
        assert {name: kept[name] for name in ("warnings", "notices")} == answer["warned"]
        assert bool(kept["warnings"]) == bool(answer["coverage"])
        return list(answer["coverage"])

    assert coverage(segments[0], put_in, segments[1]) == []
    assert [entry["kind"] for entry in coverage(*segments)] == ["speech_without_words"]


def _function(name: str, store: TranscriptStore) -> Callable[..., Any]:
    with idle_page(store) as page:
        return page.functions()[name]


def test_what_is_read_stays_as_long_as_if_it_were_saved_now(store: TranscriptStore, upload: Path) -> None:
    (token,) = transcripts(store, upload, 1)
    recall = _function("recall", store)
    for file in (upload, store.folder.transcripts / f"{token}.json"):
        os.utime(file, (time.time() - 40, time.time() - 40))
    told = asyncio.run(recall({"token": token, "brief": True}))
    assert told["kept_until"] == pytest.approx(time.time() + 20, abs=5)
    told = asyncio.run(recall({"token": token, "brief": True, "read": True}))
    assert told["kept_until"] == pytest.approx(time.time() + 60, abs=5)
    assert age(upload) < 5
    aged(store.folder.transcripts / f"{token}.json")
    assert asyncio.run(recall({"token": token, "brief": True, "read": True}))["state"] == "gone"
    assert store.load(token) is None


def test_forgetting_deletes_the_transcript_and_its_recording_now(
    store: TranscriptStore, upload: Path
) -> None:
    token = store.new_token()
    store.save(token, "done", upload, {})
    assert store.delete(token) is True
    assert store.load(token) is None and not upload.exists()
    assert [*store.folder.transcripts.iterdir(), *store.folder.uploads.iterdir()] == []


def test_forgetting_leaves_another_upload_of_the_same_content_and_name(
    store: TranscriptStore, upload: Path
) -> None:
    other = uploaded(store)
    token = store.new_token()
    store.save(token, "done", upload, {})
    store.delete(token)
    assert other.exists() and not upload.exists()


def test_a_recording_that_lies_elsewhere_is_never_deleted(
    store: TranscriptStore, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "mine.wav"
    elsewhere.write_bytes(b"sound")
    token = store.new_token()
    store.save(token, "done", elsewhere, {})
    store.delete(token)
    assert elsewhere.exists()


def transcripts(store: TranscriptStore, upload: Path, count: int) -> list[str]:
    """The tokens of so many transcripts of one recording."""
    tokens = [store.new_token() for _ in range(count)]
    for token in tokens:
        store.save(token, "done", upload, {"run": token})
    return tokens


def test_a_recording_goes_with_the_last_transcript_that_names_it(
    store: TranscriptStore, upload: Path
) -> None:
    first, second = transcripts(store, upload, 2)
    assert store.delete(first) is True
    assert upload.exists() and store.load(first) is None and store.load(second)
    assert store.delete(second) is True
    assert list(store.folder.uploads.iterdir()) == []


def test_a_recording_at_work_stays_until_its_run_is_over_and_then_goes(
    store: TranscriptStore, upload: Path
) -> None:
    (token,) = transcripts(store, upload, 1)
    with store.protect(upload):
        assert store.delete(token) is True
        assert Sweeper(store).sweep() == 0 and upload.read_bytes() == b"sound"
    assert list(store.folder.uploads.iterdir()) == []


def test_a_recording_at_work_stays_for_the_transcript_that_comes_of_it(
    store: TranscriptStore, upload: Path
) -> None:
    (first,) = transcripts(store, upload, 1)
    with pytest.raises(RuntimeError), store.protect(upload):
        store.delete(first)
        (second,) = transcripts(store, upload, 1)
        raise RuntimeError  # however the run ends
    assert upload.exists()
    store.delete(second)
    assert list(store.folder.uploads.iterdir()) == []


def test_a_recording_that_waits_in_line_stays_and_goes_once_it_does_not(
    store: TranscriptStore, upload: Path
) -> None:
    (token,) = transcripts(store, upload, 1)
    store.queued_files = lambda: [upload]
    store.delete(token)
    assert Sweeper(store).sweep() == 0 and upload.exists()
    store.queued_files = tuple
    Sweeper(store).sweep()
    assert list(store.folder.uploads.iterdir()) == []


def test_another_server_s_run_keeps_a_recording_from_deletion_and_from_the_sweep(
    store: TranscriptStore, upload: Path, tmp_path: Path
) -> None:
    other = TranscriptStore(DataFolder.claim(tmp_path), keep_seconds=60)
    (token,) = transcripts(store, upload, 1)
    with other.protect(upload):
        aged(upload)
        assert Sweeper(store).sweep() == 0
        assert store.delete(token) is True
        assert upload.exists()
    assert not upload.exists()


@pytest.mark.parametrize("asked", ["expired", "deleted"])
def test_a_recording_in_another_server_s_queue_stays_until_it_waits_no_more(
    store: TranscriptStore, upload: Path, tmp_path: Path, asked: str
) -> None:
    other = TranscriptStore(DataFolder.claim(tmp_path), keep_seconds=60)
    other.queued_files = lambda: [upload]
    other.note_queued()
    if asked == "expired":
        aged(upload)
    else:
        (token,) = transcripts(store, upload, 1)
        store.delete(token)
    Sweeper(store).sweep()
    assert upload.exists()
    other.queued_files = tuple
    other.note_queued()
    Sweeper(store).sweep()
    assert not upload.exists()


def test_a_recording_in_a_killed_server_s_queue_is_swept(
    store: TranscriptStore, upload: Path, tmp_path: Path
) -> None:
    other = DataFolder.claim(tmp_path)
    other.note_queued({upload})
    shutil.rmtree(other.process)
    aged(upload)
    Sweeper(store).sweep()
    assert not upload.exists()


def test_a_correction_brings_no_deleted_transcript_back(store: TranscriptStore, upload: Path) -> None:
    (token,) = transcripts(store, upload, 1)

    def change(message: dict[str, Any]) -> dict[str, Any]:
        store.delete(token)  # meanwhile, by another reader
        return message

    with pytest.raises(NotKept):
        store.replace(token, change)
    assert list(store.folder.transcripts.iterdir()) == []


def test_a_transcript_s_recording_is_not_swept_before_it(store: TranscriptStore, upload: Path) -> None:
    (token,) = transcripts(store, upload, 1)
    aged(upload)
    assert Sweeper(store).sweep() == 0 and upload.exists()
    aged(store.folder.transcripts / f"{token}.json")
    assert Sweeper(store).sweep() == 2
