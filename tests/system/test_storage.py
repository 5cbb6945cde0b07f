"""What the running app stores, where, and what it deletes: cut-off uploads, foreign files, killed servers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from server.data_folder import NAME
from tests.support.app import App, launch
from tests.support.folders import below
from tests.support.page_session import PageSession, recordings
from tests.support.raw_http import BOUNDARY, connected, file_part, head
from tests.support.recordings import ROOT
from tests.support.waiting import eventually

MIB = 1024 * 1024
PAGE_UPLOAD = "/gradio_api/upload"
OTHER_DISK = Path("/dev/shm")
FOREIGN = (
    "thesis.tex",
    "photos/summer.jpg",
    "upload-x/talk.wav",
    "page/abc/talk.wav",
    "page/kept/notes.json",
)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Path]:
    """A temporary folder on another file system than the one where uploads are stored."""
    if not OTHER_DISK.is_dir():
        pytest.skip("there is no second file system")
    folder = Path(tempfile.mkdtemp(dir=OTHER_DISK))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, elsewhere: Path) -> Iterator[App]:
    """The app beside foreign files of long ago, with the system's temporary folder elsewhere.

    GRADIO_TEMP_DIR names the folder, as operators of other gradio apps are used to. No model is needed.
    """
    folder = tmp_path_factory.mktemp("plain")
    for name in FOREIGN:
        path = folder / "temp" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("not Wordlight's")
        os.utime(path, (0, 0))
        os.utime(path.parent, (0, 0))
    settings = {"WORDLIGHT_TEMP_DIR": "", "GRADIO_TEMP_DIR": str(folder / "temp"), "TMPDIR": str(elsewhere)}
    with launch(folder, **settings) as (url, _):
        live(url)
        yield App(url, folder)


def live(url: str) -> None:
    def answers() -> bool:
        try:
            return httpx.get(f"{url}/health/live").status_code == 200
        except httpx.TransportError:
            return False

    assert eventually(answers)


def test_a_foreign_file_stays_however_old_it_is(plain: App) -> None:
    assert plain.data.is_dir()
    assert [name for name in FOREIGN if not (plain.folder / "temp" / name).is_file()] == []


def test_an_acknowledged_upload_is_whole_and_there(plain: App, elsewhere: Path) -> None:
    content = os.urandom(MIB) * 30
    answer = PageSession(plain.url).upload("talk.wav", content)
    (path,) = answer.json()
    assert Path(path).read_bytes() == content  # at once
    assert Path(path).is_relative_to(plain.data) and Path(path).name == "talk.wav"
    assert below(elsewhere) == []


@pytest.mark.parametrize("path", [PAGE_UPLOAD, "/transcribe"])
def test_an_upload_that_is_cut_off_leaves_nothing(plain: App, elsewhere: Path, path: str) -> None:
    before = recordings(plain.data)
    begin = file_part().replace(b'"file"', b'"files"') if path == PAGE_UPLOAD else file_part()
    with connected(plain) as connection:
        connection.sendall(head(f"Content-Length: {5 * MIB}", path=path) + begin + bytes(2 * MIB))
        assert eventually(lambda: recordings(plain.data) != before)
    assert eventually(lambda: recordings(plain.data) == before)
    assert below(elsewhere) == []


def test_a_form_without_its_end_is_no_upload(plain: App, elsewhere: Path) -> None:
    """Every byte that was announced has come, and yet the file may lack some."""
    before = recordings(plain.data)
    body = file_part().replace(b'"file"', b'"files"') + bytes(MIB)
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = httpx.post(plain.url + PAGE_UPLOAD, content=body, headers=headers, timeout=60)
    assert answer.status_code == 400, answer.text
    assert eventually(lambda: recordings(plain.data) == before)
    assert below(elsewhere) == []


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([("other", ("talk.wav", bytes(MIB)))], 400),
        ([("files", ("talk.wav", bytes(MIB))), ("other", ("talk.wav", bytes(MIB)))], 400),
        ([("files", (None, bytes(MIB)))], 400),
    ],
    ids=["other field", "other field beside", "no file"],
)
def test_an_upload_in_another_field_leaves_nothing(
    plain: App, elsewhere: Path, files: list, status: int
) -> None:
    before = recordings(plain.data)
    assert httpx.post(plain.url + PAGE_UPLOAD, files=files, timeout=60).status_code == status
    assert eventually(lambda: recordings(plain.data) == before)
    assert below(elsewhere) == []


@pytest.mark.parametrize(
    "name", ["../../../x.wav", "..", ".", "", "/etc/passwd", "a" * 400 + ".wav", "\0", "ö\ud800"]
)
def test_an_upload_s_name_leads_nowhere_else(plain: App, name: str) -> None:
    raw = name.encode(errors="replace")
    body = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="'
        + raw
        + b'"\r\n\r\nsound\r\n--x--\r\n'
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = httpx.post(plain.url + PAGE_UPLOAD, content=body, headers=headers, timeout=60)
    (path,) = answer.json()
    assert Path(path).resolve().parent.parent == plain.data / "uploads"
    assert Path(path).read_bytes() == b"sound"


def test_several_files_come_back_in_their_order(plain: App) -> None:
    files = [("files", (f"{number}.wav", bytes([number]) * number)) for number in range(5)]
    paths = httpx.post(plain.url + PAGE_UPLOAD, files=files, timeout=60).json()
    assert [Path(path).read_bytes() for path in paths] == [content for _, (_, content) in files]


def open_to_others(path: Path) -> bool:
    """Returns whether other users may do something with a file; with one that went meanwhile they may not."""
    try:
        return bool(path.lstat().st_mode & 0o077)
    except FileNotFoundError:
        return False


def test_nobody_else_can_read_what_the_app_has_written(plain: App) -> None:
    PageSession(plain.url).upload("talk.wav", b"sound")
    written = [plain.data, *below(plain.data)]
    assert [str(path) for path in written if open_to_others(path)] == []


def test_a_killed_server_s_leftovers_are_gone_at_a_prompt_restart_and_its_acknowledged_uploads_are_not(
    tmp_path: Path,
) -> None:
    with launch(tmp_path) as (url, process):
        live(url)
        app = App(url, tmp_path)
        (path,) = PageSession(url).upload("talk.wav", b"sound").json()
        with connected(app) as plain, connected(app) as page:
            part = bytes(2 * MIB)
            plain.sendall(head(f"Content-Length: {5 * MIB}") + file_part() + part)
            begin = file_part().replace(b'"file"', b'"files"')
            page.sendall(head(f"Content-Length: {5 * MIB}", path=PAGE_UPLOAD) + begin + part)
            assert eventually(lambda: len(recordings(app.data)) == 3)
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=60)
    assert len(recordings(app.data)) == 3
    with launch(tmp_path) as (url, _):
        live(url)
        assert recordings(app.data) == [Path(path)]
        assert PageSession(url).file(path).content == b"sound"


def test_a_foreign_folder_in_the_place_of_ours_is_refused_at_start_in_a_sentence(tmp_path: Path) -> None:
    foreign = tmp_path / NAME / "thesis.tex"
    foreign.parent.mkdir()
    foreign.write_text("years of work")
    env = os.environ | {"WORDLIGHT_TEMP_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1 and "is not Wordlight's" in done.stderr and "Traceback" not in done.stderr
    assert foreign.read_text() == "years of work"


def test_two_owners_of_one_content_delete_each_their_own(app: App, speech: Path) -> None:
    before = recordings(app.data)
    first, second = PageSession(app.url), PageSession(app.url)
    (mine,) = first.upload(speech.name, speech.read_bytes()).json()
    (theirs,) = second.upload(speech.name, speech.read_bytes()).json()
    token = first.transcribe(mine)["message"]["meta"]["token"]
    assert first.ask("forget", tokens=[token]) == {}
    assert first.file(mine).status_code == 403
    assert second.file(theirs).content == speech.read_bytes()  # it waited, not yet begun

    tokens = [second.transcribe(theirs)["message"]["meta"]["token"] for _ in range(2)]
    second.ask("forget", tokens=tokens[:1])
    assert second.file(theirs).status_code == 200
    assert second.ask("recall", token=tokens[1])["state"] == "done"
    second.ask("forget", tokens=tokens[1:])
    assert second.file(theirs).status_code == 403
    assert recordings(app.data) == before
