"""Saves name the revision that they start from, so that no reader overwrites another."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadTranscript, InvalidOption
from page.revisions import rename_transcript, revise_transcript
from page.transcript_store import TranscriptStore
from server.data_folder import DataFolder
from tests.support.page_messages import LINES, message


@pytest.fixture
def store(tmp_path: Path) -> TranscriptStore:
    return TranscriptStore(DataFolder.claim(tmp_path), keep_seconds=60)


@pytest.fixture
def token(store: TranscriptStore) -> str:
    token = store.new_token()
    upload = store.folder.publish_file("talk.wav", b"sound", "upload")
    store.save(token, "done", upload, message(LINES, run=token))
    return token


def asked(token: str, first: str, revision: int) -> dict[str, Any]:
    segments = message(LINES)["segments"]
    segments[0]["words"][0]["word"] = first
    return {"token": token, "segments": segments, "by_hand": [0], "revision": revision}


def first_word(store: TranscriptStore, token: str) -> str:
    stored = store.load(token)
    assert stored is not None
    return str(stored["message"]["segments"][0]["words"][0]["word"])


def test_a_save_raises_the_revision(store: TranscriptStore, token: str) -> None:
    assert revise_transcript(store, asked(token, "One", 0))["revision"] == 1
    assert revise_transcript(store, asked(token, "Two", 1))["revision"] == 2
    stored = store.load(token)
    assert stored and stored["revision"] == stored["message"]["meta"]["revision"] == 2


def test_words_that_a_person_has_checked_stay_so_with_their_probability(
    store: TranscriptStore, token: str
) -> None:
    save = asked(token, "One", 0)
    save["segments"][1]["words"][0] |= {"checked": True, "probability": 0.4}
    revise_transcript(store, save)
    stored = store.load(token)
    assert stored is not None
    words = stored["message"]["segments"][1]["words"]
    assert [(word.get("checked"), word["probability"]) for word in words[:2]] == [(True, 0.4), (None, 0.9)]


def test_bookmarks_are_stored_and_come_with_a_stale_answer(store: TranscriptStore, token: str) -> None:
    save = asked(token, "One", 0)
    for word in save["segments"][1]["words"]:
        word["bookmark"] = "ask Anna"
    revise_transcript(store, save)
    stored = store.load(token)
    stale = revise_transcript(store, asked(token, "Two", 0))["stale"]
    for segments in (stored and stored["message"]["segments"], stale["segments"]):
        notes = [word.get("bookmark") for word in segments[1]["words"]]
        assert notes and set(notes) == {"ask Anna"}


def test_a_translation_is_stored_kept_by_other_saves_and_removed(store: TranscriptStore, token: str) -> None:
    english = {"language": "en", "until": 2.5, "segments": [{"start": 0.0, "end": 1.0, "text": "Hello."}]}

    def stored() -> Any:
        known = store.load(token)
        return known and known["message"]["meta"]["transcript"].get("translation")

    revise_transcript(store, asked(token, "One", 0) | {"translation": english})
    assert stored() == english
    assert revise_transcript(store, asked(token, "Two", 0))["stale"]["translation"] == english
    revise_transcript(store, asked(token, "Two", 1))  # a page of an earlier version says nothing of it
    assert stored() == english
    with pytest.raises(BadTranscript):
        revise_transcript(store, asked(token, "Three", 2) | {"translation": english | {"language": "xx"}})
    revise_transcript(store, asked(token, "Three", 2) | {"translation": None})
    assert stored() is None


def test_the_bands_of_words_that_were_corrected_are_stored_as_far_as_they_are_known(
    store: TranscriptStore, token: str
) -> None:
    bands = {"0": "doubtful", "1": "unsure", "2": "no band", "99": "doubtful"}
    revise_transcript(store, asked(token, "One", 0) | {"bands_before": bands})
    kept = {"0": "doubtful", "1": "unsure"}
    stored = store.load(token)
    assert stored and stored["message"]["meta"]["bands_before"] == kept
    assert revise_transcript(store, asked(token, "Two", 0))["stale"]["bands_before"] == kept


def test_a_save_that_starts_from_an_older_revision_changes_nothing(
    store: TranscriptStore, token: str
) -> None:
    revise_transcript(store, asked(token, "One", 0))
    stale = revise_transcript(store, asked(token, "Two", 0))["stale"]
    assert (stale["revision"], stale["by_hand"]) == (1, [0])
    assert stale["segments"][0]["words"][0]["word"] == "One" == first_word(store, token)


def test_of_saves_at_the_same_moment_one_is_taken(store: TranscriptStore, token: str) -> None:
    answers: list[dict[str, Any]] = []
    together = threading.Barrier(8)

    def save(number: int) -> None:
        together.wait()
        answers.append(revise_transcript(store, asked(token, f"By{number}", 0)))

    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("stale" not in answer for answer in answers) == 1
    assert {
        answer["stale"]["segments"][0]["words"][0]["word"] for answer in answers if "stale" in answer
    } == {first_word(store, token)}


def test_what_was_heard_where_a_text_lacks_it_stays_listed_until_there_are_words(
    store: TranscriptStore,
) -> None:
    token = store.new_token()
    heard = {"kind": "speech_without_words", "start": 90.0, "end": 93.0, "heard": "and so on"}
    shown = message(LINES, run=token)
    shown["meta"] |= {"sound": {"rate": 50, "peaks": "", "speech": [[0.0, 93.0]]}, "checked": 93.0}
    shown["meta"]["transcript"] |= {"coverage": [heard], "duration": 93.0}
    store.save(token, "done", store.folder.publish_file("talk.wav", b"sound", "upload"), shown)
    assert heard in revise_transcript(store, asked(token, "One", 0))["coverage"]
    filled = asked(token, "One", 1)
    filled["segments"][-1]["words"][-1] |= {"end": 93.0}
    assert heard not in revise_transcript(store, filled)["coverage"]


def test_a_page_of_an_earlier_version_overwrites_nothing(store: TranscriptStore, token: str) -> None:
    old = asked(token, "Old", 0)
    del old["revision"]
    assert revise_transcript(store, old)["revision"] == 1
    with pytest.raises(InvalidOption, match="older than the server"):
        revise_transcript(store, old)
    assert first_word(store, token) == "Old"


def test_segments_that_are_stored_in_another_division_come_back(store: TranscriptStore, token: str) -> None:
    save = asked(token, "One", 0)
    save["segments"][1]["words"] = []
    answer = revise_transcript(store, save)
    assert len(answer["segments"]) == len(save["segments"]) - 1


def test_a_name_is_kept_beside_corrections(store: TranscriptStore, token: str) -> None:
    assert rename_transcript(store, {"token": token, "name": "  My \n talk "}) == {"name": "My talk"}
    revise_transcript(store, asked(token, "One", 0))
    stored = store.load(token)
    assert stored and stored["message"]["meta"]["name"] == "My talk"
    for bad in ("", "  ", "x" * 201):
        with pytest.raises(InvalidOption):
            rename_transcript(store, {"token": token, "name": bad})
