"""Disk space for uploads: what is promised to one is not promised to another."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.types import Message

from engine.errors import StorageFull
from page.gradio_patches.upload_parser import UploadParser
from server.disk_space import DiskSpace
from server.form_fields import FormFields
from server.multipart import read_form
from tests.support.raw_http import BOUNDARY, file_part

MIB = 1024 * 1024


def test_the_uploads_under_way_share_what_the_folder_may_hold(tmp_path: Path) -> None:
    space = DiskSpace(tmp_path, max_bytes=10 * MIB)
    with space.reserve(6 * MIB):
        with pytest.raises(StorageFull), space.reserve(6 * MIB):
            pass
        with space.reserve(3 * MIB):
            pass
        with space.reserve(4 * MIB):
            assert space.is_short()
    with space.reserve(10 * MIB):
        pass


def test_what_is_written_counts_once(tmp_path: Path) -> None:
    space = DiskSpace(tmp_path, max_bytes=10 * MIB)
    with space.reserve(6 * MIB) as room:
        room.written(6 * MIB)
        (tmp_path / "talk.wav").write_bytes(bytes(6 * MIB))
        with space.reserve(3 * MIB):
            pass
    with pytest.raises(StorageFull), space.reserve(5 * MIB):
        pass


def test_an_upload_that_announces_nothing_is_refused_where_the_room_ends(tmp_path: Path) -> None:
    space = DiskSpace(tmp_path, max_bytes=10 * MIB)
    with space.reserve(None) as room:
        for _ in range(10):
            room.written(MIB - 1)
        with pytest.raises(StorageFull):
            for number in range(10):
                (tmp_path / str(number)).write_bytes(bytes(MIB))
                room.written(MIB)
    with pytest.raises(StorageFull):
        space.promise(10 * MIB)


def test_what_is_to_stay_free_is_no_room(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    assert DiskSpace(tmp_path, min_free_bytes=2 * free).is_short()
    assert not DiskSpace(tmp_path, min_free_bytes=free // 2).is_short()


def test_an_upload_of_the_page_keeps_to_its_room(tmp_path: Path) -> None:
    """The disk itself has more."""
    form = file_part().replace(b'"file"', b'"files"') + bytes(2 * MIB)
    with DiskSpace(tmp_path, max_bytes=MIB).reserve(None) as room:
        parser = UploadParser(BOUNDARY.encode(), tmp_path, room, max_bytes=10 * MIB)
        with pytest.raises(StorageFull):
            parser.feed(form)
        parser.close()


def test_an_upload_over_http_keeps_to_its_room(tmp_path: Path) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": file_part() + bytes(2 * MIB), "more_body": True}

    headers = [(b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode())]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    space = DiskSpace(tmp_path, max_bytes=MIB)
    with pytest.raises(StorageFull):
        asyncio.run(read_form(request, tmp_path, space, max_bytes=10 * MIB, fields=FormFields(names=())))
