"""ffmpeg ended by somebody else: nobody is handed a part as the whole, and the file is not blamed."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import openai
import pytest
from gradio_client import Client, handle_file
from openai import OpenAI

from engine import Engine
from engine.config import Config
from engine.errors import DecodeLimitExceeded, DecodingInterrupted
from engine.media.audio_reader import AudioReader
from engine.media.ffmpeg_exit import exit_of
from engine.media.reading_plan import ReadingPlan
from page.texts import TEXTS
from page.transcript_store import TranscriptStore
from server.data_folder import DataFolder
from tests.support.app import App
from tests.support.media_files import CONFIG, children, decode, make
from tests.support.page import page_work
from tests.support.waiting import eventually

OUTSIDE = [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGHUP, signal.SIGABRT, signal.SIGXCPU]


@pytest.fixture(autouse=True)
def hang_up() -> Iterator[None]:
    """Has children end at SIGHUP, which `nohup` has them ignore."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def signalled(path: Path, number: int, config: Config = CONFIG) -> tuple[float, Exception | None]:
    """Sends a signal to the ffmpeg of a recording once some sound has come; returns what came, and the error."""
    before = children()
    decoding = AudioReader(path, config, block_seconds=1.0)
    heard = 0
    try:
        with closing(decoding):
            for block in decoding:
                if not heard:
                    (ffmpeg,) = set(children()) - set(before)
                    os.kill(ffmpeg, number)
                heard += len(block)
    except Exception as error:
        return decoding.duration, error
    return decoding.duration, None


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("number", OUTSIDE)
def test_what_comes_from_outside_is_no_fault_of_the_file(number: signal.Signals, long_wav: Path) -> None:
    seconds, error = signalled(long_wav, number)
    assert type(error) is DecodingInterrupted, error
    assert 0 < seconds <= 300  # a quick machine may have read all of it by then
    assert (error.status, error.code) == (503, "decoding_interrupted") and error.retry_after
    assert f"signal {int(number)}" in error.message
    assert "damaged" not in str(error)


def test_the_same_before_any_sound_has_come(
    tmp_path: Path, speech: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ffmpeg").write_text("#!/bin/sh\nkill -KILL $$\n")
    (tmp_path / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(DecodingInterrupted):
        decode(speech, Config(fence="off"))  # which would not let it send the signal


def test_a_second_signal_and_those_after_it_are_no_end_in_order(long_wav: Path) -> None:
    before = children()
    decoding = AudioReader(long_wav, CONFIG, block_seconds=1.0)
    with closing(decoding), pytest.raises(DecodingInterrupted):
        for block in decoding:
            for ffmpeg in set(children()) - set(before):
                for _ in range(5):
                    os.kill(ffmpeg, signal.SIGTERM)
            assert len(block)


# Limits of our own


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
@pytest.mark.usefixtures("reader")
def test_the_time_that_is_allowed_is_too_costly_also_after_sound_has_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several seconds of computing, one is allowed."""
    wide = make(tmp_path / "wide.flac", "-f", "lavfi", "-i", "anullsrc=r=192000:cl=7.1", "-t", "900")
    monkeypatch.setattr("engine.media.ffmpeg.MORE_CPU_SECONDS", 1)
    monkeypatch.setattr("engine.media.ffmpeg.CPU_PER_SECOND", 0.0)
    with closing(AudioReader(wide, CONFIG, block_seconds=1.0)) as decoding:
        with pytest.raises(DecodeLimitExceeded, match="more memory or time"):
            for _ in decoding:
                pass
        assert 0 < decoding.duration < 900


def test_a_crash_that_comes_again_is_the_files(
    tmp_path: Path, long_wav: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stands for a fault of ffmpeg that some file brings about: at the same place each time."""
    silence = ("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono:d=10")
    sound = make(tmp_path / "sound.mka", *silence, *ReadingPlan().output[:-1])  # but for the pipe
    (tmp_path / "ffmpeg").write_text(
        "#!/bin/sh\n"
        "echo '[info] Input #0, wav, from x:' >&2\n"
        "echo '[info]   Stream #0:0: Audio: pcm_s16le' >&2\n"
        f"cat {sound}\nkill -SEGV $$\n"
    )
    (tmp_path / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    samples, decoding = decode(long_wav, Config(fence="off"), block_seconds=1.0)
    assert len(samples) == 160_000
    assert decoding.notice is not None and "damaged" in decoding.notice.sentence


def test_who_ends_it_here_ends_it_in_order(long_wav: Path) -> None:
    decoding = AudioReader(long_wav, CONFIG, block_seconds=1.0)
    blocks = iter(decoding)
    next(blocks)
    decoding.close()
    assert list(blocks) == [] and decoding.notice is None


@pytest.mark.parametrize(
    ("status", "logged", "killed", "cpu", "cause"),
    [
        (0, 0, False, 1.0, "itself"),
        (1, 0, False, 1.0, "itself"),
        (-signal.SIGKILL, 0, True, 1.0, "engine"),
        (-signal.SIGKILL, 0, False, 1.0, "outside"),
        (-signal.SIGKILL, 0, False, 70.0, "limit"),
        (-signal.SIGKILL, 0, False, None, "outside"),
        (-signal.SIGXCPU, 0, False, None, "limit"),
        (255, signal.SIGXCPU, False, 60.0, "limit"),
        (255, signal.SIGXCPU, False, 1.0, "outside"),
        (255, signal.SIGTERM, False, 70.0, "outside"),
        (255, signal.SIGTERM, False, 1.0, "outside"),
        (123, 0, False, 1.0, "outside"),
        (123, 0, False, 63.0, "limit"),
        (-signal.SIGSEGV, 0, False, 1.0, "crash"),
        (0, signal.SIGTERM, False, 1.0, "itself"),  # it had come to the end before
    ],
)
def test_what_ended_it_is_told_by_signal_time_and_who_did_it(
    status: int, logged: int, killed: bool, cpu: float | None, cause: str
) -> None:
    assert exit_of(status, logged, killed, cpu, cpu_limit=60.0).cause == cause


# Through the doors


def kill_its_ffmpeg(folder: Path, recording: Path) -> bool:
    """Ends the ffmpeg that reads an upload of that size in a folder, as the out-of-memory killer does.

    Returns False if there is none.
    """
    for process in Path("/proc").glob("[0-9]*"):
        try:
            reads = (process / "fd" / "0").readlink()
            size = (process / "fd" / "0").stat().st_size
            program = (process / "cmdline").read_bytes().split(b"\0")[0]
        except OSError:  # it ended meanwhile
            continue
        if b"ffmpeg" in program and size == recording.stat().st_size and reads.is_relative_to(folder):
            os.kill(int(process.name), signal.SIGKILL)
            return True
    return False


@pytest.fixture
def killed(app: App, long_talk: Path) -> Iterator[None]:
    """Has the ffmpeg of the long talk killed as soon as it is at work."""
    found: list[bool] = []
    killer = threading.Thread(
        target=lambda: found.append(eventually(lambda: kill_its_ffmpeg(app.folder, long_talk)))
    )
    killer.start()
    yield
    killer.join()
    assert found == [True]


@pytest.mark.usefixtures("killed", "nothing_left")
class TestDoors:
    @pytest.mark.parametrize("path", ["/transcribe", "/v1/audio/transcriptions"])
    def test_the_answer_is_to_come_back(self, app: App, long_talk: Path, path: str) -> None:
        answer = app.post(path, file=long_talk.read_bytes(), language="en")
        assert answer.status_code == 503, answer.text[:300]
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["error"]["code"] == "decoding_interrupted"

    def test_a_stream_for_openai_s_clients_does_too(self, app: App, long_talk: Path) -> None:
        with (
            OpenAI(base_url=f"{app.url}/v1", api_key="-", timeout=240, max_retries=0) as client,
            pytest.raises(openai.APIError, match="ended from outside"),
        ):
            list(client.audio.transcriptions.create(model="whisper-1", file=long_talk, stream=True))

    def test_gradio_s_clients_get_the_sentence(self, app: App, long_talk: Path) -> None:
        client = Client(app.url, verbose=False, httpx_kwargs={"timeout": 60})
        with pytest.raises(Exception, match="ended from outside"):
            client.predict(handle_file(str(long_talk)), "en", api_name="/transcribe")


@pytest.mark.usefixtures("nothing_left")
def test_a_stream_ends_with_an_error(app: App, long_talk: Path) -> None:
    files, data = {"file": long_talk.read_bytes()}, {"language": "en", "stream": "true"}
    with httpx.stream("POST", f"{app.url}/transcribe", files=files, data=data, timeout=240) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: update"
        assert kill_its_ffmpeg(app.folder, long_talk)
        *_, name, failure, _ = lines
    assert name == "event: error"
    assert json.loads(failure.removeprefix("data: "))["error"]["code"] == "decoding_interrupted"


def test_the_page_keeps_what_had_been_found(
    engine: Engine, long_talk: Path, speech: Path, tmp_path: Path
) -> None:
    store = TranscriptStore(DataFolder.claim(tmp_path), 60)
    recording = Path(shutil.copy(long_talk, store.folder.uploads))
    with page_work(engine, store) as work:
        first, second = work.begin(recording, speech)
        work.wait_for_words(first)
        assert kill_its_ffmpeg(tmp_path, recording)
        found = work.wait(first)
        assert (found["state"], found["failure"]["code"]) == ("failed", "decoding_interrupted")
        assert all("error_decoding_interrupted" in TEXTS[locale] for locale in TEXTS.keys() - {"en"})
        message = found["message"]
        assert message["done"] and message["segments"] and message["meta"]["token"] == first
        assert "the rest has not been heard" in message["meta"]["transcript"]["warnings"][0]
        stored = store.load(first)
        assert stored and stored["state"] == "stopped"
        assert work.wait(second)["state"] == "done"
