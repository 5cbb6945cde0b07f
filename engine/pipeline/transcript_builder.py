"""Builds the transcript of one recording, complete or so far."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.regions import SpeechRegion
from engine.text.coverage import find_mismatches, with_coverage
from engine.text.notices import Notice
from engine.transcript import Segment, Transcript


@dataclass(slots=True)
class TranscriptBuilder:
    """Collects segments and warnings.

    model           name of the Whisper model
    aligner         the aligner to name if no word is timed yet
    detects_speech  whether words can be compared with speech regions
    """

    model: str
    aligner: str = ""
    detects_speech: bool = True
    segments: list[Segment] = field(default_factory=list)
    _notices: dict[str, Notice] = field(default_factory=dict)  # by sentence, in order, each once

    def add(self, segments: Sequence[Segment]) -> None:
        """Adds the next segments, in order."""
        self.segments += segments

    def warn(self, notice: Notice) -> None:
        """Adds a notice, once."""
        self._notices[notice.sentence] = notice

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The notices so far, in order, each once."""
        return tuple(self._notices.values())

    @property
    def main_aligner(self) -> str:
        """Returns the aligner that timed most of the words."""
        words = Counter[str]()
        for segment in self.segments:
            words[segment.aligner or ""] += len(segment.words)
        return words.most_common(1)[0][0] if words.total() else self.aligner

    def build(
        self,
        language: str | None,
        language_probability: float,
        duration: float,
        speech: Sequence[SpeechRegion],
        heard_until: float = math.inf,
        timings: Mapping[str, float] | None = None,
    ) -> Transcript:
        """Returns the transcript of the segments so far.

        duration     seconds of the recording; a word that ends later extends it
        speech       regions in order
        heard_until  seconds up to which words and speech are compared
        """
        words = [word for segment in self.segments for word in segment.words]
        transcript = Transcript(
            language=language,
            language_probability=language_probability,
            duration=max([duration, *(word.end for word in words)]),
            segments=tuple(self.segments),
            model=self.model,
            aligner=self.main_aligner,
            warnings=tuple(self._notices),
            notices=self.notices,
            timings=dict(timings or {}),
        )
        coverage = find_mismatches(speech, words, heard_until) if self.detects_speech else ()
        return with_coverage(transcript, coverage)
