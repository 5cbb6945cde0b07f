"""Which speaker a word has, and where a segment is cut for it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diarization.turns import Turn
from engine.text.interleaving import ChannelTimeline, interleave
from engine.text.speaker_labels import TurnIndex, labelled, speaker_runs, split_by_speaker
from engine.transcript import Segment
from tests.support.transcripts import sentence

TURNS = (Turn(0.0, 2.0, 0), Turn(2.0, 4.0, 1), Turn(6.0, 8.0, 0))


@pytest.mark.parametrize(
    ("start", "end", "speaker"),
    [
        (0.5, 1.0, 0),
        (1.8, 2.6, 1),  # most of it
        (1.2, 2.4, 0),
        (4.5, 4.7, 1),  # nearest
        (5.5, 5.7, 0),
        (9.0, 9.5, 0),
        (2.5, 2.5, 1),  # without length
    ],
)
def test_a_word_has_the_speaker_of_most_overlap_or_else_of_the_nearest_turn(
    start: float, end: float, speaker: int
) -> None:
    assert TurnIndex(TURNS).speaker_of(start, end) == speaker


def test_without_turns_nobody_is_known() -> None:
    assert TurnIndex(()).speaker_of(0.0, 1.0) is None


_times = st.floats(0, 20, allow_nan=False)


@given(st.lists(st.tuples(_times, st.integers(0, 2)), min_size=1, max_size=8), _times, _times)
def test_the_rule_is_that_of_a_plain_search(edges: list[tuple[float, int]], one: float, two: float) -> None:
    edges.sort()
    turns = [Turn(a, b, who) for (a, who), (b, _) in pairwise(edges) if a < b]
    start, end = sorted((one, two))
    shared = {
        who: sum(max(0.0, min(t.end, end) - max(t.start, start)) for t in turns if t.speaker == who)
        for who in {t.speaker for t in turns}
    }
    found = TurnIndex(turns).speaker_of(start, end)
    if not turns:
        assert found is None
    elif max(shared.values()) > 0:
        assert shared[found] == pytest.approx(max(shared.values()))
    else:
        distance = {t: max(t.start - end, start - t.end, 0.0) for t in turns}
        assert found in {t.speaker for t in turns if distance[t] == pytest.approx(min(distance.values()))}


def said(text: str, who: str, start: float = 0.0) -> Segment:
    """A sentence of which each letter of `who` is the speaker of a word; a dot is nobody."""
    made = sentence(text, start)
    words = (
        replace(word, speaker=None if letter == "." else letter)
        for word, letter in zip(made.words, who, strict=True)
    )
    return replace(made, words=tuple(words))


@pytest.mark.parametrize(
    ("who", "parts"),
    [
        ("AAAAAA", ["AAAAAA"]),
        ("AAABBB", ["AAA", "BBB"]),
        ("AABAAA", ["AABAAA"]),  # a single word does not cut
        ("AAAAAB", ["AAAAAB"]),
        ("BAAAAA", ["BAAAAA"]),
        ("AABBAA", ["AA", "BB", "AA"]),
        ("ABABAB", ["ABABAB"]),
        ("AABABB", ["AABA", "BB"]),
        ("AA..BB", ["AA..", "BB"]),
        ("....AA", ["....AA"]),
        ("......", ["......"]),
    ],
)
def test_a_segment_is_cut_where_the_speaker_changes_for_more_than_a_word(who: str, parts: list[str]) -> None:
    runs = speaker_runs(said("one two three four five six", who).words)
    assert ["".join(word.speaker or "." for word in run) for run in runs] == parts


def test_the_parts_are_whole_segments_of_their_speakers() -> None:
    one, two = split_by_speaker(said("How are you? Quite well.", "AAABB"))
    assert (one.text, one.speaker, one.start, one.end) == ("How are you?", "A", 0.0, 1.2)
    assert (two.text, two.speaker, two.start, two.end) == ("Quite well.", "B", 1.2, 2.0)


@given(st.lists(st.text("AB.", min_size=1, max_size=9), max_size=4))
def test_cutting_loses_no_word_and_numbers_segments_anew(sentences: list[str]) -> None:
    segments = [said("w " * len(who), who, 10.0 * n) for n, who in enumerate(sentences)]
    bare = [
        replace(made, words=tuple(replace(word, speaker=None) for word in made.words)) for made in segments
    ]
    labels = [word.speaker for made in segments for word in made.words]
    cut = labelled(bare, labels, 5)
    assert [word for made in cut for word in made.words] == [word for made in segments for word in made.words]
    assert [made.id for made in cut] == list(range(5, 5 + len(cut)))
    assert all(made.text == " ".join(word.word for word in made.words) for made in cut)


# Channels


def on(text: str, who: str, start: float) -> Segment:
    made = sentence(text, start)
    return replace(made, speaker=who, words=tuple(replace(word, speaker=who) for word in made.words))


def shown(segments: list[Segment]) -> list[tuple[str, str | None]]:
    return [(made.text, made.speaker) for made in segments]


def test_a_single_word_of_the_other_stays_in_the_sentence() -> None:
    merged = interleave([on("I think we should go.", "A", 0.0), on("Yes.", "B", 0.5)])
    assert shown(merged) == [("I think Yes. we should go.", "A")]
    assert [word.speaker for word in merged[0].words] == ["A", "A", "B", "A", "A", "A"]


def test_more_words_of_the_other_cut_the_sentence() -> None:
    pausing = on("one two three four", "A", 0.0)
    late = [replace(word, start=word.start + 2, end=word.end + 2) for word in pausing.words[2:]]
    pausing = replace(pausing, words=(*pausing.words[:2], *late), end=3.6)
    merged = interleave([pausing, on("oh no", "B", 1.0)])
    assert shown(merged) == [("one two", "A"), ("oh no", "B"), ("three four", "A")]


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 40), st.integers(1, 6)), max_size=6),
    st.lists(st.integers(0, 60), max_size=4),
)
def test_the_time_line_keeps_every_word_in_order(
    spoken: list[tuple[int, int, int]], releases: list[int]
) -> None:
    made: dict[int, list[Segment]] = {0: [], 1: []}
    for channel, start, count in sorted(spoken, key=lambda item: item[1]):
        start = max([start, *(segment.end for segment in made[channel])])
        made[channel].append(sentence("w " * count, start))
    timeline = ChannelTimeline()
    for channel, segments in made.items():
        timeline.add(channel, segments)
    out = [segment for until in [*sorted(releases), 10**6] for segment in timeline.release(until)]
    words = [word for segment in out for word in segment.words]
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert len(words) == sum(count for _, _, count in spoken)
    assert [segment.id for segment in out] == list(range(len(out)))
    if words:
        assert words[0].speaker == "SPEAKER_00"
        assert len({word.speaker for word in words}) == len({channel for channel, _, _ in spoken})


def test_nothing_is_released_before_the_other_channel_is_known() -> None:
    timeline = ChannelTimeline()
    timeline.add(0, [sentence("one two", 0.0), sentence("three four", 5.0)])
    assert timeline.release(0.5) == []
    assert shown(timeline.release(1.0)) == [("one two", "SPEAKER_00")]
    timeline.add(1, [sentence("yes", 3.0)])
    assert shown(timeline.release(100.0)) == [("yes", "SPEAKER_01"), ("three four", "SPEAKER_00")]
