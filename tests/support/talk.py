"""An hour of talk as a transcript: real words whose times are spread as those of a real speech are.

The times of a word follow those of the Kennedy sample (assets/examples/sample.json): its seconds a letter, drawn again
for each word. Pace and pauses vary between stretches, as they do between people.
"""

from __future__ import annotations

import json
import random
from itertools import count, pairwise

from engine import Segment, Transcript, Word
from engine.text.segments import make_segment, split_into_segments
from tests.support.recordings import ROOT
from tests.support.transcripts import transcript

SAMPLE = ROOT / "assets" / "examples" / "sample.json"
WINDOW = 22.0  # seconds of speech after which a window of the engine ends at the next pause
PAUSE = 0.08  # seconds
TALK = """
Good morning, everybody, and thank you for coming. Can you hear me at the back? Yes? Good. So, let us begin.
Last year we started to ask ourselves a simple question: what happens to a river when the city around it
doubles in size within twenty years? Nobody knew. Really, nobody. There were some measurements from the
1980s, there were a few photographs, and there was Mr. Hollis, who had been fishing under the old bridge
since he was six. He told us more in one afternoon than all of the archives together. "It was wider," he
said. "And you could drink it." Well. You cannot drink it now, and I would not advise anybody to try. When
we took the first samples in March, the laboratory called us back and asked whether we had mixed up the
bottles. We had not. What we found, and this is the point of the whole talk, is that the water is not dirty
because of the factories, as everyone believed, but because of the rain. How? It is quite simple. Every
roof, every street and every car park sends its water into the same three pipes, and those pipes were built
for a town of forty thousand people. No more. Today there are ninety thousand of us. So when it rains for
more than an hour, the pipes are full, the gates open, and everything that should have gone to the treatment
plant goes into the river instead. Right? Right. Now, the council says that new pipes would cost eleven
million. That is a lot of money! But there is another way, and it is cheaper: let the rain stay where it
falls. Gardens, green roofs, gravel instead of asphalt. They did it in the U.S. and in the Netherlands, at
about 9 a.m. on any wet day you can go and look at it. Does it work? It does. In the first two years the
river rose a third less often, the fish came back, and so did the people who like to sit beside it. Okay.
Questions? Yes, please. No? Then I will go on, because there is one more thing that I would like you to see
before we have our coffee, and that is the map which my students made. Look. Here. This is where we are. I
know, I know, it is small. Sorry.
"""


def hour_of_talk(seconds: float = 3600.0, seed: int = 7) -> Transcript:
    """Returns the talk over and over until the time is full, cut into segments as the engine does."""
    dice = random.Random(seed)
    words: list[Word] = []
    at = 0.5
    pace = 1.0
    texts = TALK.split()
    for number in count():
        if number % 40 == 0:
            pace = dice.uniform(0.45, 1.1)
        text = texts[number % len(texts)]
        end = at + pace * dice.choice(_SECONDS_A_LETTER) * max(2, len(text))
        if end > seconds - 1:
            break
        words.append(Word(text, round(at, 3), round(end, 3), dice.uniform(0.5, 1.0), "aligned"))
        at = end + _pause(text, dice)
    return transcript(*_segments(words), duration=seconds)


def _letter_times() -> list[float]:
    spoken = json.loads(SAMPLE.read_text("utf-8"))["words"]
    return [(word["end"] - word["start"]) / max(2, len(word["word"])) for word in spoken]


_SECONDS_A_LETTER = _letter_times()


def _pause(text: str, dice: random.Random) -> float:
    """Returns the seconds after a word: none within a phrase, most after a sentence."""
    if text.rstrip('"').endswith((".", "?", "!")):
        return dice.choice([0.05, 0.2, 0.35, 0.5, 0.8, 1.4])
    if text.endswith((",", ":")):
        return dice.choice([0.0, 0.1, 0.3])
    return dice.choice([0.0, 0.0, 0.0, 0.02, 0.08])


def _segments(words: list[Word]) -> list[Segment]:
    made: list[Segment] = []
    window: list[Word] = []
    for word, following in pairwise([*words, None]):
        assert word is not None
        window.append(word)
        long = word.end - window[0].start > WINDOW
        if following is None or (long and following.start - word.end >= PAUSE):
            for group in split_into_segments(window, "en"):
                made.append(make_segment(group, len(made), "en", -0.2, 0.0))
            window = []
    return made
