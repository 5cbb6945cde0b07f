"""The engine from a file to a transcript, on the embedded model and real speech."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path

import jiwer
import numpy as np
import pytest
import soundfile

from engine import Config, Engine, Options, Transcript, Update
from engine.errors import InvalidOption, NotMedia, SetupError, ShuttingDown
from engine.text.scripts import write_text
from tests.support.recordings import TALK, clip, join_clips

RATE = 16_000  # Hz


@pytest.fixture(scope="module")
def talk_updates(engine: Engine) -> list[Update]:
    return list(engine.stream(TALK))


def test_a_sentence_is_written_down_with_every_word_timed(engine: Engine, speech: Path) -> None:
    transcript = engine.transcribe(speech)
    assert transcript.text == "The quick brown fox jumps over the lazy dog."
    assert (transcript.language, transcript.model, transcript.aligner) == ("en", "base", "phonetic")
    assert transcript.language_probability > 0.9
    assert transcript.duration == pytest.approx(soundfile.info(speech).duration, abs=0.01)
    assert [word.word for word in transcript.words] == transcript.text.split()
    assert all(word.timing == "aligned" and word.score is not None for word in transcript.words)
    assert {"read", "vad", "encode", "language", "decode", "align"} <= set(transcript.timings)


def test_telephone_talk_is_recognisable(talk_updates: list[Update]) -> None:
    spoken = " ".join(line.split(" ", 5)[5] for line in TALK.with_suffix(".stm").read_text().splitlines())
    simple = jiwer.Compose(
        [jiwer.ToLowerCase(), jiwer.RemovePunctuation(), jiwer.ReduceToListOfListOfWords()]
    )
    heard = talk_updates[-1].transcript.text
    assert jiwer.wer(spoken, heard, reference_transform=simple, hypothesis_transform=simple) < 0.4


def test_words_of_telephone_talk_lie_in_their_speakers_turns(talk_updates: list[Update]) -> None:
    turns = {}
    for line in TALK.with_suffix(".stm").read_text().splitlines():
        _, _, _, start, end, text = line.split(" ", 5)
        turns[text] = float(start), float(end)
    start, end = next(span for text, span in turns.items() if "originally from Chicago also" in text)
    words = talk_updates[-1].transcript.words
    (also,) = [word for word in words if word.word.startswith("also")]
    assert start < also.start < also.end < end + 0.3


def test_updates_carry_what_is_new_and_end_in_the_whole(talk_updates: list[Update]) -> None:
    *steps, last = talk_updates
    assert last.stage == "done"
    assert isinstance(last.transcript, Transcript)
    assert all(update.transcript is None for update in steps)
    new = [segment for update in talk_updates for segment in update.segments]
    assert tuple(new) == last.transcript.segments
    assert [segment.id for segment in new] == list(range(len(new)))
    assert all(one.seconds_done <= two.seconds_done for one, two in pairwise(talk_updates))
    assert last.seconds_done == last.seconds_total == last.transcript.duration
    stages = [update.stage for update in talk_updates]
    assert [stage for stage in dict.fromkeys(stages) if stage != "loading"][:3] == [
        "reading",
        "detecting",
        "aligning",
    ]


def test_an_estimate_of_the_time_left_comes_with_the_first_words(talk_updates: list[Update]) -> None:
    spoken = next(number for number, update in enumerate(talk_updates) if update.segments)
    assert all(update.seconds_left is None for update in talk_updates[:spoken])
    assert all(update.seconds_left is not None for update in talk_updates[spoken:])
    assert talk_updates[-1].seconds_left == pytest.approx(0, abs=0.1)


TWO_LANGUAGES = {
    "en": ("en/quick_brown_fox", "en/counting", "en/hello_world"),
    "es": ("es/pangrama", "es/conteo", "es/hola_mundo"),
    "zh": ("zh/pangrama", "zh/jishu", "zh/nihao_shijie"),
}


@pytest.mark.parametrize(("first", "second"), [("en", "es"), ("zh", "en")])
def test_a_recording_in_two_languages_comes_out_in_both(
    engine: Engine, tmp_path: Path, first: str, second: str
) -> None:
    pause = np.zeros(RATE // 2, np.float32)
    halves = [
        np.concatenate(
            [entry for name in names for entry in (soundfile.read(clip(name), dtype="float32")[0], pause)]
        )
        for names in (TWO_LANGUAGES[first], TWO_LANGUAGES[second])
    ]
    gap = np.zeros(2 * RATE, np.float32)
    soundfile.write(tmp_path / "two.wav", np.concatenate([halves[0], gap, halves[1]]), RATE)
    transcript = engine.transcribe(tmp_path / "two.wav", Options(language="mixed"))
    switch = (len(halves[0]) + len(gap)) / RATE
    assert {segment.language for segment in transcript.segments} == {first, second}
    for segment in transcript.segments:
        wanted = first if segment.end < switch else second
        assert segment.language == wanted, (segment.start, segment.text)
    assert transcript.language in (first, second)


@pytest.mark.parametrize("pause", [0.35, 0.6])
def test_languages_that_follow_each_other_closely_are_each_written_in_their_own(
    engine: Engine, tmp_path: Path, pause: float
) -> None:
    names = ("en/quick_brown_fox", "es/pangrama", "en/counting", "fr/pangrama", "zh/pangrama")
    media = join_clips(tmp_path / "close.wav", names, pause)
    transcript = engine.transcribe(media, Options(language="mixed", languages="en,es,fr,zh"))
    spoken = [segment.language for segment in transcript.segments]
    assert [code for code, _ in groupby(spoken)] == ["en", "es", "en", "fr", "zh"], transcript.text


def test_a_language_that_is_not_the_recording_s_is_warned_of(engine: Engine, tmp_path: Path) -> None:
    english, spanish = ("en/quick_brown_fox", "en/counting") * 3, ("es/pangrama", "es/conteo") * 3
    media = join_clips(tmp_path / "most.wav", (*english, *spanish, *english), 0.5)
    transcript = engine.transcribe(media)
    (notice,) = [each for each in transcript.notices if each.code == "other_language"]
    assert (transcript.language, notice.values["other"], notice.values["language"]) == ("en", "es", "en")
    start, end = notice.values["when"]
    assert 18 < start < end < 46
    mixed = engine.transcribe(media, Options(language="mixed"))
    assert not [each for each in mixed.notices if each.code == "other_language"]


def test_only_the_languages_that_may_be_spoken_are_found(engine: Engine) -> None:
    transcript = engine.transcribe(clip("es/pangrama"), Options(languages="it, fr"))
    assert transcript.language in ("it", "fr")
    assert {segment.language for segment in transcript.segments} <= {"it", "fr"}


def test_chinese_comes_in_the_script_of_its_tag(engine: Engine) -> None:
    simplified, traditional = (
        engine.transcribe(clip("zh/pangrama"), Options(language=tag)) for tag in ("zh-Hans", "zh-TW")
    )
    assert simplified.text != traditional.text
    assert write_text(traditional.text, "simplified") == simplified.text
    assert [word.start for word in simplified.words] == [word.start for word in traditional.words]


def test_a_model_that_cannot_translate_is_refused_by_name_or_replaced() -> None:
    asked = Options(task="translate")
    refused = pytest.raises(InvalidOption, match=r"large-v3-turbo cannot translate\. .*large-v3")
    with closing(Engine(Config(model="large-v3-turbo", models=()))) as alone, refused:
        next(alone.stream("talk.wav", asked))
    with closing(Engine(Config(device="cpu", model="large-v3-turbo"))) as beside_base:
        assert beside_base.model_of(asked) == "base"
    with closing(Engine(Config(model="large-v3-turbo", models=("distil-large-v3", "medium")))) as both:
        assert both.model_of(asked) == "medium"
        with pytest.raises(InvalidOption, match="Choose the model medium"):
            both.model_of(replace(asked, model="large-v3-turbo"))
        assert both.model_of(Options()) == "large-v3-turbo"


def test_a_chosen_language_is_used_and_not_detected(engine: Engine) -> None:
    updates = list(engine.stream(clip("es/conteo"), Options(language="Spanish")))
    assert "detecting" not in [update.stage for update in updates]
    assert updates[-1].transcript.language == "es"
    assert updates[-1].transcript.language_probability == 1.0


def test_translation_is_english_and_says_what_was_spoken(engine: Engine) -> None:
    transcript = engine.transcribe(clip("fr/bonjour_monde"), Options(task="translate", language="fr"))
    assert "hello" in transcript.text.lower()
    assert transcript.language == "fr"
    assert {segment.language for segment in transcript.segments} == {"en"}


def test_spaceless_languages_are_joined_without_spaces(engine: Engine) -> None:
    transcript = engine.transcribe(clip("zh/pangrama"))
    assert transcript.language == "zh"
    assert " " not in transcript.text
    assert "".join(word.word for word in transcript.words) == transcript.text


def test_silence_is_an_empty_transcript_with_a_note(engine: Engine, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(RATE * 8, np.float32), RATE)
    transcript = engine.transcribe(tmp_path / "silence.wav")
    assert transcript.text == ""
    assert transcript.segments == ()
    assert transcript.language is None
    assert transcript.duration == 8.0
    assert transcript.warnings == ("No speech was found in this recording.",)


def test_a_long_silence_tells_its_progress_and_may_be_left(engine: Engine, silent_hour: Path) -> None:
    updates = engine.stream(silent_hour)
    done = [next(update.seconds_done for update in updates if update.stage == "detecting") for _ in range(3)]
    assert 0 < done[0] < done[1] < done[2] < 600
    updates.close()


def test_speech_after_long_silence_has_its_time_in_the_file(
    engine: Engine, speech: Path, tmp_path: Path
) -> None:
    first, second = (soundfile.read(path, dtype="float32")[0] for path in (speech, clip("en/hello_world")))
    gap = np.zeros(RATE * 45, np.float32)
    soundfile.write(tmp_path / "far.wav", np.concatenate([first, gap, second]), RATE)
    transcript = engine.transcribe(tmp_path / "far.wav")
    said = "".join(c for c in transcript.text if c.isalpha() or c == " ")  # stops differ between CPUs
    assert said == "The quick brown fox jumps over the lazy dog Hello world"
    before, after = transcript.segments
    assert before.end < len(first) / RATE + 0.1
    assert after.start == pytest.approx(45 + len(first) / RATE, abs=0.3)


def test_an_uncertain_language_is_said(engine: Engine) -> None:
    transcript = engine.transcribe(clip("hi/namaste_duniya"))
    assert transcript.language_probability < 0.5
    assert any("uncertain" in warning for warning in transcript.warnings)


def test_requests_at_once_do_not_touch_each_other(engine: Engine) -> None:
    wanted = {
        name: engine.transcribe(clip(name)).text for name in ("en/hello_world", "pt/pangrama", "ja/pangrama")
    }
    heard: dict[int, tuple[str, str]] = {}

    def listen(number: int, name: str, options: Options) -> None:
        heard[number] = name, engine.transcribe(clip(name), options).text

    names = [*wanted, *wanted]
    choices = [Options(), Options(), Options(), *(Options(language=name[:2]) for name in wanted)]
    threads = [
        threading.Thread(target=listen, args=(number, name, options))
        for number, (name, options) in enumerate(zip(names, choices, strict=True))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: text for number, (_, text) in heard.items()} == {
        number: wanted[name] for number, (name, _) in heard.items()
    }
    assert len(heard) == 6


def test_a_request_may_be_dropped_half_way(engine: Engine) -> None:
    updates = engine.stream(TALK)
    for update in updates:
        if update.stage == "detecting":
            break
    updates.close()
    assert engine.transcribe(clip("en/hello_world")).text == "Hello world."


def test_an_aligner_that_is_not_here_costs_no_text(engine: Engine, speech: Path) -> None:
    transcript = engine.transcribe(speech, Options(aligner="wav2vec2"))
    assert transcript.text == "The quick brown fox jumps over the lazy dog."
    assert {word.timing for word in transcript.words} == {"aligned"}
    assert transcript.aligner == "phonetic", "the rung below"
    assert any("wav2vec2-base-960h" in warning for warning in transcript.warnings)


def test_bad_requests_are_refused_and_the_engine_lives_on(
    engine: Engine, tmp_path: Path, speech: Path
) -> None:
    (tmp_path / "text.mp3").write_text("not a recording")
    with pytest.raises(NotMedia):
        engine.transcribe(tmp_path / "text.mp3")
    with pytest.raises(InvalidOption, match="Known here: base"):
        engine.transcribe(speech, Options(model="/etc/passwd"))
    with pytest.raises(InvalidOption, match="Cantonese"):
        engine.transcribe(speech, Options(language="yue"))
    assert engine.transcribe(clip("en/hello_world")).text == "Hello world."


def test_health_tells_what_is_loaded_and_from_where(engine: Engine, speech: Path) -> None:
    engine.transcribe(speech)
    health = engine.health()
    assert health["status"] == "ok"
    assert (health["device"], health["gpu"], health["model"]) == ("cpu", None, "base")
    assert health["models"] == {"base": "package"}
    assert {"whisperx", "torch", "ctranslate2"} <= set(health["versions"])
    assert health["uptime"] > 0


def test_languages_name_the_aligner_that_each_gets(engine: Engine) -> None:
    languages = {entry["code"]: entry for entry in engine.languages()}
    assert len(languages) == 99  # whisper base was made before Cantonese was added
    assert languages["de"] == {"code": "de", "name": "German", "native": "Deutsch", "aligner": "phonetic"}
    assert languages["bo"]["aligner"] == "attention"


def test_a_call_before_the_models_are_loaded_waits_for_them(speech: Path) -> None:
    engine = Engine(Config.from_env())
    assert engine.health()["status"] == "loading"
    updates = list(engine.stream(speech))
    assert updates[0].stage == "loading"
    assert updates[-1].transcript.text.startswith("The quick brown fox")
    engine.close()
    with pytest.raises(ShuttingDown):
        engine.transcribe(speech)


def test_a_model_that_is_missing_is_told_to_each_caller(speech: Path, tmp_path: Path) -> None:
    before = threading.enumerate()
    engine = Engine(Config(model="large-v3", offline=True, hub_cache=tmp_path))
    for _ in range(2):
        with pytest.raises(SetupError, match="WORDLIGHT_MODEL_DIR"):
            engine.transcribe(speech)
    assert engine.health()["status"] == "failed"
    assert "large-v3" in engine.health()["error"]
    engine.close()
    new = [thread.name for thread in threading.enumerate() if thread not in before]
    assert not [name for name in new if name.startswith("scheduler")]


def test_a_closed_engine_says_so_and_loads_nothing(speech: Path) -> None:
    before = threading.enumerate()
    engine = Engine(Config.from_env())
    engine.close()
    for ask in (lambda: engine.transcribe(speech), engine.languages):
        with pytest.raises(ShuttingDown):
            ask()
    assert [thread for thread in threading.enumerate() if thread not in before] == []


def test_the_former_names_of_methods_still_work(engine: Engine, speech: Path) -> None:
    assert engine.result(speech).text == engine.transcribe(speech).text
    load, stats = engine.load(), engine.stats()
    assert load is not None and stats is not None and load.batch_size == stats.batch_size
