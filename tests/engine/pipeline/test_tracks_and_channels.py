"""The track and the channels of a recording that carry its speech, from file to transcript."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import Engine, Options
from engine.errors import InvalidOption
from engine.transcript import Transcript
from tests.support.media_files import make
from tests.support.odd_media import tracks

GERMAN_DEFAULT = (
    "-metadata:s:a:0", "language=ger", "-metadata:s:a:1", "language=eng",
    "-disposition:a:0", "default", "-disposition:a:1", "0",
)  # fmt: skip
PLACES = (
    "map=0.0-FL|1.0-FR|2.0-FC|3.0-LFE|4.0-BL|5.0-BR"  # otherwise ffmpeg takes any mono input for the centre
)
NOISE = "anoisesrc=c=pink:a=0.3:d=8,asplit=5[a][b][c][d][e]"


def film(folder: Path, speech: Path, channel: int) -> Path:
    """Makes 5.1 sound with noise in five channels and speech in one: 0 is the left, 2 the centre."""
    noises = ["[a]", "[b]", "[c]", "[d]", "[e]"]
    joined = "".join([*noises[:channel], "[v]", *noises[channel:]])
    layout = f"join=inputs=6:channel_layout=5.1:{PLACES}"
    graph = f"[0:a]aresample=48000,apad=whole_dur=8[v];{NOISE};{joined}{layout}"
    return make(folder / f"film{channel}.wav", "-i", speech, "-filter_complex", graph)


def codes(transcript: Transcript) -> list[str]:
    return [notice.code for notice in transcript.notices]


def test_speech_in_the_centre_of_surround_sound_is_heard_through_noise(
    engine: Engine, tmp_path: Path, speech: Path
) -> None:
    transcript = engine.transcribe(film(tmp_path, speech, channel=2), Options(language="en"))
    assert "brown fox" in transcript.text
    assert "centre" in codes(transcript)


def test_surround_sound_without_speech_in_its_centre_is_mixed(
    engine: Engine, tmp_path: Path, speech: Path
) -> None:
    silence = ("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono:d=3")
    split = "[0:a]asplit[l][r];[1:a]asplit=4[a][b][c][d]"
    graph = f"{split};[l][r][a][b][c][d]join=inputs=6:channel_layout=5.1:{PLACES}"
    quiet = make(tmp_path / "side.wav", "-i", speech, *silence, "-filter_complex", graph)
    transcript = engine.transcribe(quiet, Options(language="en"))
    assert "brown fox" in transcript.text
    assert "centre" not in codes(transcript)


def test_the_track_is_that_of_the_language_or_the_one_asked_for(
    engine: Engine, tmp_path: Path, speech: Path
) -> None:
    path = tracks(tmp_path, "two.mkv", "sine=d=3", speech, options=GERMAN_DEFAULT)
    transcript = engine.transcribe(path, Options(language="en"))
    assert "brown fox" in transcript.text
    assert transcript.notices[0].to_dict() == {
        "code": "track",
        "values": {"track": 2, "tracks": "1 (de, aac, default), 2 (en, aac)"},
    }
    assert "fox" in engine.transcribe(path, Options.of({"language": "de", "track": "2"})).text.lower()
    assert "fox" not in engine.transcribe(path, Options(language="en", track=1)).text  # of the tone
    assert [track.language for track in engine.tracks(path)] == ["de", "en"]
    with pytest.raises(InvalidOption, match="no audio track 3"):
        engine.transcribe(path, Options(track=3))


def test_late_sound_has_its_words_at_a_players_times(engine: Engine, tmp_path: Path, speech: Path) -> None:
    path = make(tmp_path / "late.m4a", "-itsoffset", "4", "-i", speech, "-c:a", "aac")
    on_time = engine.transcribe(speech, Options(language="en"))
    late = engine.transcribe(path, Options(language="en"))
    assert [word.word for word in late.words] == [word.word for word in on_time.words]
    for word, before in zip(late.words, on_time.words, strict=True):
        assert word.start == pytest.approx(before.start + 4, abs=0.1)
    assert late.notices == ()
