"""Messages of an hour for the page: many words, loudness, and stretches to listen to again."""

from __future__ import annotations

import base64
import random
from typing import Any

from tests.support.page_messages import message, speech_of

HOUR = 3600
RATE = 50  # points of loudness a second
STRETCHES = 150

# As plotly reports it when a reader drags.
NEARER = """Plotly.relayout(
  document.querySelector(".wl-plot"), { "xaxis.range[0]": 600, "xaxis.range[1]": 660 }
)"""

SCROLL_AND_CLICK = """async () => {
  const page = document.querySelector(".wl-page");
  for (let step = 0; step < 40; step += 1) {
    page.scrollTop = (page.scrollHeight * step) / 40;
    await new Promise(requestAnimationFrame);
  }
  for (const index of [9000, 5000, 20]) {
    document.querySelectorAll(".wl-word")[index].click();
    await new Promise(requestAnimationFrame);
  }
}"""

PLAY_A_MINUTE = """async () => {
  for (let time = 600; time < 660; time += 1) {
    wordlight.events.emit("time", time);
    await new Promise(requestAnimationFrame);
  }
}"""


def hour() -> dict[str, Any]:
    """Returns an hour with a word every 0.36 s, a pause every ten, and many stretches to listen to again."""
    made = message(speech_of(10_000), run="hour")
    dice = random.Random(11)
    made["meta"]["sound"] = {
        "rate": RATE,
        "peaks": base64.b64encode(dice.randbytes(HOUR * RATE)).decode(),
        "speech": [[3.6 * n, 3.6 * n + 3.2] for n in range(1000)],
    }
    made["meta"]["transcript"]["coverage"] = [
        {"kind": "speech_without_words", "start": 24.0 * n, "end": 24.0 * n + 2} for n in range(STRETCHES)
    ]
    return made
