"""Words timed by their sounds: against known times, with numbers, unknown words and failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import Config, Engine
from engine.alignment.aligner import Aligner, Utterance, WordTime
from engine.alignment.failure import AlignmentFailed
from engine.alignment.phonetic.aligner import PhoneticAligner
from engine.alignment.phonetic.g2p import g2p_model_path, phones_of
from engine.alignment.phonetic.lexicon import Pronouncer
from engine.alignment.phonetic.verbalize import spoken_forms
from engine.alignment.phonetic.verbalize_en import spoken_forms_en
from engine.transcript import join_texts
from engine.weights.locate import phonetic_weights
from tests.support.recordings import CLIPS, TALK
from tests.support.synthesis import Recording, joined, noisy, speak

SENTENCE = "Several people believe winter will arrive early, because children listen."


@pytest.fixture(scope="module")
def english() -> PhoneticAligner:
    folder = phonetic_weights()
    assert folder is not None
    return PhoneticAligner.load("en", folder)


@pytest.fixture(scope="module")
def spoken() -> Recording:
    return joined([speak(SENTENCE, "en-us")], [0.7])


def utterance(recording: Recording, words: Sequence[str] | None = None, off: float = 0.06) -> Utterance:
    """Returns speech with anchors as attention gives them: off by some hundredths, this way and that."""
    rng = np.random.default_rng(5)
    anchors = tuple(
        (max(0.0, word.start + rng.normal(0, off)), word.end + rng.normal(0, off)) for word in recording.words
    )
    texts = tuple(words or [word.text for word in recording.words])
    return Utterance(recording.samples, texts, recording.language, anchors)


def errors(found: Sequence[WordTime], recording: Recording) -> np.ndarray:
    """Returns the seconds by which each end of each exact word is off."""
    pairs = [(time, word) for time, word in zip(found, recording.words, strict=True) if word.exact]
    return np.abs([(time.start - word.start, time.end - word.end) for time, word in pairs])


def times(aligner: Aligner, wanted: Utterance) -> tuple[WordTime, ...]:
    (found,) = aligner.align([wanted])
    assert isinstance(found, tuple), found
    return found


def test_words_are_found_where_they_are(english: PhoneticAligner, spoken: Recording) -> None:
    found = times(english, utterance(spoken))
    assert {time.timing for time in found} == {"aligned"}
    assert np.median(errors(found, spoken)) <= 0.02
    assert errors(found, spoken).max() < 0.15


def test_phones_fill_their_word_if_they_are_asked_for(english: PhoneticAligner, spoken: Recording) -> None:
    assert not any(time.phones for time in times(english, utterance(spoken)))
    for time in times(english, replace(utterance(spoken), in_phones=True)):
        assert time.phones and "SIL" not in [name for name, _ in time.phones]
        assert sum(seconds for _, seconds in time.phones) == pytest.approx(time.end - time.start, abs=0.006)


def test_words_are_found_without_attention(english: PhoneticAligner, spoken: Recording) -> None:
    found = times(english, replace(utterance(spoken), anchors=()))
    assert np.median(errors(found, spoken)) <= 0.02


def test_words_are_found_in_noise_that_narrows_the_range_of_the_features(english: PhoneticAligner) -> None:
    sentences = (
        "The old harbour stays quiet in the morning.",
        "Nobody answers the heavy bell at night.",
        "My brother carries seven baskets of apples.",
        "Yesterday the children walked along the river.",
    )
    recording = noisy(joined([speak(each, "en-us", 160) for each in sentences], [0.3, 0.5, 0.4, 0.6]), 3)
    found = times(english, replace(utterance(recording), anchors=()))
    assert (errors(found, recording).max(axis=1) <= 0.05).mean() >= 0.7


@pytest.mark.parametrize(
    "text", ["Der alte Bahnhof war heute sehr ruhig.", "Niemand weiß, wann der Winter kommt."]
)
def test_another_language_is_written_in_english_sounds(text: str) -> None:
    folder = phonetic_weights()
    assert folder is not None
    recording = joined([speak(text, "de")], [0.5])
    found = times(PhoneticAligner.load("de", folder), utterance(recording))
    assert np.median(errors(found, recording)) <= 0.03


def test_the_score_falls_where_noise_hides_the_words(english: PhoneticAligner, spoken: Recording) -> None:
    clean, drowned = (times(english, utterance(entry)) for entry in (spoken, noisy(spoken, -15)))
    assert errors(drowned, spoken).mean() > errors(clean, spoken).mean()
    assert np.mean([entry.score for entry in drowned]) < np.mean([entry.score for entry in clean]) - 0.1


def test_only_the_word_that_nobody_can_say_is_guessed(english: PhoneticAligner, spoken: Recording) -> None:
    words = [word.text for word in spoken.words]
    words[3] = "зима"
    found = times(english, utterance(spoken, words))
    assert [entry.timing for entry in found] == [
        "interpolated" if i == 3 else "aligned" for i in range(len(words))
    ]
    assert found[3].score is None
    assert np.median(np.delete(errors(found, spoken), 3, axis=0)) <= 0.03


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1984", "nineteen eighty four"),
        ("£1,250.50", "one thousand two hundred and fifty pounds and fifty pence"),
    ],
)
def test_numbers_are_heard_as_they_are_read(english: PhoneticAligner, written: str, said: str) -> None:
    recording = joined([speak(f"Yesterday they counted {said} before lunch.", "en-us")], [0.4])
    words, number = [word.text for word in recording.words], len(said.split())
    spans = [(word.start, word.end) for word in recording.words]
    anchors = (*spans[:3], (spans[3][0], spans[2 + number][1]), *spans[3 + number :])
    texts = (*words[:3], written, *words[3 + number :])
    found = times(english, Utterance(recording.samples, texts, "en", anchors))
    assert [entry.timing for entry in found] == ["aligned"] * len(texts)
    assert abs(found[3].start - anchors[3][0]) < 0.06 and abs(found[3].end - anchors[3][1]) < 0.06
    assert abs(found[4].start - anchors[4][0]) < 0.06, "the neighbour is not stretched"


def test_what_cannot_be_aligned_is_said_and_costs_the_others_nothing(
    english: PhoneticAligner, spoken: Recording
) -> None:
    unspeakable = Utterance(spoken.samples, ("но", "один"), "en", ((0.1, 0.3), (0.4, 0.6)))
    crowded = Utterance(spoken.samples[:1600], tuple(["antidisestablishmentarianism"] * 5), "en")
    one, two, three = english.align([unspeakable, crowded, utterance(spoken)])
    assert isinstance(one, AlignmentFailed) and isinstance(two, AlignmentFailed)
    assert isinstance(three, tuple)


def test_readings() -> None:
    def read(word: str) -> list[str]:
        return [" ".join(reading) for reading in spoken_forms_en(word)]

    assert "third" in read("3rd") and "nineteen nineties" in read("1990s") and "ten thirty" in read("10:30,")
    assert "five dollars" in read("$5") and "five" in read("$5"), "as in $5 million"
    assert "fifty percent" in read("50%") and "COVID nineteen" in read("COVID-19")
    assert (
        "doctor" in read("Dr.")
        and "u. s." in read("U.S.")
        and "five five five one two three four" in read("555-1234")
    )
    assert (
        "two thousand five" in read("2005") and "three point five" in read("3.5") and "a half" in read("1/2")
    )
    assert spoken_forms("21", "de") == (("einundzwanzig",),)
    assert spoken_forms("l'hôtel,", "fr") == (("l'hôtel",),)


def test_pronunciations_come_from_the_dictionary_then_from_the_letters() -> None:
    folder = phonetic_weights()
    assert folder is not None
    say = Pronouncer.load("en", folder / "cmudict-en-us.dict")
    assert ("HH", "AH", "L", "OW") in say.of("Hello,")
    assert ("P", "IY", "T", "ER", "Z") in say.of("Peter's") and ("D", "OW", "N", "T") in say.of("don’t")
    assert {("N", "AE", "S", "AH"), ("EH", "N", "EY", "EH", "S", "EY")} <= set(say.of("NASA"))
    assert say.of("wordlight") == (("W", "ER", "D", "L", "AY", "T"),)
    assert say.of("—") == say.of("今日") == ()
    assert phones_of("t͡saɪtʊŋ") == ("T", "S", "AY", "T", "UH", "NG")


def test_languages_whose_words_are_not_told_apart_have_no_letter_to_sound() -> None:
    assert g2p_model_path("vi") is not None
    assert g2p_model_path("th") is None and g2p_model_path("km") is None


class _BreaksOnce:
    """The aligner with a bug that strikes at its second utterance."""

    name = "phonetic"

    def __init__(self, aligner: Aligner) -> None:
        self._aligner, self._calls = aligner, 0

    def align(self, utterances: Sequence[Utterance]) -> list[tuple[WordTime, ...] | AlignmentFailed]:
        self._calls += 1
        if self._calls == 2:
            raise ZeroDivisionError
        return self._aligner.align(utterances)


def test_an_aligner_that_breaks_costs_no_text(tmp_path: Path, english: PhoneticAligner) -> None:
    samples = soundfile.read(TALK, dtype="float32")[0]
    path = tmp_path / "twice.wav"
    soundfile.write(path, np.concatenate([samples, np.zeros(48_000, np.float32), samples]), 16_000)
    engine = Engine(replace(Config.from_env(), offline=True))
    whole = engine.transcribe(path)
    assert engine.installation is not None
    shelf = engine.installation.aligners.caches["phonetic"]
    breaking = _BreaksOnce(shelf.get("en"))
    shelf.get = lambda language: breaking  # type: ignore[assignment, method-assign]
    hurt = engine.transcribe(path)
    engine.close()
    assert hurt.text == whole.text
    assert hurt.aligner == "phonetic" and "ZeroDivisionError" in " ".join(hurt.warnings)
    assert {word.timing for word in whole.words} == {"aligned"}
    assert {segment.aligner for segment in hurt.segments} == {"phonetic", "attention"}
    assert {segment.aligner for segment in whole.segments} == {"phonetic"}


def test_every_word_of_every_clip_is_timed_within_the_speech(engine: Engine) -> None:
    clips = sorted(CLIPS.glob("*/*.wav"))
    assert len(clips) == 27
    for path in clips:
        transcript = engine.transcribe(path)
        assert transcript.words, path
        starts = [word.start for word in transcript.words]
        assert starts == sorted(starts) and all(word.start <= word.end for word in transcript.words)
        assert engine.installation is not None
        spans = _speech(engine.installation.detector("pyannote"), path)
        for segment in transcript.segments:
            assert join_texts((word.word for word in segment.words), segment.language) == segment.text
            for word in segment.words:
                inside = any(start - 0.2 <= word.start and word.end <= end + 0.2 for start, end in spans)
                assert inside, f"{path.parent.name}/{path.stem}: {word.word} {word.start}-{word.end}, {spans}"


def _speech(detector: object, path: Path) -> list[tuple[float, float]]:
    """Returns the speech in a clip; regions less than half a second apart are one, as words cross them."""
    from engine.media.audio_reader import AudioReader
    from engine.regions import SpeechRegion

    found: list[tuple[float, float]] = []
    for item in detector.regions(iter(AudioReader(path, Config.from_env()))):  # type: ignore[attr-defined]
        if isinstance(item, SpeechRegion):
            if found and item.start - found[-1][1] < 0.5:
                found[-1] = found[-1][0], item.end
            else:
                found.append((item.start, item.end))
    return found
