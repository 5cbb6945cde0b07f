"""Transcripts made by hand and, for property tests, by hypothesis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from engine import Segment, Transcript, Word
from engine.transcript import TIMINGS, Mismatch, join_texts

# A slow machine is no failure.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def sentence(
    text: str | Sequence[str],
    start: float = 0.0,
    *,
    seconds_a_word: float = 0.4,
    language: str = "en",
    id: int = 0,
) -> Segment:
    """A segment whose words follow each other without a pause; spaceless text comes word by word."""
    texts = text.split() if isinstance(text, str) else text
    edges = [round(start + n * seconds_a_word, 3) for n in range(len(texts) + 1)]
    words = tuple(
        Word(text, edges[n], edges[n + 1], probability=0.9, timing="attention")
        for n, text in enumerate(texts)
    )
    return segment(words, language, id)


def segment(words: Sequence[Word], language: str = "en", id: int = 0) -> Segment:
    return Segment(
        id=id,
        start=words[0].start,
        end=max(word.end for word in words),
        text=join_texts((word.word for word in words), language),
        language=language,
        words=tuple(words),
        avg_logprob=-0.25,
        no_speech_prob=0.01,
    )


def transcript(*segments: Segment, language: str | None = "en", duration: float | None = None) -> Transcript:
    end = max((segment.end for segment in segments), default=0.0)
    return Transcript(
        language=language,
        language_probability=0.98,
        duration=end if duration is None else duration,
        segments=segments,
        model="base",
        aligner="attention",
    )


# What has broken subtitle files, tables and escapes, among ordinary words of several scripts.
_NASTY = [
    "-->", "->", "00:00:01,000", "12", "NOTE", "WEBVTT", "<b>bold</b>", "&amp;", "R&D", "a\tb", "one\n\ntwo",
    "x\u2028y", '"quoted', "it's", "=1+1", "{\\an8}", "\ufeffmark", "نعم،", "שלום", "日本", "です。", "👩‍👩‍👧", "é",
    "e\u0301", "Wort,", "end.", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
]  # fmt: skip

_texts = st.one_of(
    st.sampled_from(_NASTY),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).map(str.strip).filter(bool),
)
_shares = st.integers(0, 1000).map(lambda n: n / 1000)
_milliseconds = st.one_of(st.just(0), st.integers(0, 900), st.integers(0, 20_000))
_speakers = st.sampled_from([None, "SPEAKER_00"])


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    """Any transcript that keeps the contract: starts never go back, ends follow starts, words may overlap."""
    at = draw(st.sampled_from([0, 359_990_000]))  # milliseconds; the second is just below 100 hours
    segments, latest = [], at
    for id in range(draw(st.integers(0, 4))):
        words = []
        for _ in range(draw(st.integers(1, 12))):
            at += draw(_milliseconds)
            end = at + draw(_milliseconds)
            latest = max(latest, end)
            words.append(draw(_words(at / 1000, end / 1000)))
        language = draw(st.sampled_from(["en", "ar", "de", "zh", "ja", "th", "my", "lo", "yue"]))
        segments.append(segment(words, language, id))
    duration = (latest + draw(_milliseconds)) / 1000
    return Transcript(
        language=draw(st.sampled_from([None, "en", "ja"])),
        language_probability=draw(_shares),
        duration=duration,
        segments=tuple(segments),
        model=draw(st.sampled_from(["base", "large-v3-turbo"])),
        aligner=draw(st.sampled_from(["attention", "wav2vec2"])),
        coverage=draw(st.sampled_from([(), (Mismatch("speech_without_words", 0.0, duration),)])),
        warnings=tuple(draw(st.lists(st.text(max_size=20), max_size=2))),
        timings=draw(st.dictionaries(st.sampled_from(["decode", "align"]), _shares)),
    )


def _words(start: float, end: float) -> st.SearchStrategy[Word]:
    return st.builds(
        Word,
        word=_texts,
        start=st.just(start),
        end=st.just(end),
        probability=_shares,
        timing=st.sampled_from(TIMINGS),
        score=st.one_of(st.none(), _shares),
        speaker=_speakers,
    )


def letters(texts: Iterable[str]) -> str:
    """All of the text but what a writer may change: spaces, line breaks and control characters."""
    return "".join(c for text in texts for c in text if not c.isspace() and c.isprintable())
