"""Zips of many transcripts: what they may hold, how many are made, and for whom."""

from __future__ import annotations

import asyncio
import base64
import io
import threading
import zipfile
from typing import Any

import pytest

from engine.errors import Busy, InvalidOption, RateLimited, TooLarge, WordlightError
from engine.export.writers import FORMATS
from page import bundles
from page.bundles import Bundles
from tests.support.documents import document


def make(asked: dict[str, Any], caller: str = "ann", gone: threading.Event | None = None) -> Any:
    return asyncio.run(Bundles().make(caller, asked, str, gone or threading.Event()))


def names(made: dict[str, str]) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(base64.b64decode(made["zip"]))).namelist()


def test_a_format_is_written_once_however_often_it_is_named() -> None:
    asked = {"documents": [document("a")], "formats": ["txt", "srt", "txt", "nonsense"] * 1000}
    assert names(make(asked)) == ["a/a.txt", "a/a.srt"]
    assert len(names(make({"documents": [document("a")]}))) == len(FORMATS)


def test_more_transcripts_than_fit_are_refused_and_not_cut_off() -> None:
    with pytest.raises(InvalidOption, match="501"):
        make({"documents": [document("a")] * (bundles.MAX_FILES + 1)})


def test_a_zip_that_would_grow_too_large_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MAX_BYTES", 1000)
    with pytest.raises(TooLarge, match="fewer"):
        make({"documents": [document("a")] * 20, "formats": ["json"]})


def test_nothing_is_written_for_who_has_left() -> None:
    gone = threading.Event()
    gone.set()
    assert make({"documents": [document("a")]}, gone=gone) is None


class Held:
    """Names of documents that are not told before they may be."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.at_work = 0

    def name_of(self, name: Any) -> str:
        self.at_work += 1
        assert self.go_on.wait(20)
        return str(name)


def test_one_caller_and_all_together_have_so_many_zips_at_a_time() -> None:
    held, gone = Held(), threading.Event()
    asked = {"documents": [document("a")], "formats": ["txt"]}

    async def scene() -> list[Any]:
        made = Bundles()

        def make(caller: str) -> asyncio.Task[Any]:
            return asyncio.create_task(made.make(caller, asked, held.name_of, gone))  # type: ignore[arg-type]

        refused = []
        tasks = [make("ann") for _ in range(bundles.MAX_OF_ONE_CALLER)]
        await asyncio.sleep(0)
        for caller in ("ann", *(f"caller {number}" for number in range(bundles.MAX_WAITING))):
            task = make(caller)
            await asyncio.sleep(0)
            if task.done():
                refused.append(type(task.exception()))
            else:
                tasks.append(task)
        for _ in range(100):
            await asyncio.sleep(0.01)
            if held.at_work == bundles.CONCURRENCY:
                break
        assert held.at_work == bundles.CONCURRENCY
        assert refused[0] is RateLimited and set(refused[1:]) == {Busy}
        assert len(tasks) == bundles.MAX_WAITING
        held.go_on.set()
        assert all(await asyncio.gather(*tasks))
        return [await make("ann")]

    assert names(asyncio.run(scene())[0]) == ["a/a.txt"]
    assert issubclass(RateLimited, WordlightError)
