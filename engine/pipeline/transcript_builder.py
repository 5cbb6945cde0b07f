"""Builds the transcript of one recording, whole or so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.regions import SpeechRegion
from engine.text.coverage import find_mismatches
from engine.transcript import Segment, Transcript


@dataclass(slots=True)
class TranscriptBuilder:
    """Collects segments and warnings.

    model            name of the Whisper model
    aligner          named if no word has been timed yet
    detects_speech   whether words can be compared with speech regions
    """

    model: str
    aligner: str = ""
    detects_speech: bool = True
    segments: list[Segment] = field(default_factory=list)
    _warnings: dict[str, None] = field(default_factory=dict)  # in order, each once

    def add(self, segments: Sequence[Segment]) -> None:
        self.segments += segments

    def warn(self, warning: str) -> None:
        self._warnings[warning] = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings so far, in order, each once."""
        return tuple(self._warnings)

    @property
    def main_aligner(self) -> str:
        """The aligner that timed most of the words."""
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
        heard_until: float | None = None,
        timings: Mapping[str, float] | None = None,
    ) -> Transcript:
        """Returns the transcript.

        duration     seconds of the recording; a word that ends later extends it
        speech       regions in order
        heard_until  seconds up to which words and speech are compared; None compares all
        """
        words = [word for segment in self.segments for word in segment.words]
        regions = list(speech)
        if heard_until is not None:
            regions = [
                SpeechRegion(region.start, min(region.end, heard_until))
                for region in speech
                if region.start < heard_until
            ]
        return Transcript(
            language=language,
            language_probability=language_probability,
            duration=max([duration, *(word.end for word in words)]),
            segments=tuple(self.segments),
            model=self.model,
            aligner=self.main_aligner,
            coverage=find_mismatches(regions, words) if self.detects_speech else (),
            warnings=self.warnings,
            timings=dict(timings or {}),
        )
