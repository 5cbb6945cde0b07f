"""Makes the page's examples anew: `python -m tests.examples`. Needs espeak-ng and ffmpeg.

The sentences are ours; espeak-ng (GPL) speaks them, and what a program says is not under its licence.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "assets" / "examples"

SENTENCES = {
    "en": "Good morning. This lamp has stood on my desk for many years. "
    "In the evening I read by its light, and every word is easy to see.",
    "de": "Guten Morgen. Diese Lampe steht seit vielen Jahren auf meinem Tisch. "
    "Am Abend lese ich in ihrem Licht, und jedes Wort ist gut zu sehen.",
    "es": "Buenos días. Esta lámpara está en mi mesa desde hace muchos años. "
    "Por la noche leo con su luz, y cada palabra se ve muy bien.",
    "fr": "Bonjour. Cette lampe est sur mon bureau depuis beaucoup d'années. "
    "Le soir, je lis à sa lumière, et chaque mot se voit très bien.",
    "it": "Buongiorno. Questa lampada è sulla mia scrivania da molti anni. "
    "La sera leggo alla sua luce, e ogni parola si vede molto bene.",
    "ar": "صباح الخير. هذا المصباح على مكتبي منذ سنوات كثيرة. في المساء أقرأ في ضوئه، وكل كلمة واضحة جدا.",
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for code, sentence in SENTENCES.items():
        spoken = subprocess.run(
            ["espeak-ng", "-v", code, "-s", "140", "--stdout", sentence], check=True, capture_output=True
        ).stdout
        path = FOLDER / f"{code}.mp3"
        subprocess.run(
            ["ffmpeg", "-loglevel", "error", "-y", "-i", "pipe:0", "-ac", "1", "-b:a", "48k", path],
            input=spoken,
            check=True,
        )
        print(path.name, path.stat().st_size)


if __name__ == "__main__":
    main()
