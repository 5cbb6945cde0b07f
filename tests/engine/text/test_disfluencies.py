"""Fillers and repeats are marked, and what only looks like them is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine import Word
from engine.languages import LANGUAGES
from engine.text.disfluencies import AT_ONCE
from engine.text.disfluent_words import BETWEEN_PAUSES, FILLERS, RESTARTED
from engine.text.segments import make_segment, mark_disfluencies

# Sentences of six languages and more. A filler stands in {}, a repeat in []; words are set apart by spaces, in
# languages without spaces by "|".
SENTENCES = [
    ("en", "{Um,} well, [I,] I {uh} think [the] the train is {er} late."),
    ("en", "[I] {uh,} I said [I] [think] I think so."),
    ("en", "[th-] the door, [wh-] what a [dif–] different day"),
    ("en", "{Hmm...} [it's] [it's] it's {uhm,} fine."),
    ("en", "{Um.}"),
    ("en", "He had had enough, and I know that that is very, very, very far."),
    ("en", "No, no, no! I do, I do. Bye bye."),
    ("en", "It grew day by day by day, again and again and again."),
    ("en", "What it is made of, of course, and log in in May; what it was was 5 um wide."),
    ("en", "In the ER they say yes. The UM team, mm-hmm, uh-huh."),
    ("en", "and so on and so on and so on and so on and so on and so on"),
    ("en", "The film I. I think it was long."),
    ("de", "{Äh,} [ich] ich glaube, {ähm,} um vier kommt er."),
    ("de", "Die Leute, die die Stadt sehen, er eh kennt. Sie, eh? Das, {eh,} weiß ich."),
    ("de", "Aber, aber, meine Herren! Er steigt ein, ein Fehler."),
    ("fr", "{Euh,} [je] je ne sais pas, {euh,} [c'est] c'est loin."),
    ("fr", "Nous nous levons, elle, elle parle ; vous vous trompez, hein ?"),
    ("es", "{Eh...} [el] el tren, {este,} no sé, {em} llega tarde."),
    ("es", "Este año sí, ¿eh?, no este mes."),
    ("it", "{Ehm,} [il] il treno è in ritardo."),
    ("pt", "{Hm,} [o] o trem atrasou, {é,} acho."),
    ("nl", "{Uh,} [ik] ik weet het niet, er is eh er."),
    ("ja", "{えっと、}|今日|は|{えー}|いい|天気|です。"),
    ("ja", "{え}|{ー}|{と、}|今日|は、|{あの、}|晴れ。"),
    ("ja", "いろいろ|な|人々|が|あの|家|に|いる|ええ。"),
    ("zh", "{呃，}|[我]|我|觉得，|{嗯，}|很|好。"),
    ("zh", "看|看|吧，|慢|慢|来，|我们，|我们|都|来。"),
    ("zh", "嗯。"),
    ("ru", "{Эм,} я {э...} не знаю."),
    ("ko", "{음,} 저는, {그,} 모르겠어요."),
    ("hi", "हाँ हाँ ठीक है।"),
]


def said(marked: str) -> tuple[list[Word], list[str | None]]:
    """Returns the words of a marked sentence, half a second each, and their marks."""
    kinds = {"{": "filler", "[": "repeat"}
    texts = marked.split("|") if "|" in marked or marked == "嗯。" else marked.split()
    words = [
        Word(text.strip("{}[]"), 0.5 * at, 0.5 * at + 0.4, 0.9, "aligned") for at, text in enumerate(texts)
    ]
    return words, [kinds.get(text[0]) for text in texts]


@pytest.mark.parametrize(("language", "marked"), SENTENCES)
def test_fillers_and_repeats_alone_are_marked(language: str, marked: str) -> None:
    words, kinds = said(marked)
    found = mark_disfluencies(words, language)
    assert [(word.word, word.disfluency) for word in found] == [
        (word.word, kind) for word, kind in zip(words, kinds, strict=True)
    ]


def test_a_word_that_comes_later_is_no_repeat() -> None:
    late = [Word("I", 0.0, 0.2, 0.9, "aligned"), Word("I", 0.21 + AT_ONCE, 1.5, 0.9, "aligned")]
    assert mark_disfluencies([*late, Word("go", 1.6, 1.8, 0.9, "aligned")], "en")[0].disfluency is None


def test_what_another_person_says_is_no_repeat() -> None:
    words, _ = said("I I go.")
    others = [replace(word, speaker=label) for word, label in zip(words, "ABB", strict=True)]
    assert [word.disfluency for word in mark_disfluencies(others, "en")] == [None, None, None]
    alone = [replace(word, speaker="A") for word in words]
    assert mark_disfluencies(alone, "en")[0].disfluency == "repeat"


def test_a_segment_has_the_marks_of_its_text() -> None:
    words, _ = said("{Um,} I go.")
    segment = make_segment(words, 0, "en", -0.1, 0.0)
    assert segment.words[0].to_dict()["disfluency"] == "filler"
    assert "disfluency" not in segment.words[1].to_dict()
    assert segment.text == "Um, I go."
    changed = [segment.words[0].from_dict({**segment.words[0].to_dict(), "word": "Then"}), *segment.words[1:]]
    assert make_segment(changed, 0, "en", -0.1, 0.0).words[0].disfluency is None


def test_the_tables_hold_plain_words_of_known_languages() -> None:
    for table in (FILLERS, BETWEEN_PAUSES, RESTARTED):
        assert table.keys() <= LANGUAGES.keys()
        for words in table.values():
            assert all(word == word.casefold() for word in words)
    for language, always in FILLERS.items():
        assert not always & BETWEEN_PAUSES.get(language, frozenset())
