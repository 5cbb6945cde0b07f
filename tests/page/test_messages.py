"""What the page shows, as plain data."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from engine import Segment, Transcript, Update, Word
from engine.text.segments import make_segment
from page import messages
from page.old_messages import current_form


def word(
    text: str = "light", start: float = 0.0, probability: float = 0.9, timing: str = "attention"
) -> Word:
    return Word(text, start, start + 0.4, probability, timing)  # type: ignore[arg-type]


def segment(number: int, *words: Word, language: str = "en") -> Segment:
    words = words or (word(start=float(number)),)
    text = " ".join(w.word for w in words)
    return Segment(number, words[0].start, words[-1].end, text, language, words, -0.2, 0.01)


def transcript(*segments: Segment, **changes: object) -> Transcript:
    known = {"language": "en", "language_probability": 0.987, "duration": 75.2, "model": "base"}
    return Transcript(segments=segments, aligner="attention", **(known | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("probability", "band"),
    [(1.0, "sure"), (0.8, "sure"), (0.79, "likely"), (0.59, "doubtful"), (0.34, "unsure"), (0.0, "unsure")],
)
def test_a_word_falls_in_the_band_of_its_probability(probability: float, band: str) -> None:
    assert messages.confidence_band(word(probability=probability)) == band


def test_a_probability_that_is_no_number_is_not_trusted() -> None:
    assert messages.confidence_band(word(probability=float("nan"))) == "unsure"


def test_words_of_a_loop_are_a_guess_until_a_person_has_checked_them() -> None:
    words = [word(text, start) for start, text in enumerate(["tea,", *["or,"] * 7])]
    words[3] = replace(words[3], checked=True)
    made = segment(0, *words)
    (sent,) = messages.transcript_message("r1", [made], 0, done=True)["segments"]
    bands = [each["band"] for each in sent["words"]]
    assert bands == ["sure", "unsure", "unsure", "sure", *["unsure"] * 4]
    assert ("doubtful", "6") in messages.summary_facts(transcript(made), 1.0)


def test_a_loop_of_sentences_is_a_guess_too() -> None:
    looped = [
        segment(n, *(word(text, float(n)) for text in "Thanks for your time.".split())) for n in range(1, 7)
    ]
    made = [segment(0), *looped, segment(7, word("Bye.", 9.0))]
    sent = messages.transcript_message("r1", made, 0, done=True)["segments"]
    assert [{each["band"] for each in one["words"]} for one in sent] == [
        {"sure"},
        *[{"unsure"}] * 6,
        {"sure"},
    ]
    assert ("doubtful", "24") in messages.summary_facts(transcript(*made), 1.0)


def test_a_message_tells_what_a_word_is_while_fillers_are_hidden() -> None:
    words = [word(text, 0.5 * n) for n, text in enumerate(["Um,", "well,", "uh."])]
    made = make_segment(words, 0, "en", -0.2, 0.0)
    (sent,) = messages.transcript_message("r1", [made], 0, done=True)["segments"]
    assert [each.get("disfluency") for each in sent["words"]] == ["filler", None, "filler"]
    assert [each.get("fluent") for each in sent["words"]] == [None, "Well.", None]


def test_a_message_carries_words_times_bands_and_timings() -> None:
    message = messages.transcript_message(
        "r1", [segment(0, word("fox", 1.2, 0.5, "interpolated"))], 0, done=False
    )
    (sent,) = message["segments"][0]["words"]
    assert sent == word("fox", 1.2, 0.5, "interpolated").to_dict() | {"band": "doubtful"}
    scored = replace(word("fox", 1.2), score=0.7, speaker="A")
    (sent,) = messages.transcript_message("r1", [segment(0, scored)], 0, done=True)["segments"][0]["words"]
    assert sent == scored.to_dict() | {"band": "sure"}
    assert json.loads(json.dumps(message)) == message


def test_a_segment_has_the_fields_that_do_not_follow_from_its_words() -> None:
    made = replace(segment(3), speaker="A", aligner="phonetic")
    (sent,) = messages.transcript_message("r1", [made], 0, done=True)["segments"]
    of_the_page = {"lang", "spaced", "paragraph", "chosen", "words"}
    assert sent.keys() - of_the_page == made.to_dict().keys() - {"id", "start", "end", "text", "words"}
    assert (sent["speaker"], sent["aligner"], sent["avg_logprob"]) == ("A", "phonetic", -0.2)


def test_a_message_that_an_earlier_version_has_kept_is_read() -> None:
    old = ["fox", 1.2, 1.6, 0.5, "doubtful", "interpolated"]
    kept = {
        "run": "r1",
        "segments": [{"language": "en", "logprob": -0.2, "silence": 0.01, "words": [old, [*old, None, "A"]]}],
    }
    (made,) = current_form(kept)["segments"]
    fox = word("fox", 1.2, 0.5, "interpolated")
    assert made.pop("words") == [
        fox.to_dict() | {"band": "doubtful"},
        replace(fox, speaker="A").to_dict() | {"band": "doubtful"},
    ]
    assert made == {"language": "en", "avg_logprob": -0.2, "no_speech_prob": 0.01}
    message = messages.transcript_message("r1", [segment(0)], 0, done=True)
    assert current_form(message) == message, "today's are left as they are"
    news = {"turns": [[0.0, "SPEAKER_00"]], "renumbered": {}, "provisional": False}
    assert current_form(message | news) == message, "the reader may have corrected the labels since"


def test_a_message_repeats_a_few_segments_before_its_new_ones() -> None:
    segments = [segment(number) for number in range(100)]
    message = messages.transcript_message("r1", segments, 90, done=False)
    assert message["from"] == 90 - messages.OVERLAP
    assert message["from"] + len(message["segments"]) == 100


def test_the_last_message_holds_every_segment() -> None:
    message = messages.transcript_message("r1", [segment(number) for number in range(100)], 100, done=True)
    assert (message["from"], len(message["segments"]), message["done"]) == (0, 100, True)


def test_the_overlap_does_not_change_where_paragraphs_begin() -> None:
    times = [0.0, 0.5, 5.0, 5.5]
    segments = [segment(number, word(start=time)) for number, time in enumerate(times)]
    whole = messages.transcript_message("r1", segments, 0, done=True)["segments"]
    assert [s["paragraph"] for s in whole] == [True, False, True, False]
    assert messages.transcript_message("r1", segments, 3, done=False)["segments"] == whole


def test_languages_without_spaces_are_joined_without_them_and_javanese_gets_its_browser_code() -> None:
    segments = [segment(0, language="ja"), segment(1, language="jw")]
    japanese, javanese = messages.transcript_message("r1", segments, 0, done=True)["segments"]
    assert (japanese["spaced"], japanese["lang"]) == (False, "ja")
    assert (javanese["spaced"], javanese["lang"]) == (True, "jv")


def test_the_facts_name_language_certainty_length_words_model_aligner_and_speed() -> None:
    found = dict(
        messages.summary_facts(transcript(segment(0, word(), word("x", 1.0, 0.2))), seconds_taken=7.52)
    )
    assert found == {
        "language": "en",
        "certainty": "99 %",
        "duration": "1:15",
        "words": "2",
        "doubtful": "1",
        "model": "base",
        "aligner": "attention",
        "speed": "10.0",
    }


def test_facts_that_are_not_known_are_left_out() -> None:
    silent = transcript(language=None, language_probability=0.0)
    assert [key for key, _ in messages.summary_facts(silent, 0.0)] == [
        "duration",
        "words",
        "model",
        "aligner",
    ]
    assert "certainty" not in dict(
        messages.summary_facts(transcript(segment(0), language_probability=1.0), 1.0)
    )


def test_the_page_is_told_the_contract_without_words_and_the_facts() -> None:
    made = transcript(segment(0, word(), word("x", 1.0, 0.2)), warnings=("Listen.",))
    told = messages.page_meta(made, seconds_taken=7.52)
    assert told["transcript"].keys() == made.to_dict().keys() - {"text", "segments", "word_segments"}
    assert told["facts"] == [list(fact) for fact in messages.summary_facts(made, 7.52)]
    assert json.loads(json.dumps(told)) == told


def test_the_time_left_is_the_engine_s_estimate() -> None:
    progress = messages.progress(Update("transcribing", 30.0, 120.0, seconds_left=31.5))
    assert (progress.part, progress.seconds_left) == (0.25, 31.5)


@pytest.mark.parametrize(
    "update", [Update("loading"), Update("reading", 0.0, 60.0), Update("done", 60.0, 60.0, seconds_left=0.0)]
)
def test_no_time_left_is_told_without_something_to_go_by_or_at_the_end(update: Update) -> None:
    assert messages.progress(update).seconds_left is None


def test_a_header_that_promised_less_never_gives_more_than_all() -> None:
    assert messages.progress(Update("transcribing", 61.0, 60.0)).part == 1.0


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.4, "0:00"), (59.9, "0:59"), (754.0, "12:34"), (3723.0, "1:02:03")]
)
def test_durations_read_like_a_clock(seconds: float, shown: str) -> None:
    assert messages.clock(seconds) == shown


@pytest.mark.parametrize(("part", "shown"), [(0.9996, "99 %"), (1.0, "100 %"), (0.514, "51 %")])
def test_only_certainty_is_called_a_hundred_percent(part: float, shown: str) -> None:
    assert messages.percent(part) == shown
