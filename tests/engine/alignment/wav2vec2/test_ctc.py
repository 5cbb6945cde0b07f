"""Forced alignment on emissions drawn by hand, where the right answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from engine.alignment.failure import AlignmentFailed
from engine.alignment.wav2vec2.ctc import WILDCARD, Alphabet, align_words
from tests.support.drawn_emissions import BLANK, SEPARATOR, draw, spell
from tests.support.whisperx_trellis import whisperx_words

UNKNOWN = WILDCARD


@pytest.mark.parametrize("seed", range(8))
def test_words_lie_where_whisperx_puts_them_within_a_frame(seed: int) -> None:
    words = "the little boy isn't here all summer"
    emission = draw(words, seed, held=1)
    ours = align_words(emission, spell(words), BLANK, SEPARATOR)
    for span, (start, _, end) in zip(ours, whisperx_words(emission, words), strict=True):
        assert abs(span.start - start) <= 1
        assert abs(span.end - end) <= 1


@pytest.mark.parametrize("seed", range(8))
def test_a_word_does_not_swallow_the_silence_after_it(seed: int) -> None:
    words = "the little boy isn't here all summer"
    emission = draw(words, seed, silence=20, held=1)
    theirs = whisperx_words(emission, words)
    for span, (start, spoken, _) in zip(
        align_words(emission, spell(words), BLANK, SEPARATOR), theirs, strict=True
    ):
        assert abs(span.start - start) <= 1
        assert abs(span.end - spoken) <= 1
    assert max(end - spoken for _, spoken, end in theirs) > 5  # the silence is there to be swallowed


def test_the_score_is_the_mean_probability_of_the_letters() -> None:
    probabilities = np.full((5, 32), 1e-4, np.float32)
    for frame, (column, probability) in enumerate([(0, 0.9), (5, 0.8), (5, 0.6), (0, 0.9), (6, 0.5)]):
        probabilities[frame, column] = probability
    (span,) = align_words(np.log(probabilities), [(5, 6)], BLANK, SEPARATOR)
    assert (span.start, span.end) == (1, 5)
    assert span.score == pytest.approx(((0.8 + 0.6) / 2 + 0.5) / 2, abs=1e-5)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("silence", [1, 12])
def test_a_number_leaves_its_neighbours_where_they_are(seed: int, silence: int) -> None:
    spoken = "we paid about twelve hundred and fifty dollars for it in nineteen ninety nine and five more"
    written = "we paid about 1250 dollars for it in 1999 and 5 more"
    emission = draw(spoken, seed, silence)
    known = align_words(emission, spell(spoken), BLANK, SEPARATOR)
    found = align_words(emission, spell(written), BLANK, SEPARATOR)
    ends = [0, 1, 2, 6, 7, 8, 9, 10, 13, 14, 15, 16]  # of each written word, among the spoken ones
    begins = [0, *(end + 1 for end in ends[:-1])]
    for word, span, begin, end in zip(written.split(), found, begins, ends, strict=True):
        assert abs(span.start - known[begin].start) <= 1, word
        assert abs(span.end - known[end].end) <= 1, word
        assert (span.score is None) == word.isdigit()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("spoken", "written", "number"),
    [
        ("twelve hundred and fifty dollars were paid", "1250 dollars were paid", 0),
        ("we paid them twelve hundred and fifty", "we paid them 1250", 3),
    ],
)
def test_a_number_at_the_edge_keeps_off_the_silence_around(
    seed: int, spoken: str, written: str, number: int
) -> None:
    emission = draw(spoken, seed, silence=3)
    silence = draw("", seed, silence=0)[:1].repeat(150, axis=0)  # three seconds before and after
    padded = align_words(np.vstack([silence, emission, silence]), spell(written), BLANK, SEPARATOR)
    for word, alone in zip(padded, align_words(emission, spell(written), BLANK, SEPARATOR), strict=True):
        assert (word.start, word.end) == (alone.start + 150, alone.end + 150)
    (truth,) = align_words(
        emission, [tuple(c for word in spell(spoken) for c in (*word, 4))[:-1]], BLANK, SEPARATOR
    )
    assert abs(padded[0].start - 150 - truth.start) <= 1 and abs(padded[-1].end - 150 - truth.end) <= 1
    assert padded[number].score is None


@pytest.mark.parametrize("seed", range(6))
def test_neighbours_of_a_number_stay_where_whisperx_moves_them(seed: int) -> None:
    spoken = "we paid about twelve hundred and fifty dollars for it"
    written = "we paid about 1250 dollars for it"
    emission = draw(spoken, seed, silence=4, held=1)
    truth = align_words(emission, spell(spoken), BLANK, SEPARATOR)
    truth = [*truth[:3], None, *truth[7:]]
    ours = align_words(emission, spell(written), BLANK, SEPARATOR)
    theirs = whisperx_words(emission, written)
    off = [
        [
            max(abs(start - entry.start), abs(end - entry.end))
            for (start, end), entry in zip(spans, truth, strict=True)
            if entry
        ]
        for spans in ([(w.start, w.end) for w in ours], [(start, end) for start, end, _ in theirs])
    ]
    assert max(off[0]) <= 1
    assert max(off[1]) > 3  # the number is there to distort them


def test_a_number_that_is_not_spoken_takes_next_to_nothing() -> None:
    emission = draw("before after", 0, silence=25)
    before, number, after = align_words(emission, spell("before 1250 after"), BLANK, SEPARATOR)
    assert before.end <= number.start < number.end <= after.start
    assert number.end - number.start <= 3


def test_letters_beside_digits_are_aligned() -> None:
    emission = draw("the third time", 3, silence=5)
    known = align_words(emission, spell("the third time"), BLANK, SEPARATOR)
    found = align_words(emission, spell("the 3rd time"), BLANK, SEPARATOR)
    assert found[1].score > 0.9
    assert abs(found[1].start - known[1].start) <= 1
    assert abs(found[1].end - known[1].end) <= 1


def test_words_without_spaces_are_joined_without_a_separator() -> None:
    kana = Alphabet({character: index for index, character in enumerate("こんにちは世界", start=5)}, 0, None)
    emission = draw("こんにちは世界", 1, silence=3, alphabet=kana, size=12)
    (whole,) = align_words(emission, spell("こんにちは世界", kana, "ja"), BLANK, None)
    parts = align_words(emission, spell("こんにち は 世界", kana, "ja"), BLANK, None)
    assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
    assert parts[0].end <= parts[1].start < parts[1].end <= parts[2].start
    assert min(part.score for part in parts) > 0.9


def test_a_word_that_is_not_spoken_gets_no_frames() -> None:
    emission = draw("well yes", 0)
    spans = align_words(emission, spell("— well … yes ♪"), BLANK, SEPARATOR)
    assert [span is None for span in spans] == [True, False, True, False, True]
    assert [span for span in spans if span] == align_words(emission, spell("well yes"), BLANK, SEPARATOR)


@pytest.mark.parametrize(
    ("words", "frames", "why"),
    [
        ("letters", 6, "9 characters do not fit|do not fit into 6 frames"),
        ("letters", 7, "do not fit"),  # the double t needs a blank in between
        ("1250 — 7", 50, "alphabet"),
        ("— …", 50, "alphabet"),
    ],
)
def test_what_cannot_be_aligned_says_why(words: str, frames: int, why: str) -> None:
    emission = np.full((frames, 32), -3.0, np.float32)
    with pytest.raises(AlignmentFailed, match=why):
        align_words(emission, spell(words), BLANK, SEPARATOR)


def test_as_many_frames_as_the_path_needs_are_enough() -> None:
    (span,) = align_words(np.full((8, 32), -3.0, np.float32), spell("letters"), BLANK, SEPARATOR)
    assert (span.start, span.end) == (0, 8)


def test_a_search_that_would_take_too_much_memory_is_refused() -> None:
    with pytest.raises(AlignmentFailed, match="too long"):
        align_words(np.zeros((40_000, 8), np.float32), [(5,) * 4_000], BLANK, SEPARATOR)


def test_an_emission_that_is_not_finite_fails() -> None:
    with pytest.raises(AlignmentFailed, match="not numbers"):
        align_words(np.full((50, 32), np.nan, np.float32), spell("word"), BLANK, SEPARATOR)
