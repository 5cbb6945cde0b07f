"""Who says what is transcribed again: the speakers that the transcript has already, found again by their voices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine import Segment, Word
from engine.diarization.speakers import Speaker
from engine.diarization.turns import Turn
from engine.text.speaker_labels import TurnIndex, split_by_speaker

CONTEXT = 30.0  # seconds on both sides of a stretch in which its voices are compared with those known there


@dataclass(frozen=True, slots=True)
class KnownSpeakers:
    """The speakers of a stored transcript, as it was last saved.

    words     its words that have a speaker
    channels  the labels by channel, of speakers that were told apart by channels
    """

    words: tuple[Word, ...]
    channels: Mapping[int, str]

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> KnownSpeakers:
        """Reads a message of the page, see messages.transcript_message."""
        rows = (word for segment in message["segments"] for word in segment["words"])
        words = tuple(Word.from_dict(row) for row in rows if row.get("speaker"))
        said = {word.speaker for word in words}
        known = map(Speaker.from_dict, message["meta"]["transcript"].get("speakers", []))
        by_channel = {each.channel: each.id for each in known if each.channel is not None and each.id in said}
        return cls(words, by_channel)

    @property
    def are_channels(self) -> bool:
        return len(self.channels) > 1

    @property
    def number(self) -> int:
        return len({word.speaker for word in self.words})

    def beside(self, start: float, end: float) -> list[Word]:
        """Returns the words before and after a stretch of seconds, as far as `CONTEXT` reaches."""
        return [
            word
            for word in self.words
            if start - CONTEXT <= word.start and word.end <= end + CONTEXT and not start < _middle(word) < end
        ]


def match_voices(turns: Sequence[Turn], words: Iterable[Word]) -> dict[int, str]:
    """Returns the label of each speaker number: that of the words over which the voice speaks longest.

    turns  in the times of the words
    """
    shared: dict[int, dict[str, float]] = {}
    for word in words:
        for turn in turns:
            both = min(turn.end, word.end) - max(turn.start, word.start)
            if both > 0 and word.speaker is not None:
                labels = shared.setdefault(turn.speaker, {})
                labels[word.speaker] = labels.get(word.speaker, 0.0) + both
    return {number: max(labels, key=lambda label: labels[label]) for number, labels in shared.items()}


def label_by_turns(
    segments: Iterable[Segment], turns: Sequence[Turn], labels: Mapping[int, str]
) -> list[Segment]:
    """Labels words with the speakers of the turns, and cuts segments where the speaker changes.

    Words of a voice without a label have no speaker.
    """
    index = TurnIndex(turns)

    def label(word: Word) -> str | None:
        number = index.speaker_of(word.start, word.end)
        return None if number is None else labels.get(number)

    return _labelled(segments, label)


def label_by_channels(
    segments: Iterable[Segment], found: Iterable[Speaker], channels: Mapping[int, str]
) -> list[Segment]:
    """Labels words of a stretch with the speakers that their channels have in the whole recording.

    found     the speakers of the stretch, with their channels
    channels  the labels by channel
    """
    numbered = {each.id: each.channel for each in found if each.channel is not None}
    labels = {label: channels[number] for label, number in numbered.items() if number in channels}
    return _labelled(segments, lambda word: labels.get(word.speaker or ""))


def _labelled(segments: Iterable[Segment], label: Callable[[Word], str | None]) -> list[Segment]:
    cut: list[Segment] = []
    for segment in segments:
        words = tuple(replace(word, speaker=label(word)) for word in segment.words)
        cut += split_by_speaker(replace(segment, words=words))
    return cut


def _middle(word: Word) -> float:
    return (word.start + word.end) / 2
