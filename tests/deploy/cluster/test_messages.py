"""Messages between head and replicas survive the way, errors of every class included."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from deploy.cluster.messages import SentRecording
from engine import errors
from engine.errors import WordlightError

CLASSES = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, WordlightError)
]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_of_every_class_survives_pickling(kind: type[WordlightError]) -> None:
    alone = kind in (errors.OutOfMemory, errors.StorageFull)  # their texts are fixed
    error = kind() if alone else kind("The file is empty.", "Send another.")
    error.field, error.retry_after = "track", 7
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind and again.args == error.args
    assert (str(again), again.code, again.status) == (str(error), error.code, error.status)
    assert (again.field, again.retry_after, again.hint) == ("track", 7, error.hint)


def test_a_file_is_known_by_its_path_size_and_time(tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    path.write_bytes(b"sound")
    recording = SentRecording.of(path)
    assert recording.is_here()
    path.write_bytes(b"other")
    os.utime(path, ns=(0, recording.modified_ns + 1))
    assert not recording.is_here()
    path.unlink()
    assert not recording.is_here()
