"""A selection as a file: its words alone, with the times and the speakers of the whole recording."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidOption
from engine.text.notices import Notice
from engine.text.translation import TranslatedSentence, Translation
from engine.transcript import Mismatch
from page import messages
from page.selection import name_of_part, selected_part
from page.transcript_store import TranscriptStore
from server.data_folder import DataFolder
from tests.support.page import idle_page
from tests.support.page_messages import TALK, speaker_list
from tests.support.transcripts import transcript, transcripts

if TYPE_CHECKING:
    from pathlib import Path

    from engine import Transcript

# "Good morning everybody. It is late." of one, "Not at all, dear friend." of another.
FIRST, LAST = 4, 7  # "is late. Not at"


def talk() -> Transcript:
    return replace(transcript(*TALK), speakers=speaker_list(TALK), duration=60.0)


@given(transcripts(), st.data())
def test_the_words_of_a_part_are_those_of_the_whole(made: Transcript, data: st.DataObject) -> None:
    count = len(made.words)
    if not count:
        return
    first, last = sorted(data.draw(st.integers(0, count - 1)) for _ in range(2))
    part = selected_part(made, [first, last])
    wanted = made.words[first : last + 1]
    assert [(word.word, word.start, word.end) for word in part.words] == [
        (word.word, word.start, word.end) for word in wanted
    ]
    assert part.duration == made.duration
    assert [segment.id for segment in part.segments] == list(range(len(part.segments)))


def test_what_is_said_of_other_places_is_left_out() -> None:
    whole = talk()
    inside, beyond = (Mismatch("speech_without_words", start, start + 0.1) for start in (2.3, 40.0))
    notice = Notice.of("stopped", heard=3.0)
    whole = replace(whole, coverage=(inside, beyond), notices=(notice,), warnings=("It was stopped.",))
    part = selected_part(whole, [FIRST, LAST])
    assert part.coverage == (inside,) and not part.warnings and not part.notices
    assert [(speaker.id, speaker.words) for speaker in part.speakers] == [
        ("SPEAKER_00", 2),
        ("SPEAKER_01", 2),
    ]


def test_a_part_has_the_sentences_of_its_time() -> None:
    times = ((0.0, 1.0), (2.0, 3.0), (5.0, 6.0))
    sentences = tuple(TranslatedSentence(start, end, "One.") for start, end in times)
    whole = replace(talk(), translation=Translation("en", 6.0, sentences))
    part = selected_part(whole, [FIRST, LAST]).translation
    assert part is not None and part.segments == sentences[1:2]


@pytest.mark.parametrize("selected", [[3, 2], [-1, 2], [0, 10_000]])
def test_words_that_there_are_not_are_refused(selected: list[int]) -> None:
    with pytest.raises(InvalidOption):
        selected_part(talk(), selected)


def exported(tmp_path: Path, format: str, selected: list[int], **more: Any) -> dict[str, Any]:
    """What the page gets of the export function."""
    whole = talk()
    segments = [segment.to_dict() for segment in whole.segments]
    document = {
        "name": "Talk.wav",
        "transcript": messages.page_meta(whole, 1.0)["transcript"],
        "segments": json.loads(json.dumps(segments)),
    }
    asked = {"document": document, "format": format, "shown": "Person {number}", "words": selected, **more}
    with idle_page(TranscriptStore(DataFolder.claim(tmp_path), keep_seconds=60)) as page:
        return asyncio.run(page.functions()["export"](asked))


def test_a_file_of_a_part_has_its_times_and_its_name(tmp_path: Path) -> None:
    made = exported(tmp_path, "srt", [FIRST, LAST])
    start = talk().words[FIRST].start
    assert made["text"].startswith(f"1\n00:00:0{start:.3f}".replace(".", ","))
    assert made["name"] == "Talk 0.02–0.03.srt"
    assert name_of_part("Talk", selected_part(talk(), [0, 0])) == "Talk 0.00"


def test_a_speaker_who_says_all_of_a_part_is_named_as_in_the_whole(tmp_path: Path) -> None:
    limits = {"paragraph_times": "on", "speaker_names": "name"}
    made = exported(tmp_path, "txt", [6, 7], limits=limits)
    assert made["text"] == "[0:03] Person 2: Not at\n"


def test_what_cannot_be_read_is_answered(tmp_path: Path) -> None:
    assert exported(tmp_path, "txt", [0, 999])["code"] == InvalidOption.code
    assert exported(tmp_path, "txt", ["a"])["code"] == InvalidOption.code  # type: ignore[list-item]
