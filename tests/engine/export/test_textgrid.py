"""TextGrids as Praat reads them: tiers of intervals that lie end to end from the start to the end."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest

from engine.export.writers import write
from tests.support.transcripts import sentence, transcript

INTERVAL = re.compile(r"xmin = ([\d.]+)\n\s+xmax = ([\d.]+)\n\s+text = \"((?:[^\"]|\"\")*)\"")
NAME = re.compile(r'name = "(.*)"')


def tiers(document: str) -> dict[str, list[tuple[float, float, str]]]:
    found = {}
    for part in re.split(r"item \[\d+\]:", document)[1:]:
        rows = [
            (float(start), float(end), text.replace('""', '"')) for start, end, text in INTERVAL.findall(part)
        ]
        name = NAME.search(part)
        assert name is not None and f"size = {len(rows)}" in part
        found[name[1]] = rows
    return found


@pytest.mark.parametrize("apart", [True, False])
def test_intervals_lie_end_to_end_and_have_the_words(apart: bool) -> None:
    one, two = sentence("Hello, dear world.", 1.0), sentence('And "good" night.', 2.5, id=1)
    if apart:
        one, two = replace(one, speaker="SPEAKER_00"), replace(two, speaker="SPEAKER_01")
    made = transcript(one, two)
    found = tiers(write(made, "textgrid"))
    assert len(found) == (4 if apart else 2)
    words = []
    for name, rows in found.items():
        assert rows[0][0] == 0 and rows[-1][1] == pytest.approx(made.duration, abs=0.001)
        assert all(a[1] == b[0] and a[0] < a[1] for a, b in itertools.pairwise(rows))
        words += [text for _, _, text in rows if text and name.startswith("words")]
    assert words == [word.word for word in made.words]


def test_phones_have_a_tier_if_they_fit_their_words() -> None:
    one = sentence("Hello, dear world.", 1.0)
    hello, dear, world = one.words
    length = round(hello.end - hello.start, 3)
    known = replace(hello, phones=f"HH 0.02 OW {length - 0.02:.3f}")
    moved = replace(dear, phones="D 9.00")
    odd = replace(world, phones="W soon")
    made = transcript(replace(one, words=(known, moved, odd)))
    rows = [row for row in tiers(write(made, "textgrid"))["phones"] if row[2]]
    assert [text for _, _, text in rows] == ["HH", "OW"]
    assert rows[0][0] == hello.start and rows[-1][1] == hello.end
    assert rows[0][1] == rows[1][0] == pytest.approx(hello.start + 0.02)


def test_words_that_were_not_said_have_no_interval() -> None:
    one = sentence("Hello, dear world.", 1.0)
    silent = replace(one.words[1], said=False)
    made = transcript(replace(one, words=(one.words[0], silent, one.words[2])))
    rows = tiers(write(made, "textgrid"))["words"]
    assert [text for _, _, text in rows if text] == ["Hello,", "world."]
