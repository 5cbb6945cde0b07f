"""Which recordings of a click have a transcript already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from page.added_recordings import added, in_order, known_items
from page.transcript_store import TranscriptStore
from server.data_folder import DataFolder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> TranscriptStore:
    return TranscriptStore(DataFolder.claim(tmp_path), keep_seconds=60)


def test_only_what_has_no_transcript_is_new(store: TranscriptStore, tmp_path: Path) -> None:
    old, new, stopped = (tmp_path / name for name in ("old.wav", "new.wav", "stopped.wav"))
    for path in (old, new, stopped):
        path.write_bytes(b"sound")
    tokens = [store.new_token() for _ in range(3)]
    store.save(tokens[0], "done", old, message={})
    store.save(tokens[1], "left", stopped, message={})
    known = known_items(store, tokens)  # nothing is stored of the third
    assert [(item["name"], item["state"]) for item in known.values()] == [
        ("old.wav", "done"),
        ("stopped.wav", "stopped"),
    ]
    assert added([old, new, stopped], known) == [new]
    begun = [{"name": "new.wav", "run": "n"}]
    assert [item["run"] for item in in_order([old, new, stopped], known, begun)] == [
        tokens[0],
        "n",
        tokens[1],
    ]


def test_without_anything_new_all_are_transcribed_again(store: TranscriptStore, tmp_path: Path) -> None:
    path = tmp_path / "old.wav"
    path.write_bytes(b"sound")
    token = store.new_token()
    store.save(token, "done", path, message={})
    assert added([path], known_items(store, [token])) == [path]


@pytest.mark.parametrize("sent", [None, "abcdefghijkl", [], [None, 3, "../../etc/passwd"]])
def test_what_names_no_transcript_is_left_alone(store: TranscriptStore, sent: object) -> None:
    assert known_items(store, sent) == {}
