"""The start of a transcript that a reader corrected before the transcription went on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.diarization.speakers import Speaker
from engine.text.speaker_labels import segment_of
from engine.transcript import Segment, Transcript
from engine.updates import SpeakerNews
from page.edited_transcript import parse_edited_transcript


@dataclass(frozen=True, slots=True)
class CorrectedStart:
    """Segments that stand for the first words of a run; without segments, nothing.

    words  how many words of the run they stand for
    names  of speakers, by their labels
    meta   what the page must know of them
    """

    segments: Sequence[Segment] = ()
    words: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, message: Mapping[str, Any], found: Sequence[Segment]) -> CorrectedStart:
        """Returns the start that a stored message holds, for a run that has found these segments so far."""
        meta = message["meta"]
        edited = parse_edited_transcript({"transcript": meta["transcript"], "segments": message["segments"]})
        return cls(
            segments=edited.segments,
            words=sum(len(segment.words) for segment in found),
            names={speaker.id: speaker.name for speaker in edited.speakers if speaker.name != speaker.id},
            meta={name: meta[name] for name in ("by_hand", "bands_before") if name in meta},
        )

    def applied(self, segments: Sequence[Segment]) -> list[Segment]:
        """Returns the segments of the run with the corrected ones in the place of those they stand for."""
        if not self.words:
            return list(segments)
        rest, left = list[Segment](), self.words
        for segment in segments:
            if left < len(segment.words):
                rest.append(segment_of(segment.words[left:], segment) if left else segment)
            left = max(0, left - len(segment.words))
        return [*self.segments, *rest]

    def corrected(self, transcript: Transcript, news: SpeakerNews | None) -> Transcript:
        """Returns the transcript of the whole run with the corrections, its segments numbered anew."""
        if not self.words:
            return transcript
        relabelled = replace(self, segments=_labelled(self.segments, transcript) if news else self.segments)
        segments = relabelled.applied(transcript.segments)
        numbered = tuple(replace(segment, id=number) for number, segment in enumerate(segments))
        renumbered = news.renumbered if news else {}
        names = {renumbered.get(label, label): name for label, name in self.names.items()}
        speakers = tuple(_named(speaker, names) for speaker in transcript.speakers)
        return replace(transcript, segments=numbered, speakers=speakers)


def _labelled(segments: Sequence[Segment], transcript: Transcript) -> list[Segment]:
    """Gives each word the speaker of the word that was found at its time."""
    found = transcript.words
    starts = [word.start for word in found]
    made = []
    for segment in segments:
        words = [
            replace(
                word, speaker=found[max(0, bisect_right(starts, (word.start + word.end) / 2) - 1)].speaker
            )
            for word in segment.words
        ]
        made.append(segment_of(words, segment) if found else segment)
    return made


def _named(speaker: Speaker, names: Mapping[str, str]) -> Speaker:
    return replace(speaker, name=names.get(speaker.id, speaker.name))
