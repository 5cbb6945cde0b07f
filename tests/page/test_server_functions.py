"""What the page's scripts ask the server for: files by their names, and a stretch heard once more."""

from __future__ import annotations

import asyncio
import base64
import io
import zipfile
from typing import TYPE_CHECKING, Any

import gradio as gr
import pytest
from starlette.requests import Request

from page.bundles import MAX_OF_ONE_CALLER
from page.transcript_store import TranscriptStore
from server.data_folder import DataFolder
from tests.support.documents import document
from tests.support.page import idle_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONG = "Interview with the keeper of the lighthouse, recorded on a cold and very windy monday morning"


@pytest.fixture
def functions(tmp_path: Path) -> dict[str, Callable[..., Any]]:
    """The functions by their names, over an engine that is never started: no model is needed."""
    with idle_page(TranscriptStore(DataFolder.claim(tmp_path), keep_seconds=60)) as page:
        return page.functions()


def from_page() -> gr.Request:
    """A request whose client stays."""

    async def stays() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    return gr.Request(Request({"type": "http"}, stays), username="ann")


def packed(functions: dict[str, Callable[..., Any]], *names: str) -> list[str]:
    """The paths of the texts in a zip of recordings with these names."""
    asked = {"documents": [document(name) for name in names], "formats": ["txt"]}
    made = asyncio.run(functions["bundle"](asked, from_page()))
    return zipfile.ZipFile(io.BytesIO(base64.b64decode(made["zip"]))).namelist()


def test_all_zips_of_a_caller_count_together(functions: dict[str, Callable[..., Any]]) -> None:
    asked = {"documents": [document(f"{number}.wav") for number in range(10)]}  # work of a moment

    async def at_once() -> list[dict[str, Any]]:
        calls = [functions["bundle"](asked, from_page()) for _ in range(MAX_OF_ONE_CALLER + 1)]
        return await asyncio.gather(*calls)

    answers = asyncio.run(at_once())
    assert [answer["code"] for answer in answers if "code" in answer] == ["too_many"]
    assert sum("zip" in answer for answer in answers) == MAX_OF_ONE_CALLER


def test_subtitles_of_the_translation_are_a_file_of_their_own(
    functions: dict[str, Callable[..., Any]],
) -> None:
    english = {"language": "en", "until": 2.0, "segments": [{"start": 0.5, "end": 1.5, "text": "Two words."}]}
    made = document("Charla.wav")
    made["transcript"] = made["transcript"] | {"translation": english}
    asked = {"document": made, "format": "srt", "translated": True}
    answer = asyncio.run(functions["export"](asked))
    assert answer["name"] == "Charla.en.srt"
    assert answer["text"].startswith("1\n00:00:00,500 --> ") and "Two words." in answer["text"]
    assert "Two words." not in asyncio.run(functions["export"](asked | {"translated": False}))["text"]
    plain = asyncio.run(functions["export"](asked | {"document": document("Charla.wav")}))
    assert plain["code"] == "bad_option"


def test_a_long_name_keeps_its_end(functions: dict[str, Callable[..., Any]]) -> None:
    names = [f"{LONG} - part {part} (final)" for part in (1, 2)]
    assert [path.split("/")[1] for path in packed(functions, *(f"{name}.wav" for name in names))] == [
        f"{name}.txt" for name in names
    ]


def test_names_fit_file_systems_and_differ(functions: dict[str, Callable[..., Any]]) -> None:
    names = [
        "録音" * 60 + ".wav",
        "録音" * 60 + "続.wav",
        "Talk.wav",
        "talk.mp3",
        "...",
        "x" * 199 + " y.wav",
    ]
    paths = packed(functions, *names)
    assert len({path.casefold() for path in paths}) == len(names)
    files = [part for path in paths for part in path.split("/")]
    assert max(len(part.encode()) for part in files) <= 255
    assert not [part for part in files if "�" in part or part != part.strip() or " ." in part]
    assert paths[2:4] == ["Talk/Talk.txt", "talk (2)/talk (2).txt"]
