"""Keeps transcripts as readers correct them. Each save names the revision that it starts from.

A save that starts from an older revision changes nothing: the answer has the stored version, with which the page merges
its own. So no reader overwrites what another one has saved meanwhile.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from engine import Segment, Word
from engine.errors import InvalidOption
from engine.regions import SpeechRegion
from engine.text.coverage import find_mismatches, notices_with_coverage, with_heard
from engine.text.notices import Notice
from engine.transcript import Mismatch, Transcript
from page import messages
from page.edited_transcript import parse_edited_transcript
from page.old_messages import current_form
from page.transcript_store import TranscriptStore

MAX_NAME = 200  # characters of a transcript's name

Answer = dict[str, Any]


class _Stale(Exception):
    """The save starts from another revision than the stored one."""

    def __init__(self, message: Mapping[str, Any]) -> None:
        super().__init__()
        self.message = message


def revise_transcript(store: TranscriptStore, asked: Mapping[str, Any]) -> Answer:
    """Stores corrected segments.

    asked  {token, revision, segments, by_hand, bands_before, speakers, translation}: by_hand are the indices of words
           that were typed, bands_before the confidence bands, by index, of the words in whose place they were; speakers
           and translation are those of the contract, and stay as they are if they are left out; a translation that is
           null is removed

    Returns {revision, kept_until, coverage, warned}, with the segments if they are stored in another division, or
    {stale: {revision, segments, by_hand, bands_before, speakers, translation}} if the revision is not the stored one.
    warned holds the warnings and notices of the transcript, of which one names the speech without words.

    Raises NotKept, StorageFull, and InvalidOption if the segments cannot be read.
    """
    answer: Answer = {}

    def corrected(message: Answer) -> Answer:
        answer.clear()
        meta = message["meta"]
        revision = meta.get("revision", 0)
        if revision and "revision" not in asked:
            raise InvalidOption(
                "This page is older than the server.", "Copy your corrections, then reload it."
            )
        if int(asked.get("revision", 0)) != revision:
            raise _Stale(message)
        sent = {name: asked[name] for name in ("speakers", "translation") if name in asked}
        document = {"transcript": meta["transcript"] | sent, "segments": asked["segments"]}
        edited = parse_edited_transcript(document)
        segments = edited.segments
        meta["transcript"]["speakers"] = [speaker.to_dict() for speaker in edited.speakers]
        meta["transcript"] |= _translation(edited)
        words = sum(len(segment.words) for segment in segments)
        meta |= {"by_hand": sorted(set(map(int, asked["by_hand"])) & set(range(words)))}
        meta |= {"bands_before": _bands_before(asked.get("bands_before", {}), words)}
        meta |= {"kept_until": time.time() + store.keep_seconds, "revision": revision + 1}
        coverage = _coverage(meta, segments)
        warned = _warned(meta["transcript"], coverage)
        meta["transcript"] |= {"coverage": coverage, **warned}
        made = messages.transcript_message(str(asked["token"]), segments, 0, done=True)
        answer.update(revision=revision + 1, coverage=coverage, warned=warned)
        if len(segments) != len(asked["segments"]):
            answer["segments"] = made["segments"]
        return message | made

    try:
        kept_until = store.replace(str(asked["token"]), corrected)
    except _Stale as stale:
        return {"stale": _version(stale.message)}
    return {"kept_until": kept_until, **answer}


def rename_transcript(store: TranscriptStore, asked: Mapping[str, Any]) -> Answer:
    """Gives a transcript another name: {token, name} -> {name}. Raises NotKept, StorageFull and InvalidOption."""
    name = " ".join(str(asked["name"]).split())
    if not name or len(name) > MAX_NAME:
        raise InvalidOption(f"The name is {name[:40]!r}.", f"It must have 1 to {MAX_NAME} characters.")

    def renamed(message: Answer) -> Answer:
        message["meta"]["name"] = name
        return message

    store.replace(str(asked["token"]), renamed)
    return {"name": name}


def _version(message: Mapping[str, Any]) -> Answer:
    meta = message["meta"]
    return {
        "revision": meta.get("revision", 0),
        "segments": current_form(message)["segments"],
        "by_hand": meta.get("by_hand", []),
        "bands_before": meta.get("bands_before", {}),
        "speakers": meta["transcript"].get("speakers", []),
        "translation": meta["transcript"].get("translation"),
    }


def _translation(transcript: Transcript) -> Answer:
    found = transcript.translation
    return {"translation": None if found is None else found.to_dict()}


def _bands_before(asked: Mapping[str, Any], words: int) -> dict[str, str]:
    """Returns the bands of words that there are, by their indices as JSON has them."""
    known = {band for band, _ in messages.BANDS}
    return {str(int(at)): band for at, band in asked.items() if band in known and 0 <= int(at) < words}


def _coverage(meta: Mapping[str, Any], segments: Sequence[Segment]) -> list[dict[str, Any]]:
    """Returns the stretches in which speech and the corrected words disagree, as far as both are known."""
    if not meta.get("sound"):
        return list(meta["transcript"].get("coverage", []))
    until = meta.get("checked", math.inf)
    if until is None:  # speech was not detected
        return []
    speech = [SpeechRegion(start, end) for start, end in meta["sound"]["speech"]]
    words = [word for segment in segments for word in segment.words]
    found = find_mismatches(speech, words, until)
    return [stretch.to_dict() for stretch in with_heard(found, _still_heard(meta, words))]


def _still_heard(meta: Mapping[str, Any], words: Sequence[Word]) -> list[Mismatch]:
    """Returns what was heard where a given text had no words, if there are none now either."""
    known = [Mismatch.from_dict(each) for each in meta["transcript"].get("coverage", []) if each.get("heard")]
    said = [word for word in words if word.is_said]
    return [
        each for each in known if not any(word.start < each.end and each.start < word.end for word in said)
    ]


def _warned(transcript: Mapping[str, Any], coverage: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns the transcript's warnings and notices as they are with this coverage."""
    warnings, notices = list(transcript.get("warnings", [])), list(transcript.get("notices", []))
    if len(notices) == len(warnings):  # an earlier version has stored no notices
        found = [Mismatch.from_dict(mismatch) for mismatch in coverage]
        sentences = {json.dumps(notice): text for notice, text in zip(notices, warnings, strict=True)}
        made = notices_with_coverage([Notice.from_dict(notice) for notice in notices], found)
        notices = [notice.to_dict() for notice in made]
        warnings = [sentences.get(json.dumps(each.to_dict())) or each.sentence for each in made]
    return {"warnings": warnings, "notices": notices}
