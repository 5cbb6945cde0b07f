"""Requests of real clients, as their public sources write them, replayed against the running app."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import srt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai import OpenAI

from engine.sampling import SAMPLE_RATE
from server.form_fields import FILE_FIELDS
from server.request_headers import IGNORED_HEADER, MODEL_HEADER
from tests.support.app import App
from tests.support.media_files import ffmpeg
from tests.support.recordings import CLIPS

TRANSCRIPTIONS = "/v1/audio/transcriptions"


@pytest.fixture(scope="module")
def text(app: App, speech: Path) -> str:
    """What our own route says of the clip."""
    return str(app.post(file=speech.read_bytes(), language="en").json()["text"])


@pytest.fixture(scope="module")
def pcm(tmp_path_factory: pytest.TempPathFactory, speech: Path) -> bytes:
    """The clip as bare samples: 16 bits, 16 kHz, one channel."""
    path = tmp_path_factory.mktemp("pcm") / "speech.raw"
    ffmpeg("-i", speech, "-f", "s16le", "-ac", "1", "-ar", str(SAMPLE_RATE), path)
    return path.read_bytes()


def send(app: App, path: str, **request: Any) -> httpx.Response:
    """Sends a POST and follows no redirect."""
    return httpx.post(app.url + path, timeout=240, **request)


def part(name: str, value: str) -> tuple[str, tuple[None, str]]:
    return name, (None, value)


def test_open_webui(app: App, speech: Path, text: str) -> None:
    files = {"file": ("5f4a.wav", speech.read_bytes())}
    plain = send(app, TRANSCRIPTIONS, files=files, data={"model": "whisper-1", "language": "en-US"})
    assert plain.json()["text"] == text
    detailed = {
        "model": "whisper-large-v3-turbo",
        "response_format": "verbose_json",
        "timestamp_granularities[]": "segment",
        "language": "en",
    }
    answer = send(app, TRANSCRIPTIONS, files=files, data=detailed)
    assert [segment.keys() >= {"id", "start", "end", "text"} for segment in answer.json()["segments"]]
    assert (answer.headers[MODEL_HEADER], answer.headers[IGNORED_HEADER]) == ("base", "model")


def test_n8n(app: App, speech: Path, text: str) -> None:
    parts = [
        part("model", "whisper-1"),
        part("language", "en"),
        part("temperature", "0.7"),
        ("file", ("talk.wav", speech.read_bytes(), "audio/wav")),
    ]
    answer = send(app, TRANSCRIPTIONS, files=parts)
    assert answer.json()["text"] == text
    assert answer.headers[IGNORED_HEADER] == "temperature"


def test_litellm(app: App, speech: Path, text: str) -> None:
    """LiteLLM sends through OpenAI's client, and asks for verbose_json to learn the duration."""
    with OpenAI(base_url=f"{app.url}/v1/", api_key="sk-1234", max_retries=0, timeout=240) as client:
        raw = client.audio.transcriptions.with_raw_response.create(
            model="openai/whisper-large-v3",
            file=speech,
            response_format="verbose_json",
            extra_body={"user": "proxy-user"},
        )
        found = raw.parse()
    assert (found.text, found.duration > 1) == (text, True)
    assert set(raw.headers[IGNORED_HEADER].split(", ")) == {"user", "model"}


def test_obsidian_whisper(app: App, speech: Path, text: str) -> None:
    parts = [
        ("file", ("recording.webm", speech.read_bytes(), "audio/webm")),
        part("model", "whisper-1"),
        part("language", ""),
        part("prompt", "Notes"),
    ]
    assert "fox" in send(app, TRANSCRIPTIONS, files=parts).json()["text"]


def test_obsidian_transcription(app: App, speech: Path, text: str) -> None:
    """It writes the form by hand, with the type of the part in quotes."""
    boundary = "----BoundaryX"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="audio_file"; filename="blob"\r\n'
        'Content-Type: "application/octet-stream"\r\n\r\n'
    )
    answer = send(
        app,
        "/asr?task=transcribe&language=en",
        content=head.encode() + speech.read_bytes() + f"\r\n--{boundary}--\r\n".encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.strip() == text


@pytest.mark.parametrize("more", [{}, {"video_file": "/tv/A Show/S01E01.mkv"}])
def test_bazarr(app: App, pcm: bytes, more: dict[str, str]) -> None:
    files = {"audio_file": ("audio_file", pcm)}
    found = send(app, "/detect-language", params={"encode": "false"} | more, files=files).json()
    assert (found["detected_language"], found["language_code"]) == ("english", "en")
    assert 0.5 < found["confidence"] <= 1
    asked = {"task": "transcribe", "language": "en", "output": "srt", "encode": "false"}
    answer = send(app, "/asr", params=asked | more, files=files)
    cues = list(srt.parse(answer.content.decode()))
    assert "fox" in " ".join(cue.content for cue in cues)
    assert answer.headers.get(IGNORED_HEADER, "") == ", ".join(more)
    assert answer.headers["Asr-Engine"] and answer.headers["Content-Disposition"].endswith('audio_file.srt"')


def test_bazarr_translates(app: App, tmp_path: Path) -> None:
    spanish = min((CLIPS / "es").glob("*.wav"))
    asked = {"task": "translate", "language": "es", "output": "srt", "encode": "true"}
    answer = send(app, "/asr", params=asked, files={"audio_file": ("audio_file", spanish.read_bytes())})
    assert list(srt.parse(answer.text))


def test_the_newest_openai_client(app: App, speech: Path, text: str) -> None:
    with OpenAI(base_url=f"{app.url}/v1", api_key="none", max_retries=0, timeout=240) as client:
        found = client.audio.transcriptions.create(
            model="gpt-transcribe",
            file=speech,
            languages=["en", "de"],
            keywords=["fox"],
            include=["logprobs"],
            chunking_strategy={"type": "server_vad", "threshold": 0.5},
        )
        *deltas, done = client.audio.transcriptions.create(
            model="gpt-transcribe", file=speech, languages=["en"], include=["logprobs"], stream=True
        )
    assert "fox" in found.text.lower() and [each.code for each in found.languages or []] == ["en"]
    assert "".join(each.token or "" for each in found.logprobs or []) == found.text
    assert all(each.logprob is not None and -7 < each.logprob <= 0 for each in found.logprobs or [])
    assert "".join(each.token for delta in deltas for each in delta.logprobs) == done.text
    assert [each.token for each in done.logprobs] and done.languages[0].code == "en"


def test_speaches_and_groq(app: App, speech: Path, text: str) -> None:
    parts = [
        ("file", ("voice.wav", speech.read_bytes(), "audio/mpeg")),
        part("model", "Systran/faster-whisper-large-v3"),
        part("language", "en"),
        part("response_format", "verbose_json"),
        part("temperature", "0"),
        part("timestamp_granularities[]", "segment,word"),
        part("vad_filter", "true"),
    ]
    answer = send(app, TRANSCRIPTIONS, files=parts)
    body = answer.json()
    assert body["words"] and body["segments"] and body["text"] == text
    assert set(answer.headers[IGNORED_HEADER].split(", ")) == {"vad_filter", "model"}


@pytest.mark.parametrize("field", FILE_FIELDS)
def test_the_recording_has_one_of_three_names(app: App, speech: Path, text: str, field: str) -> None:
    files = {field: ("a.wav", speech.read_bytes())}
    for path in ("/transcribe", TRANSCRIPTIONS):
        assert send(app, path, files=files, data={"language": "en"}).json()["text"] == text


def test_a_raw_body_with_an_audio_type(app: App, speech: Path, text: str) -> None:
    answer = send(
        app,
        f"{TRANSCRIPTIONS}?language=en&model=whisper-1&response_format=verbose_json",
        content=speech.read_bytes(),
        headers={"Content-Type": "audio/wav"},
    )
    assert (answer.json()["text"], answer.json()["language"]) == (text, "english")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/audio/transcriptions/",
        "/v1/v1/audio/transcriptions",
        "/audio/transcriptions",
        "//v1//audio/transcriptions",
    ],
)
def test_a_path_with_a_slash_or_a_version_too_many_or_none(
    app: App, speech: Path, text: str, path: str
) -> None:
    answer = send(app, path, files={"file": ("a.wav", speech.read_bytes())}, data={"language": "en"})
    assert (answer.status_code, answer.json()["text"]) == (200, text)


@pytest.mark.parametrize(
    "path", ["/v1/models/", "/models", "/v1/v1/models", "/models/base/", "/v1/models/base"]
)
def test_models_are_found_in_every_spelling(app: App, path: str) -> None:
    answer = httpx.get(app.url + path)
    assert answer.status_code == 200 and answer.json()["object"] in ("list", "model")


def test_other_paths_stay_what_they_are(app: App) -> None:
    assert httpx.get(f"{app.url}/v1/nothing/").status_code == 404
    assert httpx.get(f"{app.url}/v1/health").status_code == 404
    assert httpx.get(f"{app.url}/jobs/none/").status_code == 404


def test_whisper_asr_webservice_s_formats(app: App, speech: Path, text: str) -> None:
    def ask(**asked: str) -> httpx.Response:
        params = {"language": "en"} | asked
        return send(app, "/asr", params=params, files={"audio_file": ("a.wav", speech.read_bytes())})

    found = ask(output="json", word_timestamps="true").json()
    assert (found["text"], found["language"]) == (text, "en")
    assert [word["word"] for segment in found["segments"] for word in segment["words"]] == text.split()
    assert "words" not in ask(output="json").json()["segments"][0]
    header, *rows = ask(output="tsv").text.splitlines()
    assert header == "start\tend\ttext" and re.fullmatch(r"\d+\t\d+\t.+", rows[0])
    assert ask(output="vtt").text.startswith("WEBVTT")
    assert ask(output="json", diarize="true", max_speakers="2").json()["segments"][0]["speaker"]
    assert ask(output="srt", word_timestamps="true").headers[IGNORED_HEADER] == "word_timestamps"


@pytest.mark.parametrize(
    ("asked", "named"),
    [({"output": "docx"}, "docx"), ({"lang": "de"}, "'lang'"), ({"encode": "x"}, "encode")],
)
def test_whisper_asr_webservice_s_route_refuses_by_name(
    app: App, speech: Path, asked: dict[str, str], named: str
) -> None:
    answer = send(app, "/asr", params=asked, files={"audio_file": ("a.wav", speech.read_bytes())})
    assert answer.status_code == 422 and named in json.dumps(answer.json())


def test_silence_has_no_language(app: App) -> None:
    answer = send(
        app,
        "/detect-language?encode=false",
        content=bytes(2 * SAMPLE_RATE),
        headers={"Content-Type": "application/octet-stream"},
    )
    assert answer.json() == {"detected_language": "unknown", "language_code": "und", "confidence": 0.0}


def test_a_file_with_a_header_is_read_as_such_though_it_is_said_to_have_none(
    app: App, speech: Path, text: str
) -> None:
    files = {"audio_file": ("a.wav", speech.read_bytes())}
    assert send(app, "/asr?encode=false&language=en", files=files).text.strip() == text


_odd = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=12)
_fields = st.lists(
    st.tuples(
        st.sampled_from(
            ["language", "model", "timestamp_granularities", "temperature", "include[]", "n", "x"]
        ),
        st.one_of(_odd, st.sampled_from(["en", "null", "word", "0.2", "1", "logprobs"])),
    ),
    max_size=3,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=_fields, slash=st.booleans())
def test_odd_forms_are_answered_or_refused(app: App, fields: list[tuple[str, str]], slash: bool) -> None:
    """The recording is no sound, so that what is understood gets as far as reading it."""
    files = [*(part(name, value) for name, value in fields), ("file", ("a.wav", b"no sound" * 50))]
    answer = send(app, TRANSCRIPTIONS + "/" * slash, files=files)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
