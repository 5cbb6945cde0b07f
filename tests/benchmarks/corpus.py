"""Speech with exactly known word times, in two parts that share no sentence and no voice, and what is
done to it to make it hard.

Thresholds are chosen on `tune`; what is claimed comes from `report`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tests.benchmarks import flite
from tests.support.synthesis import Recording, echoing, joined, noisy, speak, telephoned

Part = Literal["tune", "report"]

HARBOUR = (
    "I was just telling them that we should probably leave before it gets dark.",
    "The old harbour was quiet this morning, and nobody answered the bell.",
    "You know, it's not really what I wanted, but I guess it will do for now.",
    "Please remember to close every window before you go to bed.",
    "She said that her brother bought fresh bread, green apples and strong coffee.",
    "What do you think about the plan they showed us at the meeting?",
    "It took us almost an hour to find the right street, because the map was wrong.",
    "Science moves slowly until somebody asks a better question.",
)
STATION = (
    "He didn't say much, he only looked at the floor and waited.",
    "If I had known that you were coming, I would have made some more food.",
    "Stop here, look around, then walk on.",
    "There are a lot of people who still believe that winter will arrive early.",
    "We've been working on this for about a year, so we're happy with the result.",
    "Our teacher speaks clearly, because the children listen to every word.",
    "All of the tickets were sold out before we even got to the station.",
    "Maybe you can ask the doctor if it is safe to take both of them at once.",
)
BRIDGE = (
    "Farmers carried heavy baskets across the narrow bridge.",
    "I don't know why they never told us about the problem with the engine.",
    "Nobody knows why music makes people happy, but it does.",
    "So the first thing that we did was to talk to everyone who lived there.",
    "Yesterday afternoon, Peter finally repaired his broken bicycle.",
    "It's one of those things that you only notice when it is gone.",
    "Wait, something moved behind those trees.",
    "They asked me if I could stay for another week, and I said yes.",
)
MOUNTAIN = (
    "Doctors often recommend drinking water after long journeys.",
    "Good evening, ladies and gentlemen, welcome back to the show.",
    "Every summer, thousands of people visit these ancient mountains.",
    "The report was much longer than it had to be, and hardly anyone opened it.",
    "Small changes matter, although progress seems slow at times.",
    "He put the letter on the table, turned off the light and went out.",
    "We can't really say that it was a surprise to any of us.",
    "When the rain had stopped, the whole town came out to see the river.",
)


class Script(NamedTuple):
    """voice: flite's or espeak-ng's; rate: words a minute, flite's usual being 165."""

    voice: str
    rate: int
    sentences: tuple[str, ...]

    def say(self, sentence: str) -> Recording:
        """Says a sentence with the script's voice. Raises SynthesisMissing."""
        if self.voice in flite.VOICES:
            return flite.speak(sentence, self.voice, 165 / self.rate)
        return speak(sentence, self.voice, self.rate)


SCRIPTS: dict[Part, tuple[Script, ...]] = {
    "tune": (
        Script("slt", 165, HARBOUR),
        Script("slt", 185, STATION),
        Script("awb", 150, HARBOUR),
        Script("awb", 175, STATION),
        Script("en-us", 160, HARBOUR),
        Script("en+f3", 145, STATION),
        Script("de", 150, (
            "Der alte Bahnhof war heute Morgen sehr ruhig.",
            "Meine Schwester kauft frisches Brot und starken Kaffee.",
            "Wir haben gestern lange auf den Bus gewartet.",
            "Ich glaube, dass es morgen wieder regnet.",
        )),
        Script("es", 150, (
            "Mi hermana compra pan fresco todos los domingos.",
            "Nadie sabe cuando llega el invierno.",
            "La casa de mi padre tiene una puerta verde.",
            "Hoy queremos hablar de un viaje muy largo.",
        )),
        Script("fr+f2", 155, (
            "Le vieux port est tranquille ce matin.",
            "Ma mère prépare toujours une soupe chaude.",
            "Il faut fermer la porte avant de partir.",
            "Les enfants jouent dans le jardin derrière la maison.",
        )),
    ),
    "report": (
        Script("rms", 165, BRIDGE),
        Script("rms", 185, MOUNTAIN),
        Script("kal16", 180, BRIDGE),
        Script("kal16", 150, MOUNTAIN),
        Script("en-us+f2", 175, BRIDGE),
        Script("en-gb-x-rp", 150, MOUNTAIN),
        Script("fr", 150, (
            "Mon voisin cherche toujours son petit chien noir.",
            "Demain matin, nous partons vers la montagne.",
            "La musique de cette fête était beaucoup trop forte.",
            "Personne ne sait où se trouve la vieille église.",
        )),
        Script("de+f2", 155, (
            "Unser Lehrer spricht langsam, damit alle Kinder zuhören.",
            "Niemand weiß, wann der Winter kommt.",
            "Der Zug nach Hamburg fährt heute später ab.",
            "Sie hat den ganzen Abend an ihrem Buch geschrieben.",
        )),
        Script("es+f2", 155, (
            "Los niños juegan en la plaza hasta la noche.",
            "Mañana vamos a la montaña con nuestros amigos.",
            "El médico dice que debemos beber más agua.",
            "Esta ciudad tiene muchas calles estrechas.",
        )),
        Script("it", 150, (
            "Il treno per Milano parte questa sera.",
            "Mia sorella compra il pane fresco ogni mattina.",
            "Nessuno conosce la strada per la vecchia chiesa.",
            "Domani andiamo al mare con tutta la famiglia.",
        )),
    ),
}  # fmt: skip

# Seconds of silence before each sentence, in turn.
SHORT, LONG = (0.3, 0.8, 0.15, 1.4, 0.5, 2.5, 0.2, 0.6), (1.5, 4.0, 2.5, 6.0)
CONDITIONS: dict[str, Callable[[Recording], Recording]] = {
    "clean": lambda entry: entry,
    "noise10": lambda entry: noisy(entry, 10),
    "noise5": lambda entry: noisy(entry, 5),
    "telephone": telephoned,
    "echo": echoing,
    "room": lambda entry: noisy(echoing(entry, 0.6, 3), 15, 4),
    "silences": lambda entry: entry,
}


@dataclass(frozen=True, slots=True)
class Take:
    """A script said under a condition."""

    script: Script
    condition: str
    recording: Recording


def takes(part: Part, condition: str) -> Iterator[Take]:
    """Yields each script of a part under a condition. Raises SynthesisMissing."""
    pauses = LONG if condition == "silences" else SHORT
    for script in SCRIPTS[part]:
        said = [script.say(sentence) for sentence in script.sentences]
        silences = [pauses[index % len(pauses)] for index in range(len(said))]
        yield Take(script, condition, CONDITIONS[condition](joined(said, silences)))
