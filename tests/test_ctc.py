"""Forced alignment on emissions drawn by hand, where the right answer is known."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
import torch

from engine.alignment.base import AlignmentFailed
from engine.alignment.ctc import WILDCARD, Alphabet, align_words
from tests.tones import VOCABULARY
from tests.whisperx_trellis import whisperx_words

BLANK, SEPARATOR = 0, 4
ENGLISH = Alphabet.of_vocabulary(VOCABULARY, len(VOCABULARY), ["<pad>"], ["|"])
UNKNOWN = WILDCARD


def spell(words: str, alphabet: Alphabet = ENGLISH, language: str = "en") -> list[tuple[int, ...]]:
    return [alphabet.spell(word, language) for word in words.split()]


def draw(
    words: str, seed: int, silence: int = 0, held: int = 2, alphabet: Alphabet = ENGLISH, size: int = 32
) -> np.ndarray:
    """Draws the emission of a model that hears `words` well: letters of up to `held` frames, blanks
    within words, up to `silence` frames of blanks around words, some noise everywhere."""
    rng = np.random.default_rng(seed)
    labels = [BLANK] * rng.integers(1, silence + 2)
    for index, spelling in enumerate(spell(words, alphabet)):
        if index and alphabet.separator is not None:
            labels += [BLANK] * rng.integers(0, silence + 1) + [SEPARATOR] * rng.integers(1, held + 1)
            labels += [BLANK] * rng.integers(0, silence + 1)
        for place, column in enumerate(spelling):
            labels += [BLANK] * (rng.integers(1, 4) if place else 0) + [column] * rng.integers(1, held + 1)
    labels += [BLANK] * rng.integers(0, silence + 1)
    logits = rng.normal(0, 1, (len(labels), size)).astype(np.float32)
    logits[np.arange(len(labels)), labels] += rng.uniform(7, 12, len(labels))
    return torch.from_numpy(logits).log_softmax(-1).numpy()


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


def test_an_emission_that_is_not_finite_fails() -> None:
    with pytest.raises(AlignmentFailed, match="not numbers"):
        align_words(np.full((50, 32), np.nan, np.float32), spell("word"), BLANK, SEPARATOR)


def letters(text: str) -> tuple[int, ...]:
    return tuple(VOCABULARY[letter] for letter in text)


@pytest.mark.parametrize(
    ("word", "spelling"),
    [
        ("Don't", letters("DON'T")),
        ("don’t", letters("DON'T")),
        ("end.", letters("END")),
        ("“twenty-one,”", letters("TWENTYONE")),
        ("naïve", letters("NAIVE")),
        (unicodedata.normalize("NFD", "naïve"), letters("NAIVE")),
        ("ﬁne", letters("FINE")),
        ("Straße", letters("STRASSE")),
        ("İzmir", letters("IZMIR")),
        ("a|b", letters("AB")),
        ("1250", (UNKNOWN,)),
        ("£1,250.50", (UNKNOWN,)),
        ("50%", (UNKNOWN,)),
        ("3rd", (UNKNOWN, *letters("RD"))),
        ("COVID-19", (*letters("COVID"), UNKNOWN)),
        ("Ω", (UNKNOWN,)),
        ("東京", (UNKNOWN,)),
        ("—", ()),
        ("...", ()),
        ("♪", ()),
    ],
)
def test_a_word_is_spelled_with_what_the_alphabet_has(word: str, spelling: tuple[int, ...]) -> None:
    assert ENGLISH.spell(word, "en") == spelling


def test_turkish_has_two_kinds_of_i() -> None:
    turkish = Alphabet(
        {letter: index for index, letter in enumerate("abcdefghıijklmnoprstuvyz", start=5)}, 0, 4
    )
    assert turkish.spell("ISPARTA", "tr") == turkish.spell("ısparta", "tr")
    assert turkish.spell("İZMİR", "tr") == turkish.spell("izmir", "tr")
    assert turkish.spell("IRIS", "en") == turkish.spell("iris", "en")


def test_a_cased_alphabet_keeps_its_cases() -> None:
    cased = Alphabet({"a": 5, "A": 6, "b": 7}, 0, 4)
    assert cased.spell("aAB", "de") == (5, 6, 7)


def test_marks_of_other_scripts_are_letters_where_the_alphabet_has_them() -> None:
    hindi = Alphabet({character: index for index, character in enumerate("हिनदी्", start=5)}, 0, 4)
    assert WILDCARD not in hindi.spell("हिन्दी", "hi")
    assert len(hindi.spell("हिन्दी", "hi")) == len("हिन्दी")


def test_special_tokens_that_the_model_cannot_emit_are_left_out() -> None:
    vocabulary = {"[PAD]": 3, "|": 0, "a": 1, "b": 2, "<s>": 4, "c": 5, "<pad>": 6}
    alphabet = Alphabet.of_vocabulary(vocabulary, 4, ["<pad>", "[PAD]"], ["|"])
    assert alphabet == Alphabet({"a": 1, "b": 2}, blank=3, separator=0)
