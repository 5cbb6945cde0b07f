"""Who says the words of one recording: provisional labels while it is read, final ones at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from engine.diarization.speakers import Overlap, Speaker, speaker_label
from engine.diarization.turns import Diarization
from engine.errors import WordlightError
from engine.scheduling.diarization_feed import DiarizationFeed, SpeakersSoFar
from engine.text.notices import Notice
from engine.text.speaker_labels import TurnIndex, labelled
from engine.transcript import Segment, Word
from engine.updates import SpeakerChange, SpeakerNews

BEYOND = 0.3  # seconds by which a word may end after the last turn so far, and have its speaker
_FORGOTTEN = ""  # the label of words whose label was given by an earlier run
LITTLE_SPEECH = 3.0  # seconds; a voice with less may be a part of another one


@dataclass(frozen=True, slots=True)
class LabelledTranscript:
    """The segments of a recording with final speakers."""

    segments: tuple[Segment, ...]
    speakers: tuple[Speaker, ...]
    overlaps: tuple[Overlap, ...]


@dataclass(slots=True)
class SpeakerTracker:
    """Labels the words of one recording by what its feed knows, again whenever that grows.

    A provisional label stays with its voice. The final ones are in the order of first words, as WhisperX has
    them; the last news say which label has become which.
    """

    feed: DiarizationFeed
    _words: list[Word] = field(default_factory=list)
    _given: list[str | None] = field(default_factory=list)  # the label of each word as last reported
    _labels: dict[int, str] = field(default_factory=dict)  # provisional, by the diarizer's number
    _reported: int = 0  # the version that the last news were of
    _delivered: int = 0  # segments so far, cut at speakers

    def restore(self, segments: Sequence[Segment], delivered: int) -> None:
        """Takes segments of an earlier run, which has delivered them cut into `delivered` segments.

        Their labels then are unknown now, so the next news name the label of each of their words.
        """
        words = [word for segment in segments for word in segment.words]
        self._words += words
        self._given += [_FORGOTTEN] * len(words)
        self._delivered += delivered

    def label(self, segments: Sequence[Segment]) -> list[Segment]:
        """Returns new segments with provisional labels, as far as the feed knows, cut at changes of speaker."""
        words = [word for segment in segments for word in segment.words]
        labels = self._provisional(words, self.feed.known)
        self._words += words
        self._given += labels
        cut = labelled(segments, labels, self._delivered)
        self._delivered += len(cut)
        return cut

    def news(self) -> SpeakerNews | None:
        """Returns corrections of labels that have been given; None if the feed knows nothing new."""
        if self.feed.error is not None:
            return self._forget() if any(self._given) else None
        known = self.feed.known
        if known.version == self._reported or known.final:
            return None
        self._reported = known.version
        labels = self._provisional(self._words, known)
        return self._report(labels, summarize(known.diarization, self._labels, labels), True)

    def conclude(self, segments: Sequence[Segment]) -> tuple[LabelledTranscript, SpeakerNews | None]:
        """Returns the segments with final labels, and what they change; without labels if diarization failed."""
        known = self.feed.known
        if self.feed.error is not None or not known.final:
            return LabelledTranscript(tuple(segments), (), ()), self._forget()
        index = TurnIndex(known.diarization.turns)
        numbers = [index.speaker_of(word.start, word.end) for word in self._words]
        final = {
            number: speaker_label(place)
            for place, number in enumerate(dict.fromkeys(number for number in numbers if number is not None))
        }
        labels = [None if number is None else final[number] for number in numbers]
        renumbered = {
            before: final[number]
            for number, before in self._labels.items()
            if number in final and final[number] != before
        }
        speakers = summarize(known.diarization, final, labels)
        overlaps = tuple(Overlap(start, end) for start, end in known.diarization.overlaps)
        news = self._report(labels, speakers, False, renumbered)
        return LabelledTranscript(tuple(labelled(segments, labels)), speakers, overlaps), news

    @property
    def failure(self) -> Notice | None:
        """A notice for the user if the speakers could not be told apart."""
        error = self.feed.error
        if error is None:
            return None
        reason = str(error) if isinstance(error, WordlightError) else "The log says why."
        return Notice.of("no_speakers", reason=reason)

    def _provisional(self, words: Sequence[Word], known: SpeakersSoFar) -> list[str | None]:
        """Returns a label for each word up to the last turn; the diarizer is some seconds behind the sound."""
        turns = known.diarization.turns
        known_until = turns[-1].end + BEYOND if turns else 0.0
        index = TurnIndex(turns)
        labels: list[str | None] = []
        for word in words:
            number = None
            if word.end <= known_until:
                number = index.speaker_of(word.start, word.end)
            if number is not None and number not in self._labels:
                self._labels[number] = speaker_label(len(self._labels))
            labels.append(None if number is None else self._labels[number])
        return labels

    def _forget(self) -> SpeakerNews:
        return self._report([None] * len(self._words), (), False)

    def _report(
        self,
        labels: list[str | None],
        speakers: tuple[Speaker, ...],
        provisional: bool,
        renumbered: dict[str, str] | None = None,
    ) -> SpeakerNews:
        changes = changes_between(self._given, labels)
        self._given = labels
        return SpeakerNews(changes, speakers, provisional, renumbered or {})


def changes_between(before: Sequence[str | None], after: Sequence[str | None]) -> tuple[SpeakerChange, ...]:
    """Returns the runs of words whose label differs, by their indices in the recording."""
    differing = [
        (index, label) for index, (old, label) in enumerate(zip(before, after, strict=True)) if old != label
    ]
    changes = []
    for _, run in groupby(enumerate(differing), key=lambda item: (item[1][0] - item[0], item[1][1])):
        indices = [index for _, (index, _) in run]
        changes.append(SpeakerChange(indices[0], indices[-1], after[indices[0]]))
    return tuple(changes)


def summarize(
    diarization: Diarization, names: dict[int, str], labels: Sequence[str | None]
) -> tuple[Speaker, ...]:
    """Returns the speakers that have words, in the order of their labels.

    names   the label of each of the diarizer's numbers
    labels  that of each word
    """
    seconds: dict[int, float] = dict.fromkeys(names, 0.0)
    for turn in (*diarization.turns, *diarization.second):
        if turn.speaker in seconds:
            seconds[turn.speaker] += turn.end - turn.start
    alone = (
        len({label for label in labels if label is not None}) == 1
    )  # then there is no other to be a part of
    speakers = []
    for number, label in sorted(names.items(), key=lambda item: item[1]):
        words = labels.count(label)
        if not words:
            continue
        near = diarization.near[number] if number < len(diarization.near) else None
        certain = diarization.certainties[number] if number < len(diarization.certainties) else 0.0
        speakers.append(
            Speaker(
                id=label,
                name=label,
                seconds=seconds[number],
                words=words,
                certain=certain,
                doubtful=not alone and (seconds[number] < LITTLE_SPEECH or near is not None),
                near=None if near is None else names.get(near),
            )
        )
    return tuple(speakers)
