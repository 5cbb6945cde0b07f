"""The real engine on the embedded model, and the real app as a process of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import hypothesis
import numpy as np
import pytest
import soundfile

from engine import Config, Engine
from tests.support.app import MAX_BYTES, MAX_SECONDS, TOKEN, App, serve
from tests.support.media_files import ffmpeg
from tests.support.recordings import ROOT, TALK, clip
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from engine.recognition.recognizer import Recognizer
    from engine.scheduling.scheduler import Scheduler
    from tests.support.fake_whisper import Model
    from tests.support.route_table import ClosedApp


# Two slow cores and a first example that warms the caches say nothing about the code.
hypothesis.settings.register_profile("wordlight", deadline=None, max_examples=50)
hypothesis.settings.load_profile("wordlight")


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    engine = Engine(replace(Config.from_env(), offline=True))
    engine.start()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    """Whisper base without the engine around it."""
    from engine.recognition.recognizer import Recognizer
    from engine.weights.locate import find_whisper

    return Recognizer.load("base", find_whisper("base", Config()).path, "cpu", "int8", 2)


@pytest.fixture(scope="session")
def speech() -> Path:
    """Two or three seconds of clear English."""
    return clip("en/quick_brown_fox")


@pytest.fixture(scope="session")
def talk() -> np.ndarray:
    """Half a minute of two people on the telephone, (480000,) float32 at 16 kHz; pyannote.audio ships it."""
    return soundfile.read(TALK, dtype="float32")[0]


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app, started as a person starts it, with its models ready."""
    folder = tmp_path_factory.mktemp("server")
    for url in serve(folder):
        yield App(url, folder)


@pytest.fixture(scope="session")
def server(app: App) -> str:
    """The address of the app."""
    return app.url


@pytest.fixture(scope="session")
def small_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app that takes little: 1 MB and 20 s."""
    folder = tmp_path_factory.mktemp("small")
    limits = {"WORDLIGHT_MAX_BYTES": str(MAX_BYTES), "WORDLIGHT_MAX_SECONDS": str(MAX_SECONDS)}
    for url in serve(folder, HF_TOKEN=TOKEN, **limits):
        yield App(url, folder)


@pytest.fixture(scope="session")
def closed_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClosedApp]:
    """An app with logins, API keys and one allowed origin, that takes files of 1 MB; see route_table.py."""
    from tests.support.route_table import start

    yield from start(tmp_path_factory.mktemp("closed"))


@pytest.fixture
def nothing_left(app: App) -> Iterator[None]:
    """After every test the app is alive and holds no upload."""
    yield
    assert eventually(lambda: not app.uploads())
    assert httpx.get(f"{app.url}/health").json()["status"] == "ok"


@pytest.fixture(scope="session")
def long_talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quarter of an hour of talk, small enough to send in a moment: work that is not over before one leaves."""
    path = tmp_path_factory.mktemp("long") / "long.ogg"
    ffmpeg("-stream_loop", "31", "-i", TALK, "-ac", "1", "-ar", "16000", path)
    return path


@pytest.fixture(scope="session")
def silent_hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An hour in which nobody speaks."""
    path = tmp_path_factory.mktemp("silence") / "silence.ogg"
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", "3600", path)
    return path


@pytest.fixture(scope="session")
def talk_file() -> Path:
    """Half a minute of two people on the telephone."""
    return TALK


@pytest.fixture(scope="session", params=["group", "layer"])
def tone_model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a wav2vec2 model that reads tones, see tones.py, in either of its two architectures."""
    from tests.support.tone_model import save_tone_model

    directory = tmp_path_factory.mktemp(request.param)
    save_tone_model(directory, request.param)
    return directory


@pytest.fixture(params=["system", "packaged"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs a test with the ffmpeg on PATH, then with the one of imageio-ffmpeg."""
    if request.param == "packaged":
        monkeypatch.setenv("PATH", "")
    elif not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg on PATH")


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session")
def long_wav(media: Path) -> Path:
    """Five minutes of sound: far more than a pipe and a block hold."""
    ffmpeg("-f", "lavfi", "-i", "sine=d=300:r=16000", media / "long.wav")
    return media / "long.wav"


@pytest.fixture(scope="session")
def talk_wav(media: Path, talk: np.ndarray) -> Path:
    path = media / "talk.wav"
    soundfile.write(path, talk, 16_000, subtype="PCM_16")
    return path


@pytest.fixture
def model() -> Model:
    from tests.support.fake_whisper import Model

    return Model()


@pytest.fixture
def scheduler(model: Model) -> Iterator[Scheduler]:
    from tests.support.fake_whisper import working

    with working(model, batch_size=2) as scheduler:
        yield scheduler


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server that the tests have started."""
    from tests.support.postgresql import is_installed, running_postgresql

    if not is_installed():
        pytest.skip("PostgreSQL is not installed; tests/install-debian.sh does")
    with running_postgresql() as url:
        yield url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lets a test that drives processes or a browser fail once on a machine that stalls; the summary lists it."""
    for item in items:
        if item.path.relative_to(ROOT / "tests").parts[0] in ("browser", "jobs", "page", "server", "system"):
            item.add_marker(pytest.mark.flaky(reruns=1))
