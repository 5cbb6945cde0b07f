"""The folder of uploads and transcripts: whose it is, what other servers see of it, what outlasts a killed one."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import SetupError
from jobs import files
from page.gradio_patches import upload_parser
from page.gradio_patches.upload_parser import UploadParser
from page.sweeper import Sweeper
from page.transcript_store import TranscriptStore
from server import data_folder as module
from server.data_folder import MARKER, NAME, DataFolder
from tests.support.recordings import ROOT

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="changing a file's owner takes root")
OTHER_USER = 12345
SERVER = """
import sys
from pathlib import Path
from server.data_folder import DataFolder
folder = DataFolder.claim(Path(sys.argv[1]))
upload = folder.temporary("upload-")
Path(upload.name, "recording").write_bytes(b"sound")
use = folder.using([Path(sys.argv[2])])
use.__enter__()
print(folder.process, flush=True)
sys.stdin.read()
"""


@contextmanager
def other_server(parent: Path, recording: str = "none") -> Iterator[tuple[subprocess.Popen, Path]]:
    """Another process that uses a recording and has an upload under way; gives its folder too."""
    command = [sys.executable, "-c", SERVER, str(parent), recording]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=-1, stdout=-1) as process:
        assert process.stdout
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def test_a_foreign_folder_without_the_marker_is_refused_and_left_alone(tmp_path: Path) -> None:
    foreign = tmp_path / NAME / "uploads" / "upload-x" / "thesis.tex"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("years of work")
    os.utime(foreign, (0, 0))
    with pytest.raises(SetupError, match=f"no marker {MARKER}") as caught:
        DataFolder.claim(tmp_path)
    assert "WORDLIGHT_TEMP_DIR" in caught.value.hint
    assert foreign.read_text() == "years of work"


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("/")], ids=["file", "link"])
@pytest.mark.parametrize("name", ["", "uploads", "transcripts", "processes"])
def test_what_is_no_folder_in_the_place_of_ours_is_refused(tmp_path: Path, name: str, make: object) -> None:
    DataFolder.claim(tmp_path).close()
    place = tmp_path / NAME / name
    place.rename(tmp_path / "away")
    make(place)  # type: ignore[operator]
    with pytest.raises(SetupError, match="is not a folder"):
        DataFolder.claim(tmp_path)


@needs_root
@pytest.mark.parametrize("name", ["", NAME, f"{NAME}/transcripts"])
def test_a_folder_of_another_user_is_refused(tmp_path: Path, name: str) -> None:
    parent = tmp_path / "wordlight"
    DataFolder.claim(parent).close()
    os.chown(parent / name, OTHER_USER, OTHER_USER)
    with pytest.raises(SetupError, match="belongs to another user"):
        DataFolder.claim(parent)


@needs_root
def test_another_user_s_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    link = tmp_path / "wordlight"
    link.symlink_to(tmp_path / "ours")
    DataFolder.claim(link).close()
    os.chown(link, OTHER_USER, OTHER_USER, follow_symlinks=False)
    with pytest.raises(SetupError, match="belongs to another user"):
        DataFolder.claim(link)


def test_a_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="cannot be used"):
        DataFolder.claim(tmp_path / "file" / "below")


def test_nobody_else_can_read_what_is_kept(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        DataFolder.claim(tmp_path).close()
        for path in (tmp_path / NAME).iterdir():
            path.chmod(0o777 if path.is_dir() else 0o600)
        folder = DataFolder.claim(tmp_path)
        store = TranscriptStore(folder, 60)
        media = folder.publish_file("talk.wav", b"sound", "upload")
        store.save(store.new_token(), "done", media, {})
        with folder.temporary("upload-"), folder.using([media]):
            found = [folder.root, *folder.root.rglob("*")]
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in found}
    finally:
        os.umask(before)
    assert len(modes) > 8
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


def test_what_a_killed_server_leaves_is_gone_at_the_next_start_and_a_living_one_s_stays(
    tmp_path: Path,
) -> None:
    with other_server(tmp_path) as (_, living), other_server(tmp_path) as (killed, left):
        killed.send_signal(signal.SIGKILL)
        killed.wait(timeout=60)
        assert [path.name for path in left.glob("upload-*/*")] == ["recording"]
        mine = DataFolder.claim(tmp_path)
        assert not left.exists()
        assert [path.name for path in living.glob("upload-*/*")] == ["recording"]
        assert mine.process.is_dir()


def test_a_running_server_s_sweep_deletes_what_a_killed_one_leaves(tmp_path: Path) -> None:
    store = TranscriptStore(DataFolder.claim(tmp_path), 60)
    with other_server(tmp_path) as (killed, left):
        Sweeper(store).sweep()
        assert left.is_dir()
        killed.send_signal(signal.SIGKILL)
        killed.wait(timeout=60)
        Sweeper(store).sweep()
        assert not left.exists()


def test_what_a_killed_server_used_is_in_use_no_more(tmp_path: Path) -> None:
    store = TranscriptStore(DataFolder.claim(tmp_path), 60)
    media = store.folder.publish_file("talk.wav", b"sound", "upload")
    with other_server(tmp_path, str(media)) as (killed, _):
        assert store.files_in_use() >= {media}
        killed.kill()
        killed.wait(timeout=60)
        Sweeper(store).sweep()
        assert store.files_in_use() == set()


def test_a_server_that_ends_leaves_nothing_of_its_own(tmp_path: Path) -> None:
    with other_server(tmp_path) as (process, folder):
        process.communicate("")
        assert process.returncode == 0 and not folder.exists()


def test_the_sweep_follows_no_link_and_takes_no_name_but_ours(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.tex").write_text("years of work")
    folder = DataFolder.claim(tmp_path / "temp")
    media = folder.publish_file("talk.wav", b"sound", "upload")
    beside = [folder.root / "notes.txt", folder.uploads / "notes.txt", folder.uploads / "mine" / "notes.txt",
              folder.transcripts / "notes.txt", folder.transcripts / "my notes.json",
              folder.root / "processes" / "mine" / "notes.txt"]  # fmt: skip
    for path in beside:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    links = [
        media.parent / "link",
        folder.uploads / "upload-link",
        folder.transcripts / "aaaaaaaaaaaaaaaa.json",
    ]
    for link in links:
        link.symlink_to(foreign, target_is_directory=True)
    dead = folder.root / "processes" / "1-00000000"
    dead.symlink_to(foreign, target_is_directory=True)
    for path in (*foreign.iterdir(), foreign, *beside, media, *links, dead):
        os.utime(path, (0, 0), follow_symlinks=False)
    young = folder.uploads / "upload-young"  # is not deleted itself, before what it leads to
    young.symlink_to(foreign, target_is_directory=True)
    Sweeper(TranscriptStore(folder, 60)).sweep()
    assert (foreign / "thesis.tex").read_text() == "years of work"
    assert [path for path in beside if not path.exists()] == []
    assert not media.exists() and not any(map(os.path.lexists, links)) and young.is_symlink()


def test_a_transcript_and_an_upload_are_on_the_disk_before_they_are_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder.claim(tmp_path)
    done: list[str] = []

    def sync(file: int) -> None:
        done.append(f"sync {Path(os.readlink(f'/proc/self/fd/{file}')).relative_to(folder.root).parts[0]}")
        os.fsync(file)

    def note(act: str) -> None:
        real = getattr(os, act)

        def moved(source: Path, target: Path) -> None:
            real(source, target)
            done.append(f"to {Path(target).relative_to(folder.root).parts[0]}")

        monkeypatch.setattr(os, act, moved)

    for part in (module, files):
        monkeypatch.setattr(part, "sync", sync)
    note("replace"), note("rename")
    folder.write(folder.transcripts / "a.json", b"{}")
    assert done == ["sync processes", "to transcripts", "sync transcripts"]
    done.clear()
    folder.publish_file("talk.wav", b"sound", "upload")
    assert done == ["sync processes", "sync processes", "to uploads", "sync uploads"]


def test_an_upload_of_the_page_is_synced_whole_before_it_can_be_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder.claim(tmp_path)
    synced: list[int] = []  # bytes of each file at that moment

    def sync(file: int) -> None:
        synced.append(os.fstat(file).st_size)

    monkeypatch.setattr(upload_parser, "sync", sync)
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nsound\r\n'
    with folder.space.reserve(None) as room, folder.temporary("incoming-") as place:
        parser = UploadParser(b"x", Path(place), room, max_bytes=100)
        parser.feed(2 * part + b"--x--\r\n")
        parser.finish()
    assert synced == [5, 5]


SAVING = """
import sys
from pathlib import Path
from server.data_folder import DataFolder
from page.transcript_store import TranscriptStore
store = TranscriptStore(DataFolder.claim(Path(sys.argv[1])), 3600)
for number in range(1_000_000):
    store.save("aaaaaaaaaaaaaaaa", "done", Path("talk.wav"), {"number": number, "words": [number] * 20_000})
    print(number, flush=True)
"""


@pytest.mark.parametrize("saves", [1, 2, 5])
def test_a_server_that_is_killed_while_it_saves_leaves_a_whole_transcript(tmp_path: Path, saves: int) -> None:
    with subprocess.Popen([sys.executable, "-c", SAVING, tmp_path], cwd=ROOT, text=True, stdout=-1) as server:
        assert server.stdout
        acknowledged = [int(server.stdout.readline()) for _ in range(saves)][-1]
        server.kill()
    found = TranscriptStore(DataFolder.claim(tmp_path), 3600).load("aaaaaaaaaaaaaaaa")
    assert found and found["message"]["number"] >= acknowledged
    assert found["message"]["words"] == [found["message"]["number"]] * 20_000
    assert [path.name for path in (tmp_path / NAME / "transcripts").iterdir()] == ["aaaaaaaaaaaaaaaa.json"]
