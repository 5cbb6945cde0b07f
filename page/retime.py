"""Times words that a reader has corrected by the sound of the recording; all others stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from threading import Event
from typing import Any

from engine import Engine, Options, Transcript, Update
from engine.errors import InvalidOption
from engine.text_alignment.text_formats import from_transcript
from page.edited_transcript import parse_edited_transcript
from page.kept_recordings import load_with_recording
from page.transcript_files import copy_of
from page.transcript_store import TranscriptStore

RETIMED_WORDS = 32  # most words of one request; the page sends further ones after the answer
MAX_WORDS = 32 * RETIMED_WORDS  # most words of one request, with those around the corrected ones
# Of a word as the aligner finds it; everything else of the word is the reader's.
_FOUND = ("start", "end", "timing", "score", "phones")


def retime(
    engine: Engine,
    store: TranscriptStore,
    asked: Any,
    left: Event,
    note: Callable[[Update], None] = lambda _: None,
) -> dict[str, Any]:
    """Times corrected words: {token, segments, changed} -> {words: [{index, start, end, timing, ...}]}.

    `segments` are those around the corrected words, as the page has them; `changed` are indices among their words. A
    word that the sound does not confirm is not in the answer. A translation has no times in the sound, so that its
    answer is empty.

    left  set once the client has disconnected: then no further stretch is timed
    note  called once with an update that has the seconds of sound around the corrected words

    Raises NotKept if the recording has been deleted, InvalidOption if the words cannot be read, and what
    `Engine.stream_alignment` raises.
    """
    token = str(asked["token"])
    media, message = load_with_recording(store, token)
    meta = message["meta"]
    options = Options.of(meta.get("options", {}))
    if options.task == "translate":
        return {"words": []}
    changed = _indices(asked)
    transcript = _marked(meta["transcript"], asked["segments"], changed)
    note(Update("aligning", seconds_total=sum(each.end - each.start for each in transcript.segments)))
    copy = copy_of(media, token)
    with store.protect(media, copy):
        seeks = copy.is_file()
        # The copy has one track, that of the transcript.
        source, options = (copy, replace(options, track=0)) if seeks else (media, options)
        steps = engine.stream_alignment(source, from_transcript(transcript), options, left, seeks=seeks)
        with closing(steps) as updates:
            retimed = _last(updates, left)
    return {"words": list(_found(retimed, changed)) if retimed else []}


def _indices(asked: Mapping[str, Any]) -> list[int]:
    """Returns the indices of the corrected words. Raises InvalidOption."""
    changed = sorted({int(index) for index in asked["changed"]})
    count = sum(len(segment["words"]) for segment in asked["segments"])
    if not changed or len(changed) > RETIMED_WORDS or count > MAX_WORDS:
        raise InvalidOption(
            f"{len(changed):,} of {count:,} words cannot be timed at once.",
            f"Send at least one, and at most {RETIMED_WORDS} of {MAX_WORDS}.",
        )
    if not 0 <= changed[0] <= changed[-1] < count:
        raise InvalidOption(f"There is no word {changed[-1]} among {count}.", "Count them from 0.")
    return changed


def _marked(whole: Mapping[str, Any], segments: Sequence[Any], changed: Iterable[int]) -> Transcript:
    """Returns a transcript of segments in which the corrected words alone are to be timed. Raises InvalidOption."""
    wanted = set(changed)
    index = 0
    marked = []
    for segment in segments:
        words = []
        for row in segment["words"]:
            words.append({**row, "timing": "interpolated" if index in wanted else "aligned"})
            index += 1
        marked.append({**segment, "words": words})
    transcript = parse_edited_transcript({"transcript": whole, "segments": marked})
    if len(transcript.words) != index:
        raise InvalidOption("A word has no text.", "Send words alone.")
    return transcript


def _last(updates: Iterable[Update], left: Event) -> Transcript | None:
    """Returns the transcript of the last update; None if the client has disconnected."""
    transcript = None
    for update in updates:
        if left.is_set():
            return None
        transcript = update.transcript
    return transcript


def _found(transcript: Transcript, changed: Iterable[int]) -> Iterator[dict[str, Any]]:
    """Yields what the aligner has found for the corrected words."""
    for index in changed:
        word = transcript.words[index]
        if word.timing != "interpolated":
            fields = word.to_dict()
            yield {"index": index, **{name: fields[name] for name in _FOUND if name in fields}}
