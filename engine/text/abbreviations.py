"""Tables for the ends of sentences: abbreviations by kind, ordinals, and words that begin sentences.

Words stand in lower case and without their last full stop; letters with full stops between them stand without spaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ANY = ""  # the words of all languages
# A name follows, so that no sentence ends after these.
_TITLES = {
    ANY: "mr mrs ms dr prof st",
    "en": "sgt lt capt col gen maj cmdr adm rev hon sen rep gov pres messrs mt",
    "de": "hr hrn fr frl dipl ing mag priv.-doz",
    "fr": "m mm mme mmes mlle mlles me mgr ste",
    "es": "sr sra srta sres sras dra dn dña ud uds",
    "pt": "sr sra srta dra",
    "it": "dott dott.ssa sig sig.ra sigg avv on",
    "nl": "mej mevr dhr drs",
}
# What they introduce follows.
_CONNECTIVES = {
    ANY: "e.g i.e cf vs viz approx ca al",
    "de": "z.b d.h u.a u.ä o.ä i.d.r bzw vgl resp sog ggf evtl inkl exkl zzgl bspw s.o s.u m.e z.t v.a nr tel",
    "fr": "c.-à-d p.ex par.ex ex env av bd",
    "es": "p.ej ej pag",
    "pt": "p.ex ex",
    "it": "p.es es ecc.es",
    "nl": "bijv d.w.z o.a m.b.t",
    "ru": "т.е",
}
# They end a list, so that a capital letter after them begins a sentence.
_LIST_ENDS = {
    ANY: "etc etcetera",
    "de": "usw u.s.w",
    "it": "ecc",
    "nl": "enz",
    "ru": "т.д т.п",
}
# A number follows; before other words these are words of their own, such as the answer "No."
_BEFORE_NUMBERS = {
    ANY: "no p pp vol fig art cap",
    "en": "nos pg vols figs arts sec secs ch chap par para ver jan feb mar apr jun jul aug sep sept oct nov dec",
    "de": "s abs bd kap abb tab anm rn ziff hrsg jan feb apr aug sept okt nov dez",
    "fr": "n° num chap t janv févr avr juil sept oct nov déc",
    "es": "núm núms pág págs caps t",
    "pt": "núm pág cap",
    "it": "pag n",
}
# They may end a sentence; then one of the words that begin sentences follows.
_OTHERS = {
    ANY: "inc ltd co corp bros jr llc plc ph.d phd md m.d b.a m.a u.s u.k u.n e.u",
    "en": "sr jun esq dept univ assn ave blvd rd ft d.c b.c a.d a.m p.m",
    "de": "gmbh ag e.v n.chr v.chr str",
    "fr": "cie sté j.-c s.a s.a.r.l",
    "it": "s.p.a s.r.l",
    "es": "s.a s.l",
}
# Languages that write ordinals with a full stop.
ORDINALS = _words("de da no nn nb fi is cs sk pl hu hr sr bs sl et lv tr fo lb az eu mk")
# Of these, German and Luxembourgish write nouns with capital letters, also after an ordinal.
CAPITAL_NOUNS = _words("de lb")

# Words that have a capital letter only if they begin a sentence.
_STARTERS: Mapping[str, frozenset[str]] = {
    "en": _words(
        "he she it we they you the this that these those there here then and but or so in on at after before when "
        "while if as for from with without what who how why where my our your his her its their an a now yes no not "
        "every each some many most all both another one two three however meanwhile later today tomorrow yesterday "
        "since because although though once until let please do did does was were is are have has had can could "
        "will would should maybe perhaps nobody everybody everyone nothing everything just only even still also"
    ),
    "de": _words(
        "er sie es wir ihr ich du der die das den dem des ein eine einen einem einer eines dieser diese dieses "
        "diesen diesem jener jene und aber oder denn doch so da dann danach dort hier heute morgen gestern jetzt "
        "nun später damals im in am an auf aus bei bis durch für gegen mit nach ohne seit über um unter von vor zu "
        "zum zur zwischen wenn weil als ob obwohl nachdem während bevor was wer wie wo warum wann mein meine dein "
        "sein seine unser unsere euer ihre kein keine nicht nur auch noch schon sehr viele alle jeder jede man "
        "vielleicht deshalb darum trotzdem außerdem schließlich zuerst zuletzt ja nein bitte also dabei dazu "
        "darauf daraufhin seitdem manchmal immer nie niemand jemand alles etwas nichts es's war ist sind hat haben"
    ),
    "fr": _words(
        "il elle ils elles on nous vous je tu le la les l' un une des ce cet cette ces c'est c'était et mais ou donc "
        "or ni car puis ensuite alors après avant aujourd'hui hier demain maintenant ici là dans en au aux à de du "
        "sur sous avec sans pour par chez depuis pendant quand si comme que qui où pourquoi comment mon ma mes ton "
        "ta tes son sa ses notre nos votre vos leur leurs tout tous toute toutes plusieurs chaque oui non ne pas "
        "cependant pourtant enfin d'abord aussi ainsi peut-être plus"
    ),
    "es": _words(
        "él ella ellos ellas yo tú nosotros usted el la los las un una unos y pero o entonces luego después antes "
        "hoy ayer mañana ahora aquí allí en de del al a con sin por para desde cuando si como que quién dónde mi su "
        "sus este esta estos estas ese esa todo todos sí no también es era fue hay"
    ),
    "it": _words(
        "lui lei noi voi loro io tu il lo la i gli le un una e ma o poi dopo prima oggi ieri domani adesso qui in di "
        "a da con su per tra quando se come che chi dove questo questa questi sì no anche è era c'è"
    ),
    "pt": _words(
        "ele ela eles elas eu tu nós você o a os as um uma e mas ou depois antes hoje ontem amanhã agora aqui em no "
        "na de do da com sem por para quando se como que quem onde este esta isso sim não também é era foi há"
    ),
    "nl": _words(
        "hij zij ze het we wij jullie ik je jij de een en maar of dan toen daarna daar hier vandaag gisteren morgen nu "
        "in op aan bij met zonder voor na van uit om als omdat terwijl wat wie hoe waar waarom mijn zijn haar ons dit "
        "dat deze die ja nee ook er is was"
    ),
}


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """The abbreviations of a language, by what may follow."""

    titles: frozenset[str]
    connectives: frozenset[str]
    list_ends: frozenset[str]
    before_numbers: frozenset[str]
    others: frozenset[str]


@cache
def abbreviations(language: str) -> Abbreviations:
    """Returns the abbreviations of a language, with those of all languages."""
    tables = (_TITLES, _CONNECTIVES, _LIST_ENDS, _BEFORE_NUMBERS, _OTHERS)
    return Abbreviations(*(_words(f"{table[ANY]} {table.get(language, '')}") for table in tables))


def begins_sentence(word: str, language: str) -> bool:
    """Returns whether a word with a capital letter stands at the beginning of a sentence."""
    known = _STARTERS.get(language, frozenset())
    low = word.lower().replace("’", "'")
    return low in known or low.removesuffix("n't") in known or low.partition("'")[0] in known
