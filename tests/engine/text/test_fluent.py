"""The text without fillers and repeats reads on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine import Segment, Transcript, Word
from engine.text.fluent import fluent_texts, with_marks, without_disfluencies
from engine.text.segments import make_segment


def segment(text: str, language: str = "en", start: float = 0.0, speaker: str | None = None) -> Segment:
    """A segment whose words, set apart by spaces or by "|", last 0.4 s each."""
    texts = text.split("|") if "|" in text else text.split()
    words = [
        Word(word, start + 0.5 * at, start + 0.5 * at + 0.4, 0.9, "aligned") for at, word in enumerate(texts)
    ]
    return replace(make_segment(words, 0, language, -0.1, 0.0), speaker=speaker)


def transcript(*segments: Segment) -> Transcript:
    numbered = tuple(replace(each, id=number) for number, each in enumerate(segments))
    return Transcript(segments[0].language, 0.9, 60.0, numbered, "base", "phonetic")


@pytest.mark.parametrize(
    ("language", "spoken", "fluent"),
    [
        (
            "en",
            "Um, well, I, I uh think, um, the the train is late, uh.",
            "Well, I think, the train is late.",
        ),
        ("en", "So... um... I think I think it's it's fine, hmm?", "So... I think it's fine?"),
        ("en", "“Um, we we go,” he said.", "“We go,” he said."),
        ("en", "He said “no, um.” Then he left.", "He said “no.” Then he left."),
        ("en", "Um. Uh.", ""),
        ("en", "The the end.", "The end."),
        ("de", "Ähm, wir, wir kommen, äh, morgen.", "Wir kommen, morgen."),
        ("fr", "Euh, je je ne sais pas, euh.", "Je ne sais pas."),
        ("es", "¿Em, el el tren llega?", "¿El tren llega?"),
        ("ja", "えっと、|今日|は、|あの、|晴れ。", "今日は、晴れ。"),
        ("zh", "呃，|我|我|觉得|很|好，|嗯，|对。", "我觉得很好，对。"),
    ],
)
def test_a_sentence_stays_well_formed(language: str, spoken: str, fluent: str) -> None:
    clean, _ = without_disfluencies(transcript(segment(spoken, language)))
    assert clean.text == fluent


def test_a_segment_of_fillers_hands_on_its_capital_and_its_end() -> None:
    told = [segment("Um,"), segment("we went home,", start=3), segment("uh.", start=8)]
    assert fluent_texts(told) == [[None], ["We", "went", "home."], [None]]


def test_a_filler_of_another_person_changes_nobody_else_s_sentence() -> None:
    told = [segment("We went home,", speaker="A"), segment("Um.", start=3, speaker="B")]
    told += [segment("and slept.", start=6, speaker="A")]
    assert fluent_texts(told) == [["We", "went", "home,"], [None], ["and", "slept."]]


def test_words_keep_their_times_and_segments_their_ids() -> None:
    whole = transcript(segment("Um."), segment("I, I, uh, go.", start=4))
    clean, places = without_disfluencies(whole)
    assert [each.id for each in clean.segments] == [1]
    assert [(word.word, word.start, word.end) for word in clean.words] == [
        ("I,", 4.5, 4.9),
        ("go.", 5.5, 5.9),
    ]
    assert [whole.words[place].start for place in places] == [4.5, 5.5]
    assert (clean.segments[0].start, clean.segments[0].end) == (4.5, 5.9)
    assert len(whole.words) == 5, "nothing is removed from the result"


def test_what_was_chosen_at_a_word_left_out_goes_to_its_neighbours() -> None:
    told = segment("we went, um, uh, home.")
    first, went, um, uh, home = told.words
    chosen = (first, went, replace(um, cue_end=1.2), replace(uh, cue=True, cue_start=1.4), home)
    starts = replace(segment("Um.", start=9), paragraph=True)
    clean, _ = without_disfluencies(
        transcript(replace(told, words=chosen), starts, segment("Yes.", start=12))
    )
    assert clean.words[1].cue_end == 1.2
    assert (clean.words[2].cue, clean.words[2].cue_start) == (True, 1.4)
    assert clean.segments[1].paragraph is True


def test_the_words_of_another_program_are_marked_first() -> None:
    told = segment("Um, I go.")
    bare = replace(told, words=tuple(replace(word, disfluency=None) for word in told.words))
    assert without_disfluencies(transcript(bare))[0].text == "I go."
    # One that has marks knows better: "like" may be a filler there.
    told = segment("Um, we like go.")
    words = [replace(word, disfluency="filler" if word.word == "like" else None) for word in told.words]
    own = transcript(replace(told, words=tuple(words)))
    assert with_marks(own) is own
    assert without_disfluencies(own)[0].text == "Um, we go."
