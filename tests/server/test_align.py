"""POST /align as programs use it: a recording and its text in, the text with times out."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file

from tests.support.app import App

pytestmark = pytest.mark.usefixtures("nothing_left")

TEXT = "FOX: The quick brown fox jumps over the lazy dog. [barks]"


def post(app: App, speech: Path, content: str | None = TEXT, **fields: str) -> httpx.Response:
    files: dict[str, tuple[str, bytes]] = {"file": ("talk.wav", speech.read_bytes())}
    if content is not None:
        files["text_file"] = ("talk.txt", content.encode())
    return httpx.post(f"{app.url}/align", files=files, data={"language": "en", **fields}, timeout=240)


def test_a_text_file_gets_its_times(app: App, speech: Path) -> None:
    response = post(app, speech)
    assert response.status_code == 200, response.text
    data = response.json()
    assert data["text"] == "The quick brown fox jumps over the lazy dog. [barks]"
    assert [word["word"] for word in data["word_segments"] if word.get("said") is False] == ["[barks]"]
    assert (
        data["speakers"][0]["name"] == "FOX" and data["segments"][0]["speaker"] == data["speakers"][0]["id"]
    )
    assert data["aligner"] == "phonetic"


def test_a_pasted_text_comes_as_any_format(app: App, speech: Path) -> None:
    response = post(
        app, speech, None, text="The quick brown fox jumps over the lazy dog.", response_format="textgrid"
    )
    assert response.status_code == 200, response.text
    assert response.text.startswith('File type = "ooTextFile"') and 'text = "fox"' in response.text
    phones = response.text.split('name = "phones"')[1]
    assert 'text = "F"' in phones and 'text = "AA"' in phones and 'text = "SIL"' not in phones


def test_events_have_the_segments_and_then_the_result(app: App, speech: Path) -> None:
    response = post(app, speech, stream="true")
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [part.split("\n") for part in response.text.strip().split("\n\n")]
    assert events[-1][0] == "event: result" and events[0][0] == "event: update"
    found = [json.loads(data.removeprefix("data: ")) for _, data in events]
    segments = [segment for update in found[:-1] for segment in update["segments"]]
    assert segments == found[-1]["segments"]


def test_changed_words_alone_are_timed(app: App, speech: Path) -> None:
    transcript = post(app, speech, "The quick brown fox jumps over the lazy dog.").json()
    words = transcript["segments"][0]["words"]
    exact = dict(words[3])
    words[3] |= {"end": words[3]["start"] + 0.02, "timing": "interpolated"}
    again = post(app, speech, json.dumps(transcript), only="changed").json()["segments"][0]["words"]
    assert again[3]["timing"] == "aligned" and abs(again[3]["end"] - exact["end"]) <= 0.05
    assert again[:3] == words[:3] and again[4:] == words[4:]


@pytest.mark.parametrize("only", ["all", "changed"])
def test_a_translation_stays(app: App, speech: Path, only: str) -> None:
    transcript = post(app, speech, "The quick brown fox jumps over the lazy dog.").json()
    assert "translation" not in transcript
    beside = {"language": "en", "until": 2.0, "segments": [{"start": 0.1, "end": 1.9, "text": "A fox."}]}
    again = post(app, speech, json.dumps(transcript | {"translation": beside}), only=only).json()
    assert again["translation"] == beside


@pytest.mark.parametrize("only", ["all", "changed"])
def test_bookmarks_stay_at_their_words(app: App, speech: Path, only: str) -> None:
    transcript = post(app, speech, "The quick brown fox jumps over the lazy dog.").json()
    words = transcript["segments"][0]["words"]
    for word in words[1:4]:
        word["bookmark"] = "ask Anna"
    words[7]["bookmark"] = ""
    words[2] |= {"end": words[2]["start"] + 0.02, "timing": "interpolated"}
    again = post(app, speech, json.dumps(transcript), only=only).json()["segments"][0]["words"]
    assert [word["word"] for word in again] == [word["word"] for word in words]
    assert [word.get("bookmark") for word in again] == [None, *["ask Anna"] * 3, None, None, None, "", None]
    assert again[2]["timing"] == "aligned"


@pytest.mark.parametrize(
    ("text", "fields", "status", "code"),
    [
        (None, {}, 422, "bad_option"),
        (TEXT, {"text": "Both."}, 422, "bad_option"),
        ("…", {}, 422, "bad_text"),
        (TEXT, {"only": "changed"}, 422, "bad_text"),
        (TEXT, {"beam_size": "1"}, 422, "bad_option"),
        ("Many people prefer to buy fresh apples at the market on Saturdays.", {}, 422, "text_mismatch"),
    ],
)
def test_what_cannot_be_aligned_is_refused_with_a_sentence(
    app: App, speech: Path, text: str | None, fields: dict[str, str], status: int, code: str
) -> None:
    response = post(app, speech, text, **fields)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.json()["error"]["message"].endswith(".") and response.json()["error"]["hint"]


def test_gradio_s_clients_align_too(app: App, speech: Path) -> None:
    client = Client(app.url, verbose=False, httpx_kwargs={"timeout": 60})
    text = "The quick brown fox jumps over the lazy dog."
    whole = client.predict(handle_file(str(speech)), text, language="en", api_name="/align")
    assert whole["text"] == text
    job = client.submit(handle_file(str(speech)), text, language="en", api_name="/align_stream")
    updates = list(job)
    assert updates[-1]["transcript"]["segments"] == whole["segments"]
    assert [segment for update in updates for segment in update["segments"]] == whole["segments"]
