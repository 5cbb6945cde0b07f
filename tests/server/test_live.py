"""A WebSocket client sends sound as a microphone brings it, and gets its words while it goes on sending."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from engine.sampling import SAMPLE_RATE
from tests.support.app import App
from tests.support.error_rate import error_rate
from tests.support.live_client import end, heard, live, pcm, refusal, send, words_of
from tests.support.media_files import ffmpeg
from tests.support.raw_http import error_of
from tests.support.recordings import ROOT, clip
from tests.support.route_table import FRIEND, KEY, ClosedApp
from tests.support.waiting import eventually

GREETING = "Hello world."
SAID = (
    f"{GREETING} And so, my fellow Americans, ask not what your country can do for you, "
    "ask what you can do for your country."
)
KENNEDY = ROOT / "assets" / "examples" / "kennedy-1961.mp3"
MOST_WRONG = 0.15  # of the 24 words: short windows cost one; the greeting or a clause would be more


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The greeting, a second of silence, and what Kennedy asked in 1961."""
    folder = tmp_path_factory.mktemp("live")
    ffmpeg("-i", KENNEDY, "-ac", "1", "-ar", str(SAMPLE_RATE), folder / "kennedy.wav")
    parts = [greeting(), soundfile.read(folder / "kennedy.wav", dtype="float32")[0]]
    soundfile.write(folder / "sentences.wav", np.concatenate(parts), SAMPLE_RATE)
    return folder / "sentences.wav"


def greeting() -> np.ndarray:
    return np.pad(soundfile.read(clip("en/hello_world"), dtype="float32")[0], (0, SAMPLE_RATE))


def test_words_come_while_the_sound_goes_on(app: App, sentences: Path) -> None:
    """The rest is sent once the words of the greeting have come, so they waited neither for it nor the end."""
    samples = soundfile.read(sentences, dtype="float32")[0]
    first = len(greeting())
    with live(app, language="en", provisional=False) as client:
        send(client, samples[:first])
        messages = heard(client)
        shown = next(message["segments"] for message in messages if message.get("segments"))
        assert words_of({"segments": shown}) == GREETING
        send(client, samples[first:])
        end(client)
        *rest, result = messages
        assert (client.close_code, client.close_reason) == (1000, "The transcript is complete.")
    shown += [segment for message in rest for segment in message.get("segments", ())]
    assert result["type"] == "result" and result["segments"] == shown
    assert all(segment["words"] for segment in result["segments"])
    assert error_rate(SAID, result["text"], "en") < MOST_WRONG
    assert result["duration"] == pytest.approx(len(samples) / SAMPLE_RATE, abs=0.01)


def test_words_that_are_being_spoken_are_provisional_first(app: App, talk: np.ndarray) -> None:
    """The sound stops within speech, and its end is not sent before provisional words have come."""
    with live(app, language="en") as client:
        send(client, talk[: 12 * SAMPLE_RATE], pace=0.05)
        messages = heard(client)
        provisional = next(message for message in messages if message["type"] == "provisional")
        end(client)
        *_, result = messages
    assert provisional.keys() == {"type", "start", "end", "text"}
    assert provisional["text"] and 0.0 <= provisional["start"] < provisional["end"] <= 12.0
    assert result["type"] == "result" and result["text"]


def test_the_result_comes_in_the_format_asked_for(app: App, sentences: Path) -> None:
    with live(app, language="en", provisional=False, response_format="srt", speakers="auto") as client:
        send(client, soundfile.read(sentences, dtype="float32")[0])
        end(client)
        messages = list(heard(client))
    assert not [message for message in messages if message["type"] == "provisional"]
    assert messages[-1]["response_format"] == "srt" and "-->" in messages[-1]["document"]


@pytest.mark.parametrize("format", ["webm", "ogg"])
def test_what_browsers_record_is_decoded_as_it_comes(
    app: App, tmp_path: Path, sentences: Path, format: str
) -> None:
    recording = tmp_path / f"talk.{format}"
    ffmpeg("-i", sentences, "-ac", "1", "-c:a", "libopus", "-b:a", "32k", "-f", format, recording)
    data = recording.read_bytes()
    half = len(data) // 2
    with live(app, format=format) as client:
        client.send(data[:half])
        messages = heard(client)
        next(message for message in messages if message.get("segments"))
        for at in range(half, len(data), 2000):
            client.send(data[at : at + 2000])
        end(client)
        *_, result = messages
    assert result["type"] == "result" and result["language"] == "en"
    assert error_rate(SAID, result["text"], "en") < MOST_WRONG


def test_a_client_that_leaves_ends_the_work(app: App, talk: np.ndarray) -> None:
    before = app.outcomes().count("cancelled")
    with live(app, language="en") as client:
        send(client, talk)
        next(message for message in heard(client) if message["type"] == "update")
    assert eventually(lambda: app.metric("wordlight_recordings_at_work") == 0)
    assert eventually(lambda: app.outcomes().count("cancelled") == before + 1)


FIRST_MESSAGES = [
    (b"\x00\x00", "bad_input", "not text"),
    ("hello", "bad_input", "hello"),
    ("[" * 10_000, "bad_input", "nested"),
    ('"start"', "bad_input", "JSON object"),
    ('{"type": "end"}', "bad_input", "'end'"),
    ('{"type": "start", "langauge": "en"}', "bad_option", "langauge"),
    ('{"type": "start", "language": "Klingon"}', "bad_option", "Klingon"),
    ('{"type": "start", "language": ["en"]}', "bad_option", "language"),
    ('{"type": "start", "format": "mp3"}', "bad_option", "mp3"),
    ('{"type": "start", "model": "gpt-9"}', "bad_option", "gpt-9"),
    (json.dumps({"type": "start", "hotwords": "a " * 10_000}), "too_large", "text message"),
]


@pytest.mark.parametrize(("message", "code", "named"), FIRST_MESSAGES, ids=lambda value: str(value)[:30])
def test_a_first_message_that_is_wrong_is_refused(
    app: App, message: str | bytes, code: str, named: str
) -> None:
    with live(app) as client:
        client.send(message)
        error, closed, reason = refusal(client)
    assert error["code"] == code and named in f"{error['message']} {error['hint']}"
    assert closed in (1008, 1009) and error["message"].startswith(reason[:20])


def test_garbage_instead_of_sound_is_refused(app: App) -> None:
    with live(app, format="webm") as client:
        client.send(bytes(range(256)) * 200)
        end(client)
        error, closed, _ = refusal(client)
    assert error["code"] == "not_media" and closed == 1008


def test_text_after_the_first_message_is_refused_unless_it_is_the_end(app: App, talk: np.ndarray) -> None:
    with live(app, language="en") as client:
        client.send(pcm(talk)[0])
        client.send('{"type": "start"}')
        assert refusal(client)[0]["code"] == "bad_input"


def test_a_huge_message_ends_the_connection(app: App) -> None:
    with live(app, language="en") as client:
        with suppress(ConnectionClosed):  # it is refused by its first bytes
            client.send(bytes(4 * 1024 * 1024))
        assert not [message for message in heard(client) if message["type"] in ("result", "error")]
        # What the client still sends may make its system drop the reason unread.
        assert client.close_code in (1009, 1006)
    assert eventually(lambda: app.metric("wordlight_recordings_at_work") == 0)


def test_a_key_comes_by_header_or_in_the_first_message(closed_app: ClosedApp, talk: np.ndarray) -> None:
    for headers, start in (({"Authorization": f"Bearer {KEY}"}, {}), ({}, {"api_key": KEY})):
        with live(closed_app, headers, language="en", **start) as client:
            client.send(pcm(talk)[0])
            end(client)
            assert list(heard(client))[-1]["type"] == "result"


def test_plain_http_without_a_key_learns_nothing(closed_app: ClosedApp) -> None:
    error_of(httpx.get(f"{closed_app.url}/v1/live"), 401, "unauthorized")


def test_without_a_key_nothing_begins(closed_app: ClosedApp) -> None:
    with live(closed_app, language="en") as client:
        assert refusal(client)[:2] == (
            {
                "code": "unauthorized",
                "message": "Missing or unknown API key.",
                "hint": "Send it as Authorization: Bearer KEY, or as X-API-Key: KEY.",
            },
            1008,
        )
    with pytest.raises(InvalidStatus) as wrong, live(closed_app, {"X-API-Key": "wrong"}):
        pass
    assert wrong.value.response.status_code == 401
    assert json.loads(wrong.value.response.body)["error"]["code"] == "unauthorized"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": FRIEND, "Authorization": f"Bearer {KEY}"}, None),
    ],
)
def test_a_page_of_another_site_may_not_connect(
    closed_app: ClosedApp, headers: dict[str, str], status: int | None
) -> None:
    try:
        with live(closed_app, headers):
            assert status is None
    except InvalidStatus as refused:
        assert refused.response.status_code == status
        assert json.loads(refused.response.body)["error"]["code"] == "refused"


def test_a_host_that_is_not_ours_is_refused(closed_app: ClosedApp) -> None:
    """A page whose name was made to lead here cannot reach it."""
    with (
        pytest.raises(InvalidStatus) as refused,
        connect("ws://evil.example/v1/live", sock=closed_app.connected()),
    ):
        pass
    assert refused.value.response.status_code == 421
    assert json.loads(refused.value.response.body)["error"]["code"] == "unknown_host"


def test_there_is_no_other_websocket(app: App) -> None:
    url = app.url.replace("http", "ws", 1)
    for path in ("/", "/gradio_api/queue/data", "/transcribe", "/nowhere"):
        with pytest.raises(InvalidStatus) as refused, connect(url + path):
            pass
        assert refused.value.response.status_code == 404
    error_of(httpx.get(f"{app.url}/v1/live"), 426, "websocket_required")
