"""Words by which lines of subtitles break well or badly, by language.

A line begins well with a conjunction, a relative pronoun or a preposition. It ends badly with a word that belongs to
the next one: an article, a possessive, a preposition, an auxiliary.
"""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OPENERS: Mapping[str, frozenset[str]] = {
    "en": _words(
        "and but or nor so yet because although though since unless until while when whenever where wherever "
        "whether if that which who whom whose as than before after about above across against along among "
        "around at behind below beneath beside between beyond by despite down during except for from in "
        "inside into like near of off on onto over past through throughout to toward towards under up upon "
        "with within without"
    ),
    "de": _words(
        "und aber oder denn sondern doch weil obwohl wenn als ob dass daß damit bevor nachdem während bis "
        "seit sobald solange falls wo wohin woher wie der die das dem den welche welcher welches an auf aus "
        "bei durch für gegen hinter in im ins am mit nach neben ohne seit über um unter von vom vor zu zum "
        "zur zwischen"
    ),
    "fr": _words(
        "et mais ou où donc or ni car que qu'il qu'elle qu'on qui dont lequel laquelle quand lorsque comme si "
        "parce puisque afin pour à au aux avec chez contre dans de des du d'un d'une depuis derrière devant "
        "en entre par parmi pendant sans selon sous sur vers"
    ),
    "es": _words(
        "y e pero o u sino porque aunque cuando donde como si que quien quienes cuyo cuya mientras pues para "
        "por a al ante bajo con contra de del desde en entre hacia hasta según sin sobre tras"
    ),
    "it": _words(
        "e ed ma o oppure perché anche quando dove come se che cui chi mentre quindi per a ad al alla con "
        "contro da dal dalla di del della dei in nel nella fra tra su sul sulla senza verso"
    ),
    "pt": _words(
        "e mas ou porque embora quando onde como se que quem cujo enquanto pois para por a ao à com contra de "
        "do da dos das desde em no na entre até sem sob sobre"
    ),
    "nl": _words(
        "en maar of want dus omdat hoewel wanneer als toen dat die wie waar zodat terwijl voordat nadat tot "
        "aan achter bij boven door in langs met na naar naast om onder op over per sinds te tegen tussen uit "
        "van voor zonder"
    ),
    "sv": _words(
        "och men eller för så att som när där om medan eftersom innan efter av från i med mot på till under "
        "utan"
    ),
    "pl": _words(
        "i a ale lub albo więc że który która które gdy kiedy gdzie jak jeśli bo ponieważ do na od o po przez "
        "w z za"
    ),
    "ru": _words(
        "и а но или что чтобы который которая которые когда где как если потому хотя в на с к по из от до за "
        "о у для"
    ),
}

BINDERS: Mapping[str, frozenset[str]] = {
    "en": _words(
        "a an the this that these those my your his her its our their some any no every each both either "
        "neither and or but if because although as at by for from in into of off on onto to with without "
        "about over under between through very too so more most quite really not i he she we they you it's "
        "i'm he's she's we're they're you're is are was were be been am do does did has have had can could "
        "will would shall should may might must who which mr. mrs. ms. dr. prof. st."
    ),
    "de": _words(
        "der die das den dem des ein eine einen einem einer eines dieser diese dieses diesen diesem mein "
        "meine meinen dein deine sein seine seinen seiner ihr ihre ihren unser unsere euer kein keine keinen "
        "jeder jede jedes und oder aber an auf aus bei durch für gegen in im ins am mit nach ohne über um "
        "unter von vom vor zu zum zur zwischen sehr zu so nicht ich er sie es wir ihr du man ist sind war "
        "waren hat haben hatte kann wird werden weil dass daß wenn als dr. prof. herr frau"
    ),
    "fr": _words(
        "le la les l' un une des du de d' au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre nos "
        "votre vos leur leurs quelques plusieurs chaque et ou mais à en dans sur sous avec sans pour par chez "
        "très trop plus moins je tu il elle on nous vous ils elles se me te ne n' y est sont était a ai as "
        "ont avait que qui si m. mme mlle dr."
    ),
    "es": _words(
        "el la los las un una unos unas mi mis tu tus su sus este esta estos estas ese esa aquel aquella y o "
        "pero a al de del en con sin por para muy más tan no se me te le lo es son era está están ha han que "
        "si sr. sra. dr."
    ),
    "it": _words(
        "il lo la i gli le l' un uno una mio mia tuo tua suo sua nostro vostro loro questo questa e o ma a al "
        "di del della da dal in nel con per su molto più non si mi ti è sono era ha hanno che se sig. dott."
    ),
    "pt": _words(
        "o a os as um uma uns umas meu minha teu tua seu sua nosso nossa este esta esse essa e ou mas ao à de "
        "do da em no na com sem por para muito mais tão não se me te é são era está tem que sr. sra. dr."
    ),
    "nl": _words(
        "de het een mijn jouw zijn haar ons onze hun dit dat deze die geen elke ieder en of maar aan bij door "
        "in met na naar om op over te tot uit van voor zonder zeer heel niet ik hij zij ze we wij je jij is "
        "was heeft had kan wil wordt"
    ),
    "sv": _words(
        "en ett den det de min mitt din sin hans hennes vår och eller men av i med på till för inte jag han "
        "hon vi är"
    ),
    "pl": _words(
        "i a ale lub nie w z na do od po o za bardzo mój moja twój jego jej nasz ten ta to jest są był"
    ),
    "ru": _words("и а но или не в на с к по из от до за о у для очень мой моя твой его её наш этот эта это"),
}
