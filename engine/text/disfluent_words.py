"""The words of the marks "filler" and "repeat", by language.

The tables are narrow: a word that a language also uses for something else is left out, or stands among the fillers
that count between pauses alone. German "um" and "er", for example, are no fillers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Disfluency = Literal["filler", "repeat"]
DISFLUENCIES: tuple[Disfluency, ...] = get_args(Disfluency)

_Words = frozenset[str]


def _words(text: str) -> _Words:
    return frozenset(text.split())


# Sounds of hesitation as Whisper writes them: nothing else is written so. Small letters, without punctuation.
FILLERS: Mapping[str, _Words] = {
    "en": _words("um umm uhm uhmm uh uhh er erm hm hmm hmmm mmm"),
    "de": _words("äh ähh ähm ähmm öh öhm ehm hm hmm hmmm"),
    "fr": _words("euh euhh euhm heu hm hmm hmmm"),
    "es": _words("ehm ehmm eeh eee em hm hmm hmmm mmm"),
    "it": _words("ehm ehmm uhm eeh hm hmm hmmm mmm"),
    "pt": _words("ãh ahn ahm ehm hm hmm hmmm"),
    "nl": _words("uh uhh uhm euh ehm hm hmm hmmm"),
    "sv": _words("öh öhm eh ehm hm hmm"),
    "da": _words("øh øhm hm hmm"),
    "no": _words("eh ehm øh hm hmm"),
    "fi": _words("öö ööh öm hm hmm"),
    "pl": _words("yyy yyyy eee ehm hm hmm"),
    "ru": _words("э ээ эээ эм эмм гм хм хмм ммм"),
    "uk": _words("е-е ее еее гм хм хмм ммм"),
    "ja": _words(
        "えー えーと えーっと えっと えーとー ええと えと あのー あのう うーん うーんと んー えーっとー"
    ),
    "zh": _words("呃 呃呃"),
    "yue": _words("呃 呃呃"),
    "ko": _words("음 으음 어어 에또"),
}

# Words that are fillers if a comma or an ellipsis follows and they begin the sentence or follow a comma: Spanish
# "y, este, no sé" hesitates, and "este año" does not. Chinese 嗯 alone is an answer.
BETWEEN_PAUSES: Mapping[str, _Words] = {
    "es": _words("eh este"),
    "pt": _words("é eh"),
    "de": _words("eh"),
    "it": _words("eh"),
    "nl": _words("eh"),
    "ja": _words("あの その"),
    "zh": _words("嗯 嗯嗯 额"),
    "yue": _words("嗯 唔"),
    "ko": _words("어 그 저"),
}

# Words that neither grammar nor emphasis says twice, not even with a comma between them. "had had", "that that", German
# "die die" and French "elle, elle parle" are right, and a preposition may end one clause and begin the next ("what it
# is made of, of course"); such words are left out.
RESTARTED: Mapping[str, _Words] = {
    "en": _words(
        "i i'm i've i'd i'll the a an and but or if because we we're we've he she they they're it's my our their your "
        "he's she's you're there's could would"
    ),
    "de": _words("ich wir er es eine einen einem einer und oder im von für dass wenn weil mein meine"),
    "fr": _words("je j'ai le les un une des du et mais dans il on ils c'est mon ma qui"),
    "es": _words("yo el los las un una de del y pero en con por mi su es al como porque"),
    "it": _words("io il i gli un una di del della ma con per perché"),
    "pt": _words("eu o os um uma de do da e mas em no na com porque"),
    "nl": _words("ik de het een en maar we"),
    "zh": _words("我 我们 我們 他 她 他们 他們"),
}
