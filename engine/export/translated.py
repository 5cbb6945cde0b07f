"""The translation beside a transcript as a transcript of its own, of which subtitles are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.errors import InvalidOption
from engine.text.segments import make_segment
from engine.text.translation import TranslatedSentence
from engine.transcript import Segment, Transcript, Word


def translated_transcript(transcript: Transcript) -> Transcript:
    """Returns the sentences of a transcript's translation as segments, without speakers and warnings.

    Its words share the time of their sentence by their letters, since nobody says them.

    Raises InvalidOption if there is no translation.
    """
    translation = transcript.translation
    if translation is None or not translation.segments:
        raise InvalidOption("The transcript has no translation.", "Translate it first.")
    return replace(
        transcript,
        language=translation.language,
        segments=tuple(_segments(translation.segments, translation.language)),
        coverage=(),
        warnings=(),
        notices=(),
        speakers=(),
        overlaps=(),
        translation=None,
    )


def _segments(sentences: Sequence[TranslatedSentence], language: str) -> Iterator[Segment]:
    number = 0
    for at, sentence in enumerate(sentences):
        following = sentences[at + 1].start if at + 1 < len(sentences) else sentence.end
        end = max(sentence.start, min(sentence.end, following))
        if words := _words(sentence, end):
            yield make_segment(words, number, language, logprob=0.0, no_speech_prob=0.0)
            number += 1


def _words(sentence: TranslatedSentence, end: float) -> list[Word]:
    """Returns the words of a sentence until `end`, in seconds."""
    texts = sentence.text.split()
    letters = sum(map(len, texts))

    def time_at(count: int) -> float:
        return round(sentence.start + (end - sentence.start) * count / letters, 3)

    words, before = list[Word](), 0
    for text in texts:
        after = before + len(text)
        # Nobody has doubted the text: no mark of doubt belongs in it.
        words.append(Word(text, time_at(before), time_at(after), probability=1.0, timing="interpolated"))
        before = after
    return words
