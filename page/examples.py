"""Example recordings, and the transcript of the first, which the empty page shows.

tests/support/examples.py makes them; assets/examples/NOTICE.md says whose they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from page.components import ASSETS
from page.transcript_store import TranscriptStore

FOLDER = ASSETS / "examples"
SAMPLE = FOLDER / "sample.json"


@dataclass(frozen=True, slots=True)
class Example:
    """A recording of assets/examples and what is said in it, for the tests.

    The page calls it by the sentence `example_` and its language's code.
    """

    file: str
    text: str


# By the code of their languages, in the order of their buttons.
EXAMPLES = {
    "en": Example(
        "kennedy-1961.mp3",
        "And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country.",
    ),
    "es": Example(
        "at-the-station.mp3",
        "Buenos días. ¿De dónde sale el tren para Sevilla? Sale del otro andén, después de la comida. Muchas gracias. "
        "¿Y hay un café aquí cerca? Claro, está al lado de la puerta, y el pan es muy bueno.",
    ),
    "fr": Example(
        "winter-evening.mp4",
        "Le soir, quand la maison est calme, ma grand-mère allume la lampe de la cuisine. Elle ouvre un vieux livre et "
        "elle raconte une histoire aux enfants. La neige tombe doucement sur le village.",
    ),
    "it": Example(
        "on-hold.mp3",
        "Tutti gli operatori della ditta sono al momento impegnati con altri clienti, rimanga in linea e la sua "
        "chiamata verrà risposta secondo l'ordine in cui è stata ricevuta.",
    ),
    "pt": Example(
        "at-the-beach.mp3",
        "De manhã cedo a praia ainda está vazia. O pescador abre a rede e olha para as ondas. Depois as crianças "
        "chegam da escola e começam a brincar na areia.",
    ),
    "ru": Example(
        "please-wait.mp3",
        "В данный момент все операторы заняты. Пожалуйста, оставайтесь на линии. Ваш вызов будет принят в порядке "
        "очереди. Благодарим за терпение.",
    ),
}


def example(code: str, store: TranscriptStore) -> Path:
    """Copies an example to the uploads, so that it is served and deleted as they are. Raises StorageFull."""
    name = EXAMPLES[code].file
    return store.folder.publish_file(name, (FOLDER / name).read_bytes(), "example")
