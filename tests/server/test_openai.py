"""OpenAI's interface by OpenAI's own client, and by hand where that client is too polite."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
import srt
import webvtt
from openai import OpenAI
from openai.types.audio import TranscriptionDiarized

from engine.export.writers import write
from engine.transcript import Transcript
from tests.support.app import App
from tests.support.recordings import CLIPS


@pytest.fixture(scope="module")
def client(app: App) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{app.url}/v1", api_key="none is asked for", max_retries=0, timeout=240) as client:
        yield client


@pytest.fixture(scope="module")
def heard(app: App, speech: Path) -> Transcript:
    """What our own route says of the clip."""
    return Transcript.from_dict(app.post(file=speech.read_bytes(), language="en").json())


def test_json_is_the_text(client: OpenAI, speech: Path, heard: Transcript) -> None:
    found = client.audio.transcriptions.create(model="whisper-1", file=speech, language="en")
    assert found.text == heard.text


def test_verbose_json_has_the_times_of_words_and_segments(
    client: OpenAI, speech: Path, heard: Transcript
) -> None:
    found = client.audio.transcriptions.create(
        model="whisper-1",
        file=speech,
        language="en",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    assert (found.language, found.duration, found.text) == ("english", heard.duration, heard.text)
    assert [(entry.word, entry.start, entry.end) for entry in found.words] == [
        (entry.word, entry.start, entry.end) for entry in heard.words
    ]
    assert [(entry.id, entry.start, entry.end, entry.text) for entry in found.segments] == [
        (entry.id, entry.start, entry.end, entry.text) for entry in heard.segments
    ]
    assert all(
        entry.avg_logprob < 0 and 0 <= entry.no_speech_prob <= 1 < entry.compression_ratio + 1
        for entry in found.segments
    )


@pytest.mark.parametrize(("asked", "has"), [([], "segments"), (["segment"], "segments"), (["word"], "words")])
def test_only_the_times_asked_for_are_told(client: OpenAI, speech: Path, asked: list[Any], has: str) -> None:
    found = client.audio.transcriptions.create(
        model="base",
        file=speech,
        language="en",
        response_format="verbose_json",
        timestamp_granularities=asked,
    )
    assert [name for name in ("segments", "words") if getattr(found, name)] == [has]


def test_subtitles_and_text_are_documents(client: OpenAI, speech: Path, heard: Transcript) -> None:
    def ask(format: Any) -> str:
        return client.audio.transcriptions.create(
            model="whisper-1", file=speech, language="en", response_format=format
        )

    assert ask("srt") == write(heard, "srt") and list(srt.parse(ask("srt")))
    assert ask("vtt") == write(heard, "vtt") and list(webvtt.from_buffer(StringIO(ask("vtt"))))
    assert ask("text").strip() == heard.text


def test_a_stream_tells_deltas_that_make_the_text(client: OpenAI, speech: Path, heard: Transcript) -> None:
    events = list(
        client.audio.transcriptions.create(model="whisper-1", file=speech, language="en", stream=True)
    )
    *deltas, done = events
    assert {entry.type for entry in deltas} == {"transcript.text.delta"}
    assert done.type == "transcript.text.done"
    assert "".join(entry.delta for entry in deltas) == done.text == heard.text


def test_the_deltas_of_a_long_talk_make_its_text_and_come_one_by_one(client: OpenAI, talk_file: Path) -> None:
    *deltas, done = client.audio.transcriptions.create(model="whisper-1", file=talk_file, stream=True)
    assert len(deltas) > 1
    assert "".join(entry.delta for entry in deltas) == done.text


def test_diarized_json_has_a_speaker_in_each_segment(client: OpenAI, speech: Path, heard: Transcript) -> None:
    found = client.audio.transcriptions.create(
        model="whisper-1",
        file=speech,
        language="en",
        response_format="diarized_json",
        chunking_strategy="auto",
    )
    assert isinstance(found, TranscriptionDiarized)
    assert (found.task, found.text) == ("transcribe", heard.text)
    assert [segment.text for segment in found.segments] == [segment.text for segment in heard.segments]
    assert {(segment.type, segment.speaker) for segment in found.segments} == {
        ("transcript.text.segment", "A")
    }
    assert len({segment.id for segment in found.segments}) == len(found.segments)


def test_a_diarized_stream_tells_the_text_and_then_each_segment(client: OpenAI, speech: Path) -> None:
    events = list(
        client.audio.transcriptions.create(
            model="whisper-1", file=speech, language="en", response_format="diarized_json", stream=True
        )
    )
    kinds = [event.type for event in events]
    assert kinds == sorted(
        kinds, key=["transcript.text.delta", "transcript.text.segment", "transcript.text.done"].index
    )
    segments = [event for event in events if event.type == "transcript.text.segment"]
    assert " ".join(segment.text for segment in segments) == events[-1].text
    assert {segment.speaker for segment in segments} == {"A"}


def test_prompt_and_temperature_are_taken(client: OpenAI, speech: Path) -> None:
    prompt = (
        "A sentence that somebody once wrote for typists, with every letter of the alphabet. " * 600
    )  # 50 kB
    found = client.audio.transcriptions.create(
        model="whisper-1", file=speech, language="en", prompt=prompt, temperature=0.2
    )
    assert "fox" in found.text.lower()


@pytest.mark.parametrize("sentence", ["你好，世界。今天天气很好。", "A1, B2; C3! ", "ऊँट "])
def test_of_a_prompt_of_many_tokens_the_end_is_heeded(client: OpenAI, speech: Path, sentence: str) -> None:
    found = client.audio.transcriptions.create(
        model="whisper-1", file=speech, language="en", prompt=sentence * 300
    )
    assert found.text


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"language": "klingon"}, "language"),
        ({"response_format": "docx"}, "response_format"),
        ({"temperature": 7}, "temperature"),
        ({"model": "none"}, "model"),
        ({"extra_body": {"colour": "red"}}, "colour"),
    ],
)
def test_the_parameter_at_fault_is_named(client: OpenAI, speech: Path, asked: dict, param: str) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        client.audio.transcriptions.create(**{"model": "whisper-1", "file": speech} | asked)
    assert refused.value.param == param


def test_a_translation_is_english(client: OpenAI) -> None:
    spanish = min((CLIPS / "es").glob("*.wav"))
    found = client.audio.translations.create(model="whisper-1", file=spanish, response_format="verbose_json")
    assert found.language == "english" and found.text


def test_models_are_listed_and_found(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["whisper-1", "base"]
    assert client.models.retrieve("base").object == "model"


def test_a_model_s_name_may_hold_a_slash(app: App) -> None:
    response = httpx.get(f"{app.url}/v1/models/somebody/whisper-base")
    assert response.status_code == 404 and "'somebody/whisper-base'" in response.json()["error"]["message"]


# What goes wrong


def test_an_unknown_model_is_not_found(client: OpenAI, speech: Path) -> None:
    for ask in (
        lambda: client.models.retrieve("gpt-9"),
        lambda: client.audio.transcriptions.create(model="gpt-9", file=speech),
    ):
        with pytest.raises(openai.NotFoundError) as caught:
            ask()
        assert "whisper-1" in caught.value.message and caught.value.code == "not_found"


def test_an_unreadable_file_is_told_in_openais_shape(client: OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        client.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"no sound at all" * 99))
    assert caught.value.status_code == 415
    assert caught.value.body.keys() == {"message", "type", "param", "code"}
    assert caught.value.code == "not_media"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("response_format", "docx"),
        ("temperature", "hot"),
        ("temperature", "2"),
        ("temperature", "nan"),
        ("language", "klingon"),
        ("stream", "perhaps"),
        ("timestamp_granularities[]", "letter"),
        ("chunking_strategy", "server_vad"),
        ("known_speaker_names[]", "Anna"),
        ("known_speaker_references[]", "data:audio/wav;base64,UklGRg=="),
        ("max_lines", "1"),
    ],
)
def test_a_field_that_means_nothing_here_is_refused_by_name(
    app: App, speech: Path, field: str, value: str
) -> None:
    response = app.post("/v1/audio/transcriptions", file=speech.read_bytes(), **{field: value})
    assert response.status_code == 422
    error = response.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"} and error["type"] == "invalid_request_error"
    assert field in error["message"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("response_format", "srt"),
        ("response_format", "vtt"),
        ("response_format", "verbose_json"),
        ("timestamp_granularities[]", "word"),
    ],
)
def test_what_a_stream_has_no_place_for_is_refused_by_name(
    app: App, speech: Path, field: str, value: str
) -> None:
    fields = {"stream": "true", field: value}
    response = app.post("/v1/audio/transcriptions", file=speech.read_bytes(), **fields)
    assert response.status_code == 422
    assert response.json()["error"]["message"].startswith(f"{field} is")


def test_another_method_is_refused_in_openais_shape(app: App) -> None:
    response = httpx.get(f"{app.url}/v1/audio/transcriptions")
    assert (response.status_code, response.json()["error"]["code"]) == (405, "wrong_method")
