"""Whatever is said: joining the words gives the segment's text back, and their times are plausible."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import tokenizers
from faster_whisper.tokenizer import Tokenizer

from engine import Config
from engine.alignment.aligner import Utterance
from engine.alignment.wav2vec2.aligner import Wav2Vec2Aligner
from engine.recognition.word_timestamps import FRAME_SECONDS, time_words
from engine.sampling import SAMPLE_RATE
from engine.text.segments import make_segment
from engine.transcript import Word
from engine.weights.locate import find_whisper
from tests.support.tone_model import TONES, VOCABULARY, save_tone_model, say

# Language, text as Whisper writes it, words of it.
TEXTS = [
    ("en", " Um, uh, so I, er, I don't know, hmm.", "Um,|uh,|so|I,|er,|I|don't|know,|hmm."),
    ("en", " It cost £1,250.50, not $3.", "It|cost|£1,250.50,|not|$3."),
    ("en", " On the 3rd of May, COVID-19 began.", "On|the|3rd|of|May,|COVID-19|began."),
    ("en", " The well-known mother-in-law wasn't 50% sure.", "The|well-known|mother-in-law|wasn't|50%|sure."),
    ("en", " ’Tis the dogs’ rock ’n’ roll", "’Tis|the|dogs’|rock|’n’|roll"),
    ("en", ' "Really?" she asked (twice).', '"Really?"|she|asked|(twice).'),
    ("de", " Die Donaudampfschifffahrtsgesellschaft heißt Groß-Gerau.",
     "Die|Donaudampfschifffahrtsgesellschaft|heißt|Groß-Gerau."),
    ("fr", " L'œuvre d'aujourd'hui, c'est l'été.", "L'œuvre|d'aujourd'hui,|c'est|l'été."),
    ("ar", " مرحبا بالعالم، كيف حالك؟", "مرحبا|بالعالم،|كيف|حالك؟"),
    ("ar", " مُحَمَّد عمره ٢٥ سنة.", "مُحَمَّد|عمره|٢٥|سنة."),
    ("he", ' שלום עולם, צה"ל בן 70.', 'שלום|עולם,|צה"ל|בן|70.'),
    ("hi", " नमस्ते दुनिया, हिन्दी ज़िंदगी है।", "नमस्ते|दुनिया,|हिन्दी|ज़िंदगी|है।"),
    ("th", "สวัสดีครับ ผมชื่อสมชาย", None),
    ("ja", "今日はiPhoneを3台買う。", None),
    ("zh", "他说「你好」,Hello World。", None),
    ("tr", " İstanbul'da ışık ıslak.", "İstanbul'da|ışık|ıslak."),
    ("vi", " Xin chào, tôi là người Việt.", "Xin|chào,|tôi|là|người|Việt."),
    ("uk", " П'ять об’єктів.", "П'ять|об’єктів."),
]  # fmt: skip


@pytest.fixture(scope="module")
def vocabulary() -> tokenizers.Tokenizer:
    return tokenizers.Tokenizer.from_file(str(find_whisper("base", Config()).path / "tokenizer.json"))


@pytest.mark.parametrize(("language", "text", "words"), TEXTS)
def test_attention_gives_the_text_back(
    vocabulary: tokenizers.Tokenizer, language: str, text: str, words: str | None
) -> None:
    tokenizer = Tokenizer(vocabulary, True, "transcribe", language)
    tokens = tokenizer.encode(text)
    path = [(index, index * 5 + frame) for index in range(len(tokens) + 1) for frame in range(5)]
    found = time_words(tokenizer, tokens, path, [0.5] * len(tokens))
    assert "".join(word.text for word in found) == text
    assert sum(word.tokens for word in found) == len(tokens)
    if words:
        assert [word.text.strip() for word in found] == words.split("|")
    assert_plausible([(word.start, word.end) for word in found], len(path) * FRAME_SECONDS + 1)
    # Thai has spaces between phrases, and is joined without.
    expected = text.replace(" ", "") if language == "th" else text.strip()
    assert text_of([word.text.strip() for word in found], language) == expected


def text_of(words: list[str], language: str) -> str:
    timed = [Word(word, 0.0, 0.0, 1.0, "attention") for word in words]
    return make_segment(timed, 0, language, -0.1, 0.0).text


def assert_plausible(times: list[tuple[float, float]], duration: float) -> None:
    assert [start for start, _ in times] == sorted(start for start, _ in times)
    for (_, end), (start, _) in pairwise(times):
        assert end <= start + 1e-9  # words do not overlap
    for start, end in times:
        assert 0 <= start <= end <= duration


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("tones")
    save_tone_model(directory, "group")
    return directory


LETTERS = [tone for tone in TONES if tone not in "'|"]  # that the model can hear


def speaker_of(tones: Path, directory: Path, letters: str) -> tuple[Wav2Vec2Aligner, dict[str, str]]:
    """Returns an aligner whose alphabet is these letters and no others, each written for a tone that it
    hears, and which letter of the tones each one is."""
    assert len(letters) <= len(LETTERS), letters
    shutil.copytree(tones, directory, dirs_exist_ok=True)
    for name in ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"):
        (directory / name).unlink(missing_ok=True)
    heard = dict(zip(letters, LETTERS, strict=False))
    special = {token: column for token, column in VOCABULARY.items() if column < 5}
    own = special | {letter: VOCABULARY[tone] for letter, tone in heard.items()}
    fillers = {f"<{column}>": column for column in VOCABULARY.values() if column not in own.values()}
    (directory / "vocab.json").write_text(json.dumps(own | fillers))
    return Wav2Vec2Aligner.load(directory), heard


# Language, its model's alphabet, words as Whisper writes them, and as they sound in that alphabet.
SPOKEN = [
    ("en", "dontisheu", ["Uh,", "don’t", "do", "it,", "he’s", "in."], ["uh", "dont", "do", "it", "hes", "in"]),
    ("en", "therdonsuil", ["the", "3rd", "£1,250.50", "-", "did", "80%", "end"],
     ["the", "third", "onethounoneundredten", "", "did", "hundred", "end"]),
    ("en", "covidnteash", ["The", "COVID-19", "vat", "ends"], ["the", "covidninetteen", "vat", "ends"]),
    ("en", "motherinlaw", ["mother-in-law", "won"], ["motherinlaw", "won"]),
    ("de", "donaumpfschi", ["Donaudampfschiff", "So,", "Schön!"], ["donaudampfschiff", "so", "schon"]),
    ("de", "straehuim", ["heißt", "Straße"], ["heisst", "strasse"]),
    ("ar", "مرحباعلكيف", ["مُرحبا", "بالعالم،", "كيف"], ["مرحبا", "بالعالم", "كيف"]),
    ("he", "שלוםעבן", ["שָׁלוֹם", "עולם,", "70", "בן."], ["שלום", "עולם", "שבעון", "בן"]),
    ("hi", "नमस्तेदुिया", ["नमस्ते", "दुनिया,", "२५", "मस्त।"], ["नमस्ते", "दुनिया", "सतेनया", "मस्त"]),
    ("ja", "こんにちはせかい", ["こん", "にちは", "世", "せかい。"], ["こん", "にちは", "いいい", "せかい"]),
]  # fmt: skip


@pytest.mark.parametrize(("language", "letters", "words", "sounds"), SPOKEN)
def test_wav2vec2_gives_the_text_back_and_times_where_it_was_said(
    tones: Path, tmp_path: Path, language: str, letters: str, words: list[str], sounds: list[str]
) -> None:
    aligner, heard = speaker_of(tones, tmp_path, letters)
    # Where no separator is looked for, the tone of one between the words goes to a word.
    near = 0.1 if language == "ja" else 0.061  # three frames
    sung = " ".join("".join(heard[letter] for letter in sound) for sound in sounds if sound)
    wave, spoken = say(sung, seed=3, held=2)
    (found,) = aligner.align([Utterance(wave, tuple(words), language)])
    assert isinstance(found, tuple), found
    assert len(found) == len(words)
    assert text_of(words, language).split() == (["".join(words)] if language == "ja" else words)
    assert_plausible([(time.start, time.end) for time in found], len(wave) / SAMPLE_RATE)
    expected = iter(spoken)
    for word, sound, time in zip(words, sounds, found, strict=True):
        if not sound:
            assert (time.timing, time.start) == ("interpolated", time.end), word
            continue
        start, end = next(expected)
        letter = any(
            aligner.alphabet.spell(character, language) != (-1,) for character in word if character.isalnum()
        )
        assert time.timing == ("aligned" if letter else "interpolated"), word
        assert np.abs(np.array([time.start - start, time.end - end])).max() < near, word
