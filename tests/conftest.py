"""The real engine on the embedded model, and the real app as a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import hypothesis
import numpy as np
import pytest
import soundfile

from engine import Config, Engine
from server.data_folder import NAME

if TYPE_CHECKING:
    from engine.recognition.recognizer import Recognizer
    from engine.scheduling.scheduler import Scheduler
    from tests.support.fake_whisper import Model
    from tests.system.route_table import ClosedApp


def _inside(package: str, *path: str) -> Path:
    return Path(next(iter(find_spec(package).submodule_search_locations))).joinpath(*path)


ROOT = Path(__file__).resolve().parent.parent
CLIPS = _inside("pytest_audioeval", "samples", "audio")
TALK = _inside("pyannote", "audio", "sample", "sample.wav")
# Of the small app.
MAX_BYTES = 1_000_000
MAX_SECONDS = 20
TOKEN = "hf_notARealToken"


def clip(name: str) -> Path:
    """Returns the path of a clip of pytest-audioeval, such as "en/hello_world"."""
    return CLIPS / f"{name}.wav"


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


@dataclass(frozen=True)
class App:
    """The running app and the folder that it works in."""

    url: str
    folder: Path

    def post(self, path: str = "/transcribe", file: bytes | None = None, **fields: str) -> httpx.Response:
        files = {} if file is None else {"file": ("talk.wav", file)}
        return httpx.post(f"{self.url}{path}", files=files, data=fields, timeout=240)

    def uploads(self) -> list[Path]:
        """The recordings that plain HTTP has brought and that are still there."""
        return list(self.data.glob("processes/*/upload-*"))

    @property
    def data(self) -> Path:
        """The folder of its uploads and transcripts."""
        return self.folder / "temp" / NAME

    def named(self, part: str) -> list[str]:
        """What lies in the folder with a part in its name; `Path.rglob` fails where an upload goes meanwhile."""
        below = (name for _, folders, files in os.walk(self.folder) for name in folders + files)
        return [name for name in below if part in name]

    def logged(self) -> list[dict[str, Any]]:
        """The structured lines so far."""
        lines = (self.folder / "server.log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def outcomes(self) -> list[str]:
        """What became of the recordings so far, in the order of their ends."""
        return [line["outcome"] for line in self.logged() if line["event"] == "request"]

    def at_once(self) -> float:
        """Returns how many windows are at work at a time, at most."""
        return self.metric("wordlight_batch_limit") * self.metric("wordlight_workers")

    def metric(self, line: str) -> float:
        """Returns the value of a line of /metrics, such as `wordlight_recordings_at_work`; 0 where absent."""
        page = httpx.get(f"{self.url}/metrics", timeout=60).text.splitlines()
        return next((float(it.rsplit(" ", 1)[1]) for it in page if it.rsplit(" ", 1)[0] == line), 0.0)


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
    from tests.system.route_table import start

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


def ffmpeg(*arguments: str | Path) -> None:
    """Runs ffmpeg, the system's or else imageio-ffmpeg's."""
    program = shutil.which("ffmpeg")
    if program is None:
        import imageio_ffmpeg

        program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([program, "-loglevel", "error", "-y", *map(str, arguments)], check=True, timeout=60)


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Tells whether something comes to be true, however busy the machine is."""
    for _ in range(round(10 * seconds)):
        if condition():
            return True
        time.sleep(0.1)
    return False


def serve(folder: Path, program: Sequence[str] = ("app.py",), **settings: str) -> Iterator[str]:
    """Yields the address of the app once it is ready."""
    with launch(folder, program, **settings) as (url, process):
        wait_until_ready(url, process, folder / "server.log")
        yield url


@contextmanager
def launch(
    folder: Path, program: Sequence[str] = ("app.py",), **settings: str
) -> Iterator[tuple[str, subprocess.Popen]]:
    """Starts the app, which works and logs in a folder; gives its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Tests send the same recording again and again, and want it transcribed again.
    ours = {"WORDLIGHT_TEMP_DIR": str(folder / "temp"), "WORDLIGHT_GRACE_SECONDS": "0"}
    env = os.environ | {"GRADIO_SERVER_PORT": str(port)} | ours | settings
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen([sys.executable, *program], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(timeout=60)  # what is at work has its grace


def wait_until_ready(url: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"the server did not become ready:\n{log.read_text()}")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server that the tests have started."""
    from tests.support.postgresql import is_installed, running_postgresql

    if not is_installed():
        pytest.skip("PostgreSQL is not installed; tests/install-debian.sh does")
    with running_postgresql() as url:
        yield url
