"""Cuts the words of decoded windows into segments, and names suspected hallucinations."""

from __future__ import annotations

from collections.abc import Sequence

from engine.recognition.decoding import DecodedWord, DecodingResult, Fault
from engine.regions import SpeechRegion
from engine.text import segments
from engine.text.notices import Notice, NoticeCode
from engine.text.scripts import write_segments
from engine.transcript import Segment, Word
from engine.windows import Window

# Notices for windows with suspected hallucinations. Silence needs none.
FAULTS: dict[Fault | None, NoticeCode] = {
    "loop": "loop",
    "repetition": "repetition",
    "too fast": "fast",
    "unlikely": "unlikely",
}


def fault_notice(window: Window, result: DecodingResult) -> Notice | None:
    """Returns the notice for a window whose text is doubtful."""
    if result.fault not in FAULTS:
        return None
    return Notice.of(FAULTS[result.fault], when=(window.start, window.end))


def empty_notice(regions: Sequence[SpeechRegion]) -> Notice:
    """Returns the notice for a recording without a word."""
    heard = any(region.has_speech for region in regions)
    return Notice.of("no_words") if heard else Notice.of("silent")


def cut_segments(
    result: DecodingResult, words: Sequence[Word], first_id: int, script: str = "auto"
) -> list[Segment]:
    """Cuts a window's words into segments in a script, with the mean log-probability of each."""
    cut: list[Segment] = []
    at = 0
    for offset, group in enumerate(segments.split_into_segments(words, result.language)):
        decoded = result.words[at : at + len(group)]
        at += len(group)
        logprob = _mean_logprob(decoded)
        cut.append(
            segments.make_segment(group, first_id + offset, result.language, logprob, result.no_speech_prob)
        )
    return cut if script == "auto" else write_segments(cut, script)


def _mean_logprob(words: Sequence[DecodedWord]) -> float:
    return sum(word.logprob for word in words) / max(1, sum(word.tokens for word in words))
