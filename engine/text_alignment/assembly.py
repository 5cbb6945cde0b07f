"""Makes segments of the words of a text, line by line, as their times become known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import log

from engine.diarization.speakers import Speaker, speaker_label
from engine.regions import Span
from engine.text.segments import make_segment, split_into_segments
from engine.text.turns import turns_of
from engine.text_alignment.given_text import GivenText, TextWord
from engine.text_alignment.placed_words import AlignedWindow, PlacedWord
from engine.text_alignment.word_lengths import SHORTEST, divide
from engine.transcript import Segment, Word

LEAST_PROBABILITY = 0.001  # of a word, for the mean log-probability of a segment


@dataclass(frozen=True, slots=True)
class _Entry:
    """A word of the text with its place, once that is known; the aligner of its window."""

    word: TextWord
    placed: PlacedWord | None
    aligner: str
    language: str


@dataclass(slots=True)
class Assembly:
    """Collects the words of a text in order, and gives back segments as they become complete.

    fallback  the language of words before any window is known
    """

    text: GivenText
    words: Sequence[TextWord]
    fallback: str
    _next: int = 0  # index of the first word that is not collected yet
    _open: list[_Entry] = field(default_factory=list)  # words that are in no segment yet
    _last: Word | None = None
    _labels: dict[str, str] = field(default_factory=dict)  # of speakers, by their name in the text
    _begun: int = -1  # the last line that has a segment
    unsaid: int = 0  # words of the text that were not said
    # The start that each line with times had, and the start that it has by the sound, in seconds.
    starts: list[tuple[float, float]] = field(default_factory=list)

    def add(self, window: AlignedWindow, language: str) -> list[Segment]:
        """Adds the words of the next window; returns the segments that are complete."""
        for placed in window.words:
            if placed.word >= self._next:
                self._take_until(placed.word, window.aligner, language)
                self._open.append(_Entry(self.words[placed.word], placed, window.aligner, language))
                self._next = placed.word + 1
        return list(self._complete())

    def end(self) -> list[Segment]:
        """Returns the rest of the text; its words were not said."""
        aligner, language = ("", self.fallback)
        if self._open:
            aligner, language = self._open[-1].aligner, self._open[-1].language
        self._take_until(len(self.words), aligner, language)
        return list(self._complete(last=True))

    def speakers(self, words: Sequence[Word]) -> tuple[Speaker, ...]:
        """Returns the people that the text names and that have words."""
        counts = Counter(word.speaker for word in words if word.speaker)
        seconds = dict.fromkeys(counts, 0.0)
        for turn in turns_of([word for word in words if word.is_said]):
            seconds[turn.speaker] += turn.end - turn.start
        names = {label: name for name, label in self._labels.items()} | dict(self.text.names)
        return tuple(
            Speaker(label, names.get(label, label), seconds[label], count) for label, count in counts.items()
        )

    def _take_until(self, index: int, aligner: str, language: str) -> None:
        """Collects words that no window has: signs that are not spoken, and what was not said."""
        for word in self.words[self._next : index]:
            self._open.append(_Entry(word, None, aligner, language))
        self._next = max(self._next, index)

    def _complete(self, last: bool = False) -> Iterator[Segment]:
        """Yields the segments of lines that are complete, and of a long line those before its last one."""
        while self._open:
            line = self._open[0].word.line
            count = sum(entry.word.line == line for entry in self._open)
            ended = last or count < len(self._open)
            if not ended and (self.text.lines[line].whole or not self._is_said(self._open[-1])):
                return
            yield from self._segments(line, self._open[:count], ended=ended)
            if not ended:
                return

    def _is_said(self, entry: _Entry) -> bool:
        return entry.placed is not None and entry.placed.times is not None

    def _segments(self, line: int, entries: list[_Entry], *, ended: bool) -> Iterator[Segment]:
        shown = self._without_label(entries)
        words = self._timed(shown, self._label_of(line))
        given = self.text.lines[line]
        if self.text.kind == "subtitles":  # whose borders stay, whatever the limits of subtitles are
            words = [replace(word, cue=index == 0) for index, word in enumerate(words)]
        language = given.language or entries[0].language
        groups = [tuple(words)] if given.whole else split_into_segments(words, language)
        groups = [group for group in groups if group]
        kept = groups if ended else groups[:-1]
        at = 0
        for group in kept:
            yield self._segment(line, shown[at : at + len(group)], group)
            at += len(group)
        if ended:
            del self._open[: len(entries)]
        elif at:
            del self._open[: len(entries) - len(shown) + at]

    def _without_label(self, entries: list[_Entry]) -> list[_Entry]:
        """Returns the words without the speaker's name before them, unless the name was said."""
        label = [entry for entry in entries if entry.word.hint == "label"]
        if any(map(self._is_said, label)):
            return entries
        return [entry for entry in entries if entry.word.hint != "label"]

    def _timed(self, entries: Sequence[_Entry], speaker: str | None) -> list[Word]:
        """Returns the words; those that were not said lie between their neighbours, without length."""
        words: list[Word] = []
        last = self._last
        spans = self._spans(entries)
        for index, entry in enumerate(entries):
            word = self._said(entry, spans.get(index), speaker)
            if word is None:
                # Words before the first one that was said lie at its start, so that the line begins with sound.
                leads = not any(map(self._is_said, entries[:index]))
                later = [start for start, _ in spans.values()] if leads else []
                at = max(later[0] if later else 0.0, last.end if last else 0.0)
                unsaid = bool(entry.word.units) or (last is not None and not last.is_said)
                word = Word(
                    entry.word.text,
                    at,
                    at,
                    0.0,
                    "interpolated",
                    None,
                    speaker,
                    said=False if unsaid else None,
                    bookmark=entry.word.bookmark,
                )
            words.append(word)
            last = word
        return words

    def _spans(self, entries: Sequence[_Entry]) -> dict[int, Span]:
        """Returns the times of the words that were said, in order and each with a length, by their index."""
        times = {
            index: entry.placed.times
            for index, entry in enumerate(entries)
            if entry.placed and entry.placed.times
        }
        if not times:
            return {}
        first = self._last.end if self._last else 0.0
        # A line that the one before it leaves no time is later than it was heard, so that no word is without length.
        last = max(first + len(times) * SHORTEST, *(end for _, end in times.values()))
        spans = divide(list(times.values()), [SHORTEST] * len(times), (first, last))
        return dict(zip(times, spans or (), strict=True))

    def _said(self, entry: _Entry, span: Span | None, speaker: str | None) -> Word | None:
        """Returns a word that was said, with its start and end; None for another."""
        placed = entry.placed
        if placed is None or span is None:
            return None
        start, end = span
        return Word(
            entry.word.text,
            start,
            end,
            placed.probability,
            placed.timing,
            placed.score,
            speaker,
            phones=placed.phones,
            bookmark=entry.word.bookmark,
        )

    def _segment(self, line: int, entries: Sequence[_Entry], words: Sequence[Word]) -> Segment:
        given = self.text.lines[line]
        self._last = words[-1]
        if given.start is not None and words[0].is_said and line != self._begun:
            self.starts.append((given.start, words[0].start))
        self.unsaid += sum(not word.is_said for word in words)
        said = [max(word.probability, LEAST_PROBABILITY) for word in words if word.is_said]
        logprob = sum(map(log, said)) / len(said) if said else 0.0
        made = make_segment(words, 0, given.language or entries[0].language, logprob, 0.0)
        paragraph = given.paragraph
        if self.text.kind == "text":
            paragraph = bool(paragraph) and self._begun != line
        self._begun = line
        aligner = Counter(entry.aligner for entry in entries).most_common(1)[0][0]
        return replace(made, speaker=self._label_of(line), paragraph=paragraph, aligner=aligner or None)

    def _label_of(self, line: int) -> str | None:
        """Returns the label of a line's speaker; names of a text become labels of the contract."""
        name = self.text.lines[line].speaker
        if name is None or self.text.kind == "transcript":
            return name
        return self._labels.setdefault(name, speaker_label(len(self._labels)))
