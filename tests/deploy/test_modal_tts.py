"""The Coqui TTS service on Modal: its settings, routes and errors; `make neighbour` runs it with Coqui TTS."""

from __future__ import annotations

import asyncio
import io
import re
import wave
from pathlib import Path
from threading import Event

import httpx
import modal
import numpy as np
import pytest
from starlette.testclient import TestClient

from deploy import modal_tts
from deploy.image import IGNORED
from deploy.synthesis import MAX_CHARACTERS, Synthesizer, wav_of
from deploy.tts_routes import MAX_BODY_BYTES, MAX_WAITING, tts_application
from engine.config import Config, settings
from engine.languages import LANGUAGES
from tests.support.recordings import ROOT

DOCS = (ROOT / "docs" / "deploy-modal.md").read_text("utf-8")
RATE = 22_050


class Hum:
    """A model that hums for a tenth of a second a word, at another pitch for each voice."""

    def __init__(self, *voices: str) -> None:
        self.voices = voices
        self.said: list[tuple[str, str, str | None]] = []

    def say(self, text: str, language: str, voice: str | None) -> tuple[np.ndarray, int]:
        self.said.append((text, language, voice))
        times = np.arange(len(text.split()) * RATE // 10) / RATE
        return 0.25 * np.sin(2 * np.pi * 220 * times).astype(np.float32), RATE


class Broken(Hum):
    def say(self, text: str, language: str, voice: str | None) -> tuple[np.ndarray, int]:
        raise RuntimeError("secret text of a user")


@pytest.fixture
def english() -> Hum:
    return Hum("p225", "p226")


@pytest.fixture
def client(english: Hum) -> TestClient:
    return served({"en": english, "de": Hum(), "fr": Broken()})


def served(models: dict[str, Hum], **settings: object) -> TestClient:
    names = {code: f"tts_models/{code}" for code in models}
    application = tts_application(Synthesizer(models), Config(**settings), device="cpu", models=names)
    return TestClient(application, raise_server_exceptions=False)


def error_of(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "hint"} and error["message"]
    return answer.status_code, error["code"]


def test_the_document_names_the_values_of_the_service() -> None:
    part = DOCS.partition("## The neighbour: Coqui TTS")[2]
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", part.partition("## Cold start")[0], re.MULTILINE))
    plain = {name: value for name, value in modal_tts.SERVICE.items() if isinstance(value, str | int | float)}
    expected = plain | {"max_inputs": modal_tts.MAX_INPUTS} | modal_tts.SETTINGS | modal_tts.MODELS
    assert rows == {name: str(value) for name, value in expected.items()}


def test_modal_has_what_the_service_asks_for() -> None:
    service = modal_tts.SERVICE
    assert (service["gpu"], service["scaledown_window"], service["min_containers"]) == ("T4", 120, 0)
    assert {path: volume.name for path, volume in service["volumes"].items()} == {
        "/models": "wordlight-tts-models"
    }
    assert set(modal_tts.SETTINGS) - {"TTS_HOME"} <= {variable for variable, _, _ in settings()}
    config = Config.from_env(modal_tts.SETTINGS)
    assert config.device == "cuda" and config.hub_cache == Path("/models/hf_cache")
    assert set(modal_tts.MODELS) <= set(LANGUAGES)
    assert modal_tts.MAX_INPUTS > MAX_WAITING + 1, "else the service cannot refuse a text by itself"
    ignored = modal.FilePatternMatcher(*IGNORED)
    assert not any(ignored(Path(name)) for name in ("deploy/modal_tts.py", "deploy/tts_routes.py"))


def test_packages_of_the_neighbour_are_pinned_and_none_differs_from_the_lock() -> None:
    found, locked = (
        dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / name).read_text("utf-8").lower(), re.MULTILINE))
        for name in ("requirements-neighbour.txt", "requirements-lock.txt")
    )
    lines = (ROOT / "requirements-neighbour.txt").read_text("utf-8").splitlines()
    assert "coqui-tts" in found and len(found) == len([line for line in lines if not line.startswith("#")])
    assert {name: version for name, version in found.items() if locked.get(name, version) != version} == {}


def test_a_text_is_spoken_by_the_voice_that_is_asked_for(client: TestClient, english: Hum) -> None:
    answer = client.post(
        "/synthesize", json={"text": "one two three", "language": "English", "voice": "p226"}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    with wave.open(io.BytesIO(answer.content)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        assert file.getnframes() == 3 * (RATE // 10)
    client.post("/synthesize", json={"text": "one"})
    assert english.said == [("one two three", "en", "p226"), ("one", "en", "p225")]
    assert client.post("/synthesize", json={"text": "eins", "language": "de"}).status_code == 200


def test_the_voices_and_the_health_are_listed(client: TestClient) -> None:
    assert client.get("/voices").json()[:2] == [
        {"language": "en", "voices": ["p225", "p226"]},
        {"language": "de", "voices": []},
    ]
    health = client.get("/health").json()
    assert (health["status"], health["device"], health["models"]["de"]) == ("ready", "cpu", "tts_models/de")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"text=Hello", (415, "not_json")),
        (b"[" * 60_000, (415, "not_json")),
        (b'["text"]', (415, "not_json")),
        (b"{}", (422, "bad_text")),
        (b'{"text": " ... "}', (422, "bad_text")),
        (b'{"text": "a\\ud800"}', (422, "bad_text")),
        (b'{"text": 3}', (422, "bad_option")),
        (b'{"text": "a", "speed": "2"}', (422, "bad_option")),
        (b'{"text": "a", "language": "ja"}', (422, "bad_option")),
        (b'{"text": "a", "language": "Klingon"}', (422, "bad_option")),
        (b'{"text": "a", "language": ""}', (422, "bad_option")),
        (b'{"text": "a", "voice": "p1"}', (422, "bad_option")),
        (b'{"text": "a", "language": "de", "voice": "p225"}', (422, "bad_option")),
        (b'{"text": "%s"}' % (b"a " * MAX_CHARACTERS), (413, "too_long")),
        (b'{"text": "%s"}' % (b"a" * MAX_BODY_BYTES), (413, "too_large")),
        (b'{"text": "a", "language": "fr"}', (500, "error")),
    ],
)
def test_errors_are_those_of_wordlight(
    client: TestClient, english: Hum, sent: bytes, expected: tuple[int, str]
) -> None:
    answer = client.post("/synthesize", content=sent)
    assert error_of(answer) == expected
    assert "secret" not in answer.text and english.said == []


def test_unknown_paths_and_methods_get_the_same_body(client: TestClient) -> None:
    assert error_of(client.get("/nowhere")) == (404, "not_found")
    answer = client.get("/synthesize")
    assert error_of(answer) == (405, "wrong_method") and answer.headers["allow"] == "POST"


def test_keys_are_asked_for() -> None:
    client = served({"en": Hum()}, api_keys=("one-key-of-enough-length",))
    answer = client.post("/synthesize", json={"text": "one"})
    assert error_of(answer) == (401, "unauthorized") and answer.headers["www-authenticate"] == "Bearer"
    assert error_of(client.get("/voices")) == error_of(client.get("/health")) == (401, "unauthorized")
    headers = {"Authorization": "Bearer one-key-of-enough-length"}
    assert client.post("/synthesize", json={"text": "one"}, headers=headers).status_code == 200


def test_texts_beyond_those_that_wait_are_refused() -> None:
    asyncio.run(_overrun())


async def _overrun() -> None:
    going_on = Event()

    class Held(Hum):
        def say(self, text: str, language: str, voice: str | None) -> tuple[np.ndarray, int]:
            going_on.wait(timeout=30)
            return super().say(text, language, voice)

    application = served({"en": Held()}).app
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://tts") as client:
        asked = [
            asyncio.create_task(client.post("/synthesize", json={"text": f"text {number}"}))
            for number in range(MAX_WAITING + 3)
        ]
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED, timeout=30)
        refused = [task.result() for task in done]
        going_on.set()
        statuses = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert error_of(refused[0]) == (503, "busy") and refused[0].headers["retry-after"] == "20"
    assert (statuses.count(200), statuses.count(503)) == (MAX_WAITING + 1, 2)


def test_silence_is_not_amplified() -> None:
    samples = np.frombuffer(wav_of(np.full(100, 0.001, np.float32), RATE)[44:], "<i2")
    assert samples.max() == 3276
    loud = np.frombuffer(wav_of(np.array([0.0, 2.0, -4.0], np.float32), RATE)[44:], "<i2")
    assert loud.tolist() == [0, 16383, -32767]
