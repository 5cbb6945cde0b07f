"""Writes formats that highlight each spoken word: ASS for video, LRC for music."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.export.comments import comments
from engine.export.cue_limits import CueLimits
from engine.export.cues import Cue, cues
from engine.export.direction import MARK, embedded, is_right_to_left, marked
from engine.export.speaker_names import speaker_names, turn_prefix
from engine.export.text_width import one_line
from engine.languages import is_spaceless
from engine.transcript import Transcript

# https://aegisub.org/docs/latest/ass_tags: words change from the secondary to the primary colour (BGR).
_ASS_HEADER = """\
[Script Info]
; Made by Wordlight
{comments}\
ScriptType: v4.00+
WrapStyle: 2
PlayResX: 1920
PlayResY: 1080
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
MarginR, MarginV, Encoding
{styles}
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""

_DEFAULT_ENCODING = 1
_BY_LETTERS = -1  # libass then takes the direction of each line from its first letter, not from left to right

# Colours that words turn into, as BGR; one each for eight speakers, apart for colour-blind eyes too.
_COLOURS = ("8AE0FF", "E9B456", "73C99E", "A779CC", "42E4F0", "F0A0A0", "5E9CFF", "C8C8C8")


class ASS:
    r"""Writes ASS subtitles with `{\kf<centiseconds>}` before each word, or `{\k…}` in text from right to left.

    Each speaker has a style, and a name in the field that editors show; players show neither as text.

    The format has no escapes: braces become round brackets, and a zero-width joiner after a backslash keeps
    the backslash from being a command.
    """

    name = "ass"
    extension = ".ass"
    media_type = "text/x-ssa"

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document within the limits."""
        warnings = "".join(f"; {line}\n" for line in comments(transcript))
        names = speaker_names(transcript, limits)
        styles = {label: f"Speaker{number}" for number, label in enumerate(names, start=1)}
        found = list(cues(transcript, limits, turn_prefix(transcript, limits)))
        encoding = _BY_LETTERS if any(_runs_left(cue) for cue in found) else _DEFAULT_ENCODING
        header = _ASS_HEADER.replace("{styles}", "".join(_styles(("Default", *styles.values()), encoding)))
        lines = [header.replace("{comments}", warnings)]
        for cue in found:
            start, end = _centiseconds(cue.start), _centiseconds(cue.end)
            if end <= start:  # the cue is shorter than the format's unit
                end = start + 1
            times = f"{_ass_clock(start)},{_ass_clock(end)}"
            style = styles.get(cue.speaker or "", "Default")
            name = _ass_name(names.get(cue.speaker or "", ""))
            lines.append(f"Dialogue: 0,{times},{style},{name},0,0,0,,{_karaoke(cue, start, end)}\n")
        return "".join(lines)


def _runs_left(cue: Cue) -> bool:
    return is_right_to_left(" ".join(cue.spoken_lines), cue.language)


def _styles(names: Sequence[str], encoding: int) -> Iterator[str]:
    """Yields a line for each style; the first speaker has the colour of the default."""
    for index, name in enumerate(names):
        colour = _COLOURS[max(index - 1, 0) % len(_COLOURS)]
        yield (
            f"Style: {name},Arial,64,&H00{colour},&H00FFFFFF,&H00202020,&H80000000,"
            f"0,0,0,0,100,100,0,0,1,3,1,2,80,80,60,{encoding}\n"
        )


def _ass_name(name: str) -> str:
    """Returns a name for a field that a comma would end."""
    return _ass_text(name.replace(",", " ")).strip()


def _karaoke(cue: Cue, start: int, end: int) -> str:
    """Returns a cue's text with the centiseconds of each word and pause.

    A word from right to left changes its colour at once: libass would sweep over it from left to right.
    """
    text = ""
    sweep = "k" if _runs_left(cue) else "kf"
    at = start
    for number, line in enumerate(cue.lines):
        text += r"\N" if number else ""
        spoken = cue.spoken_lines[number]
        text += MARK if marked(spoken, cue.language) != spoken else ""
        for place, word in enumerate(line):
            begins = min(max(_centiseconds(round(word.start * 1000)), at), end)
            ends = min(max(_centiseconds(round(word.end * 1000)), begins), end)
            text += " " if place and not is_spaceless(cue.language) else ""
            text += f"{{\\k{begins - at}}}" if begins > at else ""
            text += f"{{\\{sweep}{ends - begins}}}{_ass_text(word.word)}"
            at = ends
    return text


def _ass_text(text: str) -> str:
    return text.replace("\\", "\\\u2060").replace("{", "(").replace("}", ")")


def _ass_clock(centiseconds: int) -> str:
    seconds, rest = divmod(centiseconds, 100)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}.{rest:02d}"


class LRC:
    """Writes lyrics with a time per word, "enhanced" LRC: `[00:01.00]<00:01.00>word`.

    An empty line ends each line before a pause, so that players do not keep showing it.
    """

    name = "lrc"
    extension = ".lrc"
    media_type = "text/plain"
    pause = 400  # centiseconds

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document within the limits."""
        lines = ["[re:Wordlight]", f"[length:{_lrc_clock(round(transcript.duration * 100))[:-3]}]"]
        lines += [f"[#:{_lrc_comment(line)}]" for line in comments(transcript)]
        until: int | None = None
        for cue in cues(transcript, limits, turn_prefix(transcript, limits)):
            start = _centiseconds(cue.start)
            if until is not None and start - until >= self.pause:
                lines.append(f"[{_lrc_clock(until)}]")
            until = _centiseconds(cue.end)
            words = [word for line in cue.lines for word in line]
            said = _centiseconds(min(cue.end, round(1000 * max(word.end for word in words))))
            space = "" if is_spaceless(cue.language) else " "
            starts = [max(start, _centiseconds(round(word.start * 1000))) for word in words]
            timed = space.join(
                f"<{_lrc_clock(at)}>{_lrc_text(word.word)}" for at, word in zip(starts, words, strict=True)
            )
            timed += f"<{_lrc_clock(max(said, starts[-1]))}>"
            lines.append(f"[{_lrc_clock(start)}]{embedded(timed, cue.language)}")
        return "".join(f"{line}\n" for line in lines)


def _lrc_text(text: str) -> str:
    """Returns the text with round brackets around everything that looks like a time."""
    return re.sub(r"[<\[](\d+:[\d:.]*)[>\]]", r"(\1)", one_line(text))


def _lrc_comment(text: str) -> str:
    return _lrc_text(text).translate(str.maketrans("[]", "()"))


def _lrc_clock(centiseconds: int) -> str:
    seconds, rest = divmod(centiseconds, 100)
    return f"{seconds // 60:02d}:{seconds % 60:02d}.{rest:02d}"


def _centiseconds(milliseconds: int) -> int:
    return round(milliseconds / 10)
