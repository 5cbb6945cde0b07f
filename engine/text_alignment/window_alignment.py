"""Times the words of a text in windows of a recording, and finds those that were not said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.alignment.aligner import AlignerName, Utterance, WordTime
from engine.alignment.fallback import AlignerChain, failure_notices
from engine.options import AlignerChoice
from engine.pipeline.window_feed import DecodedWindow
from engine.recognition.encoder import Encoded
from engine.recognition.pause_snapping import snap_to_pauses
from engine.regions import Span
from engine.text.notices import Notice
from engine.text.phones import write_phones
from engine.text_alignment.attention import AttendedWord, TimeText, attend
from engine.text_alignment.given_text import TextWord
from engine.text_alignment.placed_words import AlignedWindow, PlacedWord
from engine.text_alignment.slots import Slot, place_unrecognised
from engine.text_alignment.word_lengths import SHORTEST, divide
from engine.transcript import Mismatch, join_texts
from engine.windows import Window

# A word that was not recognised was not said if it scores less, by an aligner that compares no rivals.
LEAST_SCORE = 0.3
# The language whose sounds the phonetic aligner knows: there it can hear a rival, and its phones are right.
PROVEN = "en"
# Log-probability of Whisper's decoder for a word of one token, and for each further one, below which the word
# was not said. Of right words of English, Japanese and Chinese 2 % lie below, of wrong ones 85 % (base).
LEAST_LOGPROB, PER_TOKEN = -10.0, -2.0
# The same from which a word is taken for misheard, not for replaced, without a comparison of its sounds: noise
# hides these, and what was heard fits them as well. In clean speech and in noise at 5 dB, no more words that were
# replaced came to lie above than without this.
LIKELY_LOGPROB = -8.0
SURE = 0.6  # decoder's probability of a single word that the text lacks, from which it is reported


@dataclass(frozen=True, slots=True)
class _Draft:
    """A window that is to be aligned.

    slots     all of its slots
    used      those of them that the utterance has, in the order of its words
    encoded   the window as it was encoded, if that is kept
    attended  the words of the utterance as attention finds them; none if unknown
    """

    window: Window
    slots: Sequence[Slot]
    used: Sequence[Slot]
    utterance: Utterance
    encoded: Encoded | None
    attended: Sequence[AttendedWord] = ()


class WindowAligner:
    """Aligns windows with the words of one text."""

    def __init__(
        self, words: Sequence[TextWord], aligners: AlignerChain, time_text: TimeText, choice: AlignerChoice
    ) -> None:
        self._words = words
        self._aligners = aligners
        self._time_text = time_text
        self._choice = choice

    def align(
        self, windows: Sequence[DecodedWindow], slots: Sequence[Sequence[Slot]], language: str
    ) -> tuple[list[AlignedWindow], list[Notice]]:
        """Returns the words of each window, and a notice per aligner that failed."""
        drafts = [self._draft(window, found, language) for window, found in zip(windows, slots, strict=True)]
        aligner = self._aligners.choose(language, choice=self._choice)
        drafts = [self._attended(draft, aligner) for draft in drafts]
        timed = self._aligners.align([draft.utterance for draft in drafts], language, choice=self._choice)
        aligned = [
            AlignedWindow(*_read(draft, one.times), one.aligner)
            for draft, one in zip(drafts, timed, strict=True)
        ]
        return aligned, failure_notices([draft.window for draft in drafts], timed)

    def _draft(self, decoded: DecodedWindow, slots: Sequence[Slot], language: str) -> _Draft:
        window = decoded.window
        place_unrecognised(slots, self._words, _speech(window), language)
        used = [slot for slot in slots if not slot.left_out]
        if all(slot.word is None for slot in used):
            used = []
        texts = tuple(
            slot.heard_text(language) if slot.word is None else self._words[slot.word].text.strip()
            for slot in used
        )
        spans = snap_to_pauses(window.samples, texts, [slot.span for slot in used])
        rivals = {index: slot.heard_text(language) for index, slot in enumerate(used) if slot.needs_proof}
        utterance = Utterance(
            window.samples,
            texts,
            language,
            anchors=tuple(spans),
            rivals=rivals,
            in_phones=language == PROVEN,
        )
        return _Draft(window, slots, used, utterance, decoded.result.encoded)

    def _attended(self, draft: _Draft, aligner: AlignerName) -> _Draft:
        """Adds what attention says of the text, if its times or its doubts are needed.

        Words that were misheard have poor times, and so have their neighbours. If the sound can tell words from
        rivals, attention therefore times the text anew, and rivals of words that the decoder finds likely go.
        The silence of a word in whose place nothing was heard stays a rival: the decoder knows phrases, and
        finds their words likely that were not said.
        """
        one = draft.utterance
        compares = one.language == PROVEN and aligner == "phonetic"
        in_doubt = one.rivals and (compares or one.language != PROVEN)
        if not one.words or not (aligner == "attention" or in_doubt):
            return draft
        attended = attend(draft.encoded or one.samples, one.words, one.language, self._time_text)
        if not attended or not (aligner == "attention" or compares):
            return replace(draft, attended=attended)
        spans = snap_to_pauses(one.samples, one.words, [(word.start, word.end) for word in attended])
        rivals = {
            index: heard
            for index, heard in one.rivals.items()
            if not (compares and heard and _is_likely(attended[index], LIKELY_LOGPROB))
        }
        return replace(draft, utterance=replace(one, anchors=tuple(spans), rivals=rivals), attended=attended)


def _speech(window: Window) -> Span:
    """Returns the start and end of a window's speech, in window seconds."""
    if not window.speech:
        return 0.0, window.duration
    return window.speech[0][0], window.speech[-1][1]


def _read(draft: _Draft, times: Sequence[WordTime]) -> tuple[tuple[PlacedWord, ...], tuple[Mismatch, ...]]:
    """Returns the words of a window in file time, and what was said there beside them."""
    known = dict(zip(draft.used, enumerate(_with_lengths(times, draft.window.duration)), strict=True))
    words: list[PlacedWord] = []
    lacking: list[tuple[Slot, Span]] = []
    for slot in draft.slots:
        index, time = known.get(slot, (0, None))
        span = slot.span if time is None and slot.heard else (time.start, time.end) if time else None
        attended = draft.attended[index] if time and draft.attended else None
        if slot.word is not None and time and _is_said(slot, time, attended, draft.utterance.language):
            times_in_file = draft.window.to_file(time.start, time.end)
            phones = write_phones(time.phones) if time.phones else None
            placed = PlacedWord(slot.word, times_in_file, time.timing, time.score, slot.probability, phones)
            words.append(placed)
            continue
        if slot.word is not None:
            words.append(PlacedWord(slot.word))
        if slot.heard and span:
            lacking.append((slot, span))
    return tuple(words), tuple(_mismatches(lacking, draft))


def _with_lengths(times: Sequence[WordTime], duration: float) -> list[WordTime]:
    """Returns the words of a window, of `duration` seconds, each with a length if the window has room for all."""
    last = max([duration, *(time.end for time in times)])
    spans = divide([(time.start, time.end) for time in times], [SHORTEST] * len(times), (0.0, last))
    if spans is None:
        return list(times)
    timed = []
    for time, (start, end) in zip(times, spans, strict=True):
        same = (start, end) == (time.start, time.end)
        # Phones add up to their word, so that a word with other times has none.
        timed.append(time if same else replace(time, start=start, end=end, phones=()))
    return timed


def _is_said(slot: Slot, time: WordTime, attended: AttendedWord | None, language: str) -> bool:
    """Returns whether a word was said; if the recogniser heard something else, by all that is known."""
    if not slot.needs_proof or time.said:
        return True
    if time.said is False and language == PROVEN:
        return False
    if attended:
        return _is_likely(attended, LEAST_LOGPROB)
    if time.said is False:
        return False
    return bool(slot.heard) if time.score is None else time.score >= LEAST_SCORE


def _is_likely(word: AttendedWord, least: float) -> bool:
    """Returns whether the decoder finds a word likely enough, `least` being for a single token."""
    return word.logprob >= least + PER_TOKEN * (word.tokens - 1)


def _mismatches(lacking: Sequence[tuple[Slot, Span]], draft: _Draft) -> Iterator[Mismatch]:
    """Yields what was recognised and is not in the text; neighbours as one."""
    runs: list[list[tuple[Slot, Span]]] = []
    for entry in lacking:
        last = runs[-1][-1][0] if runs else None
        if last is not None and draft.slots.index(last) + 1 == draft.slots.index(entry[0]):
            runs[-1].append(entry)
        else:
            runs.append([entry])
    language = draft.utterance.language
    for run in runs:
        slots = [slot for slot, _ in run]
        units = [unit for slot in slots for unit in slot.heard]
        if len(units) == 1 and slots[0].word is None and units[0].probability < SURE:
            continue
        start, _ = draft.window.to_file(*run[0][1])
        _, end = draft.window.to_file(*run[-1][1])
        heard = join_texts((slot.heard_text(language) for slot in slots), language)
        yield Mismatch("speech_without_words", start, max(start, end), heard)
