"""A deletion hides a transcript at once, can be undone for some seconds, and is then for good."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from page.deletions import Deletions
from page.sweeper import Sweeper
from page.transcript_store import UNDO_SECONDS, NotKept, TranscriptStore
from server.data_folder import DataFolder
from tests.support.page import idle_page
from tests.support.waiting import eventually


@pytest.fixture
def store(tmp_path: Path) -> TranscriptStore:
    return TranscriptStore(DataFolder.claim(tmp_path), keep_seconds=60)


@pytest.fixture
def upload(store: TranscriptStore) -> Path:
    return store.folder.publish_file("talk.wav", b"sound", "upload")


@pytest.fixture
def token(store: TranscriptStore, upload: Path) -> str:
    token = store.new_token()
    store.save(token, "done", upload, {"run": token})
    return token


def test_a_deletion_hides_at_once_and_deletes_later(
    store: TranscriptStore, upload: Path, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("page.deletions.UNDO_SECONDS", 0.3)
    with idle_page(store) as page:
        Deletions(store, page.jobs).delete([token], undoable=True)
        assert store.load(token) is None and store.head(token) is None
        assert upload.exists() and Sweeper(store).sweep() == 0, "it may be undone"
        assert eventually(lambda: not upload.exists())
    assert list(store.folder.transcripts.iterdir()) == []


def test_a_deletion_that_is_undone_leaves_all_as_it_was(
    store: TranscriptStore, upload: Path, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("page.deletions.UNDO_SECONDS", 0.3)
    before = store.load(token)
    with idle_page(store) as page:
        deletions = Deletions(store, page.jobs)
        deletions.delete([token], undoable=True)
        deletions.undo([token])
        time.sleep(0.6)
        assert store.load(token) == before and upload.exists()
        deletions.delete([token], undoable=True)
        assert eventually(lambda: not upload.exists())
        with pytest.raises(NotKept):
            deletions.undo([token])


def test_a_deletion_that_a_server_left_undone_is_done_by_the_sweep(
    store: TranscriptStore, upload: Path, token: str
) -> None:
    assert store.hide(token) and not store.hide(token)
    assert Sweeper(store).sweep() == 0
    (hidden,) = store.folder.transcripts.iterdir()
    long_ago = time.time() - 2 * UNDO_SECONDS - 1
    os.utime(hidden, (long_ago, long_ago))
    assert Sweeper(store).sweep() == 1
    assert not upload.exists() and list(store.folder.transcripts.iterdir()) == []


def test_what_is_no_transcript_is_neither_hidden_nor_brought_back(store: TranscriptStore) -> None:
    for token in ("", "../../etc/passwd", None, 7, store.new_token()):
        assert store.hide(token) is False
        with pytest.raises(NotKept):
            store.unhide(token)
