"""Chinese and Serbian in either script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.text.scripts import write_segments, write_text
from engine.transcript import Segment, Word


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        (
            "Ljubazni fenjerdžija čađavog lica hoće da mi pokaže štos.",
            "Љубазни фењерџија чађавог лица хоће да ми покаже штос.",
        ),
        ("NJEGOŠ i Njegoš", "ЊЕГОШ и Његош"),
        ("DŽEP, Džep, džep", "ЏЕП, Џеп, џеп"),
        ("injekcija i konjugacija", "инјекција и конјугација"),
        ("nadživeti", "надживети"),
        ("Tanjug", "Танјуг"),
    ],
)
def test_serbian_goes_both_ways(latin: str, cyrillic: str) -> None:
    assert write_text(latin, "cyrillic") == cyrillic
    assert write_text(cyrillic, "latin") == latin


@given(st.text(st.sampled_from("абвгдђежзијклљмнњопрстћуфхцчџш ,.!АБЂЈЉЊЋЏ"), max_size=40))
def test_latin_has_a_sign_for_every_cyrillic_one(text: str) -> None:
    assert not set(write_text(text, "latin").lower()) & set("абвгдђежзијклљмнњопрстћуфхцчџш")


def test_chinese_is_written_by_the_words_around_a_sign() -> None:
    assert write_text("头发后面的皇后发现了", "traditional") == "頭髮後面的皇后發現了"
    assert write_text("頭髮後面的皇后發現了", "simplified") == "头发后面的皇后发现了"


def _segment(language: str, *texts: str) -> Segment:
    words = tuple(Word(text, float(at), at + 0.5, 0.9, "aligned", 0.8) for at, text in enumerate(texts))
    return Segment(0, 0.0, float(len(texts)), "".join(texts), language, words, -0.2, 0.1)


def test_words_keep_their_times_and_a_word_is_seen_with_its_neighbours() -> None:
    (found,) = write_segments([_segment("zh", "头", "发", "很", "长")], "traditional")
    assert [word.word for word in found.words] == ["頭", "髮", "很", "長"]
    assert found.text == "頭髮很長"
    assert [(word.start, word.score) for word in found.words] == [(float(at), 0.8) for at in range(4)]


def test_other_languages_stay_as_they_are() -> None:
    segments = [_segment("ja", "学", "校"), _segment("hr", "njegov")]
    assert write_segments(segments, "traditional") == segments
    assert write_segments(segments, "cyrillic") == segments
