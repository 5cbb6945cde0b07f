"""Takes words such as "1-2-3" as the words that they are joined from, while holes are looked for.

The parts of such a word may take several seconds, so that it hides a sentence that the decoder has left out. Each part
alone hides no more than a word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.recognition.decoding import DecodedWord

DASHES = "-–—"  # between the parts of a word; other signs, as in "3.5" or "10:30", belong to what is said


@dataclass(frozen=True, slots=True)
class WordPart(DecodedWord):
    """Holds a part of a word, and the whole word."""

    whole: DecodedWord | None = None


def taken_apart(words: Sequence[DecodedWord]) -> list[DecodedWord]:
    """Returns the words, and parts instead of words that have several with dashes between them."""
    return [part for word in words for part in (_parts(word) if _is_row(word) else [word])]


def _is_row(word: DecodedWord) -> bool:
    return bool(word.parts) and all(part.text.startswith(tuple(DASHES)) for part in word.parts[1:])


def _parts(word: DecodedWord) -> Iterator[WordPart]:
    for part in word.parts:
        yield WordPart(
            part.text, part.start, part.end, part.probability, part.logprob, part.tokens, whole=word
        )


def joined_again(words: Sequence[DecodedWord], apart: Collection[int] = ()) -> list[DecodedWord]:
    """Returns the words with their parts joined again, if nothing has come between them.

    apart  indices of parts that are not joined to what is before them, since speech without words is there
    """
    runs: list[list[DecodedWord]] = []
    for at, word in enumerate(words):
        before = runs[-1][-1] if runs else None
        same = isinstance(word, WordPart) and isinstance(before, WordPart) and word.whole is before.whole
        if same and at not in apart:
            runs[-1].append(word)
        else:
            runs.append([_as_word(word)])
    return [_joined(run) for run in runs]


def _as_word(part: DecodedWord) -> DecodedWord:
    """Returns a part as the beginning of a word, without the sign that joined it to what was before it."""
    if not isinstance(part, WordPart) or not part.whole or part.whole.text.startswith(part.text):
        return part
    return replace(part, text=f" {part.text.lstrip(DASHES)}")


def _joined(parts: Sequence[DecodedWord]) -> DecodedWord:
    if not isinstance(parts[0], WordPart):
        return parts[0]
    tokens = sum(part.tokens for part in parts)
    return DecodedWord(
        text="".join(part.text for part in parts),
        start=parts[0].start,
        end=parts[-1].end,
        probability=sum(part.probability * part.tokens for part in parts) / tokens,
        logprob=sum(part.logprob for part in parts),
        tokens=tokens,
    )
