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
from page import sweeper as module
from page.callers import queued_files
from page.gradio_api import _TranscribeEndpoint
from page.kept import Kept, NotKept
from page.server_functions import server_functions
from page.sweeper import sweep, sweep_forever
from server import Access
from server.data_folder import DataFolder
from tests.conftest import eventually


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(DataFolder.claim(tmp_path), keep_seconds=60)


@pytest.fixture
def upload(kept: Kept) -> Path:
    return uploaded(kept)


def uploaded(kept: Kept, name: str = "talk.wav") -> Path:
    return kept.folder.publish_file(name, b"sound", "upload")


def aged(path: Path, seconds: float = 61) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_what_is_put_is_found_by_its_token_alone(kept: Kept, upload: Path) -> None:
    token = kept.token()
    until = kept.put(token, "done", upload, {"run": token})
    assert until == pytest.approx(time.time() + 60, abs=5)
    assert kept.get(token) == {"state": "done", "media": str(upload), "message": {"run": token}}
    assert kept.get(kept.token()) is None


def test_a_transcript_in_the_making_is_neither_there_nor_gone(kept: Kept, upload: Path) -> None:
    token = kept.token()
    assert kept.ask(token) == {"state": "gone"}
    with kept.working(token):
        assert kept.ask(token) == {"state": "working"}
        kept.put(token, "left", upload, {})
    assert kept.ask(token)["state"] == "left"


@pytest.mark.parametrize(
    "token", ["", "../../etc/passwd", "a" * 500, None, 7, {"x": 1}, "../kept/aaaaaaaaaa"]
)
def test_what_is_no_token_finds_and_deletes_nothing(kept: Kept, token: object) -> None:
    assert kept.get(token) is None
    assert kept.forget(token) is False


def test_after_its_time_it_is_gone_even_before_the_sweep(kept: Kept, upload: Path) -> None:
    token = kept.token()
    kept.put(token, "done", upload, {})
    aged(kept.folder.transcripts / f"{token}.json")
    assert kept.get(token) is None


def test_a_sweep_deletes_what_has_had_its_time_and_nothing_else(kept: Kept, upload: Path) -> None:
    young, busy = uploaded(kept, "young.wav"), uploaded(kept, "busy.wav")
    with kept.using(busy):
        for path in (upload, busy):
            aged(path)
        aged(upload.parent)
        assert sweep(kept) == 1
    assert not upload.parent.exists() and young.exists() and busy.exists()
    aged(busy)
    assert sweep(kept) == 1
    assert not busy.exists()


def test_a_folder_that_goes_while_others_are_looked_at_ends_no_sweep(
    kept: Kept, upload: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = uploaded(kept, "other.wav")
    for path in (upload, upload.parent, other, other.parent):
        aged(path)

    def is_over(path: Path, seconds: float) -> bool:
        if path in (upload, other):
            shutil.rmtree((other if path == upload else upload).parent, ignore_errors=True)
        return still_is_over(path, seconds)

    still_is_over = module._is_over
    monkeypatch.setattr(module, "_is_over", is_over)
    sweep(kept)
    assert list(kept.folder.uploads.iterdir()) == []


def test_a_file_that_cannot_be_deleted_keeps_no_other(
    kept: Kept, upload: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [uploaded(kept, name) for name in ("aaa.wav", "zzz.wav")]
    for path in (upload, *others):
        aged(path)
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == upload:
            raise PermissionError
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    assert sweep(kept) == 2
    assert upload.exists() and not any(path.exists() for path in others)


def test_a_sweep_that_fails_is_not_the_last(kept: Kept, upload: Path) -> None:
    def waiting() -> list[Path]:
        kept.waiting = tuple
        raise RuntimeError

    kept.waiting = waiting
    aged(upload)
    sweep_forever(kept, 0.2)
    assert eventually(lambda: not upload.exists())


def test_what_somebody_in_line_needs_stays(kept: Kept, upload: Path) -> None:
    kept.waiting = lambda: [Path("\0"), upload.parent / ".." / upload.parent.name / upload.name]
    aged(upload)
    assert sweep(kept) == 0 and upload.exists()
    kept.waiting = tuple
    assert sweep(kept) == 1


def test_the_files_of_those_in_line_are_known() -> None:
    data = [{"path": "/a/talk.wav", "meta": {}}, "en", {"of": [{"path": "/b/talk.wav"}]}, None]
    events = [SimpleNamespace(data=SimpleNamespace(data=data)), SimpleNamespace(data=None)]
    lines = {"transcribe": SimpleNamespace(queue=events)}
    blocks = SimpleNamespace(_queue=SimpleNamespace(event_queue_per_concurrency_id=lines))
    assert queued_files(blocks) == {Path("/a/talk.wav"), Path("/b/talk.wav")}  # type: ignore[arg-type]


def test_an_upload_stays_while_gradio_s_api_is_at_work_on_it(
    kept: Kept, upload: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(kept.folder.uploads))

    class Slow:
        def stream(self, *_: object) -> Iterator[Update]:
            aged(upload)
            assert sweep(kept) == 0
            yield Update("reading")

    async def stages() -> list[str]:
        hearing = _TranscribeEndpoint(Slow(), Access(Config()), kept)  # type: ignore[arg-type]
        asked = hearing.updates({"path": str(upload)}, [], gr.Request(username="ann"))
        return [update.stage async for update in asked]

    assert asyncio.run(stages()) == ["reading"]
    aged(upload)
    assert sweep(kept) == 1


def test_a_correction_is_kept_where_the_transcript_is_and_nowhere_else(kept: Kept, upload: Path) -> None:
    word = Word("Ligth", 0.0, 1.0, 0.4, "attention")
    segment = Segment(0, 0.0, 1.0, "Ligth", "en", (word,), -0.2, 0.0)
    transcript = Transcript("en", 0.9, 2.0, (segment,), "base", "attention")
    token = kept.token()
    message = messages.transcript_message(token, [segment], 0, done=True) | {
        "meta": messages.page_meta(transcript, 1.0)
    }
    kept.put(token, "done", upload, message)
    revise = _function("revise", kept)
    corrected = segment.to_dict() | {"words": [word.to_dict() | {"word": "Light", "end": 9.0}]}
    asked = {"token": token, "segments": [corrected], "by_hand": [0, 7]}
    assert asyncio.run(revise(asked))["kept_until"] == pytest.approx(time.time() + 60, abs=5)
    found = kept.get(token)
    assert found and found["message"]["segments"][0]["words"][0][:3] == ["Light", 0.0, 2.0]
    assert found["message"]["meta"]["by_hand"] == [0]

    for bad in ({"segments": "x"}, {"segments": [{}]}, {"by_hand": ["x"]}, {"by_hand": None}):
        assert "error" in asyncio.run(revise(asked | bad))
    assert kept.get(token) == found
    other = kept.token()
    told = asyncio.run(revise(asked | {"token": other}))
    assert told["code"] == "not_kept" and "no longer kept" in told["error"]
    assert kept.get(other) is None


def test_what_is_missing_follows_a_correction_that_is_kept(kept: Kept, upload: Path) -> None:
    """The page shows it after a reload, and a zip of kept transcripts has it."""
    words = [Word("One", 0.0, 1.0, 0.9, "attention"), Word("two.", 9.0, 9.5, 0.9, "attention")]
    segments = [Segment(n, it.start, it.end, it.word, "en", (it,), -0.2, 0.0) for n, it in enumerate(words)]
    missing = (Mismatch("speech_without_words", 4.5, 8.5),)
    whole = Transcript("en", 0.9, 10.0, tuple(segments), "base", "attention", coverage=missing)
    token = kept.token()
    sound = {"rate": 20, "peaks": "", "speech": [[0.0, 1.0], [4.5, 9.5]]}
    message = messages.transcript_message(token, segments, 0, done=True)
    meta = messages.page_meta(whole, 1.0) | {"sound": sound, "checked": 10.0}
    kept.put(token, "done", upload, message | {"meta": meta})
    found = Word("more", 5.0, 8.0, 0.9, "attention")
    put_in = Segment(1, 5.0, 8.0, "more", "en", (found,), -0.2, 0.0)

    def coverage(*given: Segment) -> list[dict[str, Any]]:
        asked = {"token": token, "segments": [it.to_dict() for it in given], "by_hand": []}
        assert "error" not in asyncio.run(_function("revise", kept)(asked))
        known = kept.get(token)
        assert known
        return list(known["message"]["meta"]["transcript"]["coverage"])

    assert coverage(segments[0], put_in, segments[1]) == []
    assert [it["kind"] for it in coverage(*segments)] == ["speech_without_words"]


def _function(name: str, kept: Kept) -> Callable[..., Any]:
    engine = Engine(Config())  # never started: no model is needed
    return next(it for it in server_functions(engine, kept, Access(Config())) if it.__name__ == name)


def test_forgetting_deletes_the_transcript_and_its_recording_now(kept: Kept, upload: Path) -> None:
    token = kept.token()
    kept.put(token, "done", upload, {})
    assert kept.forget(token) is True
    assert kept.get(token) is None and not upload.exists()
    assert [*kept.folder.transcripts.iterdir(), *kept.folder.uploads.iterdir()] == []


def test_forgetting_leaves_another_upload_of_the_same_content_and_name(kept: Kept, upload: Path) -> None:
    other = uploaded(kept)
    token = kept.token()
    kept.put(token, "done", upload, {})
    kept.forget(token)
    assert other.exists() and not upload.exists()


def test_a_recording_that_lies_elsewhere_is_never_deleted(
    kept: Kept, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "mine.wav"
    elsewhere.write_bytes(b"sound")
    token = kept.token()
    kept.put(token, "done", elsewhere, {})
    kept.forget(token)
    assert elsewhere.exists()


def transcripts(kept: Kept, upload: Path, count: int) -> list[str]:
    """The tokens of so many transcripts of one recording."""
    tokens = [kept.token() for _ in range(count)]
    for token in tokens:
        kept.put(token, "done", upload, {"run": token})
    return tokens


def test_a_recording_goes_with_the_last_transcript_that_names_it(kept: Kept, upload: Path) -> None:
    first, second = transcripts(kept, upload, 2)
    assert kept.forget(first) is True
    assert upload.exists() and kept.get(first) is None and kept.get(second)
    assert kept.forget(second) is True
    assert list(kept.folder.uploads.iterdir()) == []


def test_a_recording_at_work_stays_until_its_run_is_over_and_then_goes(kept: Kept, upload: Path) -> None:
    (token,) = transcripts(kept, upload, 1)
    with kept.using(upload):
        assert kept.forget(token) is True
        assert sweep(kept) == 0 and upload.read_bytes() == b"sound"
    assert list(kept.folder.uploads.iterdir()) == []


def test_a_recording_at_work_stays_for_the_transcript_that_comes_of_it(kept: Kept, upload: Path) -> None:
    (first,) = transcripts(kept, upload, 1)
    with pytest.raises(RuntimeError), kept.using(upload):
        kept.forget(first)
        (second,) = transcripts(kept, upload, 1)
        raise RuntimeError  # however the run ends
    assert upload.exists()
    kept.forget(second)
    assert list(kept.folder.uploads.iterdir()) == []


def test_a_recording_that_waits_in_line_stays_and_goes_once_it_does_not(kept: Kept, upload: Path) -> None:
    (token,) = transcripts(kept, upload, 1)
    kept.waiting = lambda: [upload]
    kept.forget(token)
    assert sweep(kept) == 0 and upload.exists()
    kept.waiting = tuple
    sweep(kept)
    assert list(kept.folder.uploads.iterdir()) == []


def test_another_server_s_run_keeps_a_recording_from_deletion_and_from_the_sweep(
    kept: Kept, upload: Path, tmp_path: Path
) -> None:
    other = Kept(DataFolder.claim(tmp_path), keep_seconds=60)
    (token,) = transcripts(kept, upload, 1)
    with other.using(upload):
        aged(upload)
        assert sweep(kept) == 0
        assert kept.forget(token) is True
        assert upload.exists()
    assert not upload.exists()


@pytest.mark.parametrize("asked", ["expired", "forgotten"])
def test_what_waits_in_another_server_s_line_stays_until_it_waits_no_more(
    kept: Kept, upload: Path, asked: str
) -> None:
    other = Kept(DataFolder.claim(kept.folder.root.parent), keep_seconds=60)
    other.waiting = lambda: [upload]
    other.note_waiting()
    if asked == "expired":
        aged(upload)
    else:
        token = kept.token()
        kept.put(token, "done", upload, {})
        kept.forget(token)
    sweep(kept)
    assert upload.exists()
    other.waiting = tuple
    other.note_waiting()
    sweep(kept)
    assert not upload.exists()


def test_what_waited_in_a_killed_server_s_line_is_swept(kept: Kept, upload: Path) -> None:
    other = DataFolder.claim(kept.folder.root.parent)
    other.note_waiting({upload})
    shutil.rmtree(other.process)
    aged(upload)
    sweep(kept)
    assert not upload.exists()


def test_a_correction_brings_no_deleted_transcript_back(kept: Kept, upload: Path) -> None:
    (token,) = transcripts(kept, upload, 1)

    def change(message: dict[str, Any]) -> dict[str, Any]:
        kept.forget(token)  # meanwhile, by another reader
        return message

    with pytest.raises(NotKept):
        kept.replace(token, change)
    assert list(kept.folder.transcripts.iterdir()) == []


def test_a_transcript_s_recording_is_not_swept_before_it(kept: Kept, upload: Path) -> None:
    (token,) = transcripts(kept, upload, 1)
    aged(upload)
    assert sweep(kept) == 0 and upload.exists()
    aged(kept.folder.transcripts / f"{token}.json")
    assert sweep(kept) == 2
