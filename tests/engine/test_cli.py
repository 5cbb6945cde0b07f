"""`python -m engine` as a person runs it: a process of its own, on real recordings, with the real model."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import tomllib
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import srt
import webvtt

from engine import Transcript
from engine.cli.transcribe import parse_options
from engine.diarization.speaker_choice import MOST_SPEAKERS
from engine.export.writers import FORMATS
from engine.options import ALIGNERS, TASKS
from engine.weights.wav2vec2_models import WAV2VEC2_MODELS
from tests.support.recordings import ROOT, TALK, clip

COMMAND = [sys.executable, "-m", "engine"]
LIMIT = 300  # seconds after which a run is taken for hung


def run(*words: str | Path, folder: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT), "WORDLIGHT_OFFLINE": "1"} | settings
    return subprocess.run(
        [*COMMAND, *map(str, words)], cwd=folder, env=env, capture_output=True, text=True, timeout=LIMIT
    )


def fails(result: subprocess.CompletedProcess[str], code: int, *said: str) -> None:
    """Checks that a run ended with this code, these words on stderr, and neither result nor traceback."""
    assert result.returncode == code, result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert all(part in result.stderr for part in said), result.stderr


# Results


def test_the_text_and_nothing_else_comes_out(speech: Path) -> None:
    result = run(speech)
    assert result.returncode == 0, result.stderr
    assert "quick brown fox" in result.stdout.lower()
    assert result.stdout.endswith("\n") and result.stdout.count("\n") == 1
    assert result.stderr == ""


def test_a_folder_gets_a_file_named_after_the_recording(tmp_path: Path) -> None:
    result = run(clip("es/pangrama"), "--language", "Spanish", "--format", "json", "--output", tmp_path)
    assert (result.returncode, result.stdout) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["pangrama.json"]
    transcript = Transcript.from_dict(json.loads((tmp_path / "pangrama.json").read_text()))
    assert transcript.language == "es"
    assert transcript.words and all(0 <= word.start <= word.end for word in transcript.words)


def test_a_file_that_is_there_is_replaced_whole_through_its_link(tmp_path: Path, speech: Path) -> None:
    old, link = tmp_path / "old.srt", tmp_path / "link.srt"
    old.write_text("x" * 10_000)
    link.symlink_to(old)
    result = run(speech, "--format", "srt", "--output", link)
    assert (result.returncode, result.stdout) == (0, "")
    assert "fox" in " ".join(cue.content for cue in srt.parse(old.read_text()))
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.srt", "old.srt"]


def test_a_device_named_as_output_is_written_to_and_not_replaced(speech: Path) -> None:
    result = run(speech, "--format", "vtt", "--output", "/dev/stdout")
    assert result.returncode == 0, result.stderr
    assert "fox" in " ".join(cue.text for cue in webvtt.from_string(result.stdout, strict=True))
    assert Path("/dev/stdout").is_symlink()


def test_text_comes_out_as_utf8_whatever_the_locale() -> None:
    env = os.environ | {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
    }
    command = [*COMMAND, str(clip("ja/konnichiwa_sekai")), "--language", "ja"]
    result = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, timeout=LIMIT)
    assert result.returncode == 0, result.stderr
    assert re.search("[ぁ-ん一-龯]", result.stdout.decode("utf-8"))


def test_silence_is_no_error_but_is_warned_of(tmp_path: Path) -> None:
    recording = _recording(tmp_path / "silence.wav", [b"\0\0" * 32_000])
    result = run(recording)
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "warning: No speech was found in this recording.\n"


@pytest.mark.parametrize(
    ("output", "format"),
    [("talk.vtt", "vtt"), ("talk.SRT", "srt"), ("talk.json", "json"), ("talk.log", "txt")],
)
def test_the_ending_of_the_output_decides_the_format(
    tmp_path: Path, speech: Path, output: str, format: str
) -> None:
    result = run(speech, "--output", tmp_path / output)
    assert result.returncode == 0, result.stderr
    written = (tmp_path / output).read_text()
    assert {"vtt": "WEBVTT", "srt": "1\n00:", "json": "{", "txt": "The quick"}[format] == written[
        : {"vtt": 6, "srt": 5, "json": 1, "txt": 9}[format]
    ]


def test_a_format_that_is_named_goes_before_the_ending(tmp_path: Path, speech: Path) -> None:
    assert run(speech, "--format", "srt", "--output", tmp_path / "talk.txt").returncode == 0
    assert list(srt.parse((tmp_path / "talk.txt").read_text()))


def test_several_recordings_go_to_a_folder_and_one_bad_one_does_not_end_the_others(
    tmp_path: Path, speech: Path
) -> None:
    letter = tmp_path / "letter.mp3"
    letter.write_text("no sound")
    target = tmp_path / "out"
    target.mkdir()
    result = run(letter, speech, clip("es/pangrama"), "--format", "srt", "--output", target)
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {letter}: ") and result.stderr.count("\n") == 1
    assert sorted(path.name for path in target.iterdir()) == sorted([f"{speech.stem}.srt", "pangrama.srt"])


def test_a_recording_may_come_from_standard_input(speech: Path) -> None:
    env = os.environ | {"WORDLIGHT_OFFLINE": "1"}
    with speech.open("rb") as file:
        result = subprocess.run(
            [*COMMAND, "-", "--format", "vtt"],
            cwd=ROOT,
            env=env,
            stdin=file,
            capture_output=True,
            timeout=LIMIT,
        )
    assert result.returncode == 0, result.stderr
    assert "fox" in " ".join(cue.text for cue in webvtt.from_string(result.stdout.decode()))


def test_the_version_is_the_project_s() -> None:
    result = run("--version")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (result.returncode, result.stdout) == (0, f"Wordlight {project['version']}\n")


# Progress and stopping


def test_progress_is_one_line_on_a_terminal_that_is_wiped_at_the_end(speech: Path) -> None:
    with _on_terminal(speech) as (process, screen):
        shown = "".join(screen)
        text, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0
    assert "fox" in text.decode()
    assert "\n" not in shown
    lines = [line.removesuffix("\x1b[K") for line in shown.split("\r")]
    assert re.fullmatch(
        r"transcribing \d+ of \d+ s, \d+%", next(line for line in lines if "transcribing" in line)
    )
    assert lines[-2].startswith("done") and lines[-2].endswith("100%")
    assert lines[-1] == ""


@pytest.mark.parametrize("stage", ["loading", "transcribing"])
def test_ctrl_c_stops_cleanly_and_leaves_no_file(stage: str, tmp_path: Path) -> None:
    with wave.open(str(TALK)) as source:
        sound, rate = source.readframes(source.getnframes()), source.getframerate()
    long = _recording(tmp_path / "long.wav", [sound] * 10, rate)
    target = tmp_path / "out"
    target.mkdir()
    with _on_terminal(long, "--output", target) as (process, screen):
        shown = ""
        for part in screen:
            if stage in part and stage not in shown:
                process.send_signal(signal.SIGINT)
            shown += part
        process.wait(timeout=LIMIT)
    assert process.returncode == 130, shown
    assert "Traceback" not in shown
    assert shown.endswith("\r\x1b[Kstopped\r\n")
    assert list(target.iterdir()) == []


def _recording(path: Path, sounds: list[bytes], rate: int = 16_000) -> Path:
    with wave.open(str(path), "wb") as target:
        target.setparams((1, 2, rate, 0, "NONE", ""))
        target.writeframes(b"".join(sounds))
    return path


@contextmanager
def _on_terminal(*words: str | Path) -> Iterator[tuple[subprocess.Popen[bytes], Iterator[str]]]:
    """Starts the command with stderr on a terminal; gives the process and what the terminal shows."""
    ours, theirs = pty.openpty()

    def screen() -> Iterator[str]:
        while True:
            try:
                yield os.read(ours, 4096).decode()
            except OSError:  # the other end is closed: the process is gone
                return

    def heed_ctrl_c() -> None:  # which a shell has its jobs in the background ignore
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    command = [*COMMAND, *map(str, words)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, preexec_fn=heed_ctrl_c
    ) as process:
        os.close(theirs)
        try:
            yield process, screen()
        finally:
            process.kill()
            os.close(ours)


# Faults of the recording and of the installation


def test_a_file_that_is_no_recording_ends_in_one_sentence(tmp_path: Path) -> None:
    letter = tmp_path / "letter.mp3"
    letter.write_text("Dear reader, this is no sound.")
    result = run(letter, "--output", tmp_path)
    fails(result, 1, "error: ")
    assert result.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["letter.mp3"]


def test_a_model_that_cannot_be_had_ends_in_a_sentence(speech: Path) -> None:
    fails(run(speech, "--model", "no-such-model"), 1, "error: ", "no-such-model")


def test_a_setting_that_cannot_be_read_names_its_variable(speech: Path) -> None:
    fails(run(speech, WORDLIGHT_THREADS="many"), 1, "error: WORDLIGHT_THREADS is 'many'.")


def test_a_file_that_cannot_be_written_ends_in_a_sentence(speech: Path) -> None:
    fails(run(speech, "--output", "/proc/talk.txt"), 1, "error: /proc/talk.txt cannot be written")


def test_whisperx_s_arguments_ask_for_speakers() -> None:
    asked = {
        (): "off",
        ("--speakers", "2-3"): "2-3",
        ("--diarize",): "auto",
        ("--min_speakers", "2"): f"2-{MOST_SPEAKERS}",
        ("--diarize", "--max_speakers", "3"): "1-3",
        ("--min-speakers", "2", "--max-speakers", "2"): "2",
    }
    for words, speakers in asked.items():
        assert parse_options(["talk.wav", *words]).speakers == speakers


# Faults of the command


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "FILE"),
        (["missing.mp3"], "there is no file missing.mp3"),
        (["tests"], "there is no file tests"),
        (["{clip}", "--language", "klingon"], "Unknown language 'klingon'."),
        (["{clip}", "--task", "sing"], "transcribe, translate"),
        (["{clip}", "--aligner", "ruler"], "wav2vec2"),
        (["{clip}", "--format", "doc"], "'srt'"),
        (["{clip}", "--output", "/no/such/folder/talk.txt"], "there is no folder /no/such/folder"),
        (["{clip}", "--output", "{clip}"], "is the recording itself"),
        (["{clip}", "{clip}"], "several recordings need --output FOLDER"),
        (["{clip}", "{clip}", "--output", "engine"], "would both be written to engine/"),
        (["-", "-", "--output", "engine"], "standard input can be read only once"),
        (["{clip}", "--speakers", "many"], "speakers is 'many'."),
        (["{clip}", "--speakers", "2", "--diarize"], "--speakers cannot be combined"),
        (["{clip}", "--min_speakers", "4", "--max_speakers", "2"], "speakers is '4-2'."),
        (["download", "--aligner-language", "cy"], "no wav2vec2 aligner for 'cy'"),
        (["download", "--aligner-language", "auto"], "no wav2vec2 aligner for 'auto'"),
    ],
    ids=lambda value: None if isinstance(value, str) else " ".join(value) or "nothing",
)
def test_a_wrong_command_is_told_what_is_wrong(words: list[str], said: str, speech: Path) -> None:
    fails(run(*(word.replace("{clip}", str(speech)) for word in words)), 2, "usage: python -m engine", said)


def test_help_names_every_choice_and_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom engine.__main__ import main\n"
        "try: main(['--help'])\n"
        "finally: print([n for n in ('torch', 'transformers', 'numpy', 'ctranslate2') if n in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT
    )
    assert result.returncode == 0
    for choice in (*TASKS, *ALIGNERS, *FORMATS, "--language", "--model", "--output", "download"):
        assert choice in result.stdout
    assert result.stdout.endswith("[]\n")


# Download


def test_download_prints_where_each_model_is(tmp_path: Path) -> None:
    aligner = tmp_path / WAV2VEC2_MODELS["de"].split("/")[-1]
    aligner.mkdir()
    (aligner / "config.json").write_text("{}")
    result = run(
        "download", "--model", "base", "--aligner-language", "German", WORDLIGHT_MODEL_DIR=str(tmp_path)
    )
    assert result.returncode == 0, result.stderr
    whisper, wav2vec2 = (line.split(": ", 1) for line in result.stdout.splitlines())
    assert whisper[0] == "base" and (Path(whisper[1]) / "model.bin").is_file()
    assert wav2vec2[1] == str(aligner)


def test_download_says_what_to_do_where_a_model_is_out_of_reach(tmp_path: Path) -> None:
    result = run("download", "--model", "base", "--aligner-language", "fr", HF_HUB_CACHE=str(tmp_path))
    assert result.returncode == 1
    assert result.stdout.startswith("base: ")
    assert result.stderr.startswith("error: ") and WAV2VEC2_MODELS["fr"] in result.stderr
    assert "Traceback" not in result.stderr


def test_a_recording_named_download_is_given_with_its_folder(tmp_path: Path) -> None:
    (tmp_path / "download").write_text("no sound")
    result = run("./download", folder=tmp_path)
    fails(result, 1, "error: ")


def test_a_text_is_aligned_with_its_recording(speech: Path, tmp_path: Path) -> None:
    text = tmp_path / "talk.srt"
    text.write_text(
        "1\n00:00:05,000 --> 00:00:06,000\nThe quick brown fox\n\n"
        "2\n00:00:06,000 --> 00:00:08,000\njumps over the lazy dog.\n"
    )
    result = run("align", speech, "--text", text, "--language", "en")
    assert result.returncode == 0, result.stderr
    one, two = srt.parse(result.stdout)
    assert (one.content, two.content) == ("The quick brown fox", "jumps over the lazy dog.")
    assert one.start.total_seconds() < 1 < two.start.total_seconds() < 2


def test_a_text_of_another_recording_is_refused(speech: Path, tmp_path: Path) -> None:
    text = tmp_path / "talk.txt"
    text.write_text("Many people prefer to buy fresh apples at the market on Saturdays.")
    fails(run("align", speech, "--text", text, "--language", "en"), 1, "does not say this text")


# Live


def test_live_samples_are_written_down_and_saved(tmp_path: Path, talk: np.ndarray) -> None:
    samples = (talk[: 22 * 16000] * 32767).astype("<i2").tobytes()
    result = subprocess.run(
        [*COMMAND, "live", "--language", "en", "--output", str(tmp_path / "talk.srt")],
        input=samples[:-1],  # half a sample at its end is no harm
        cwd=ROOT,
        env=os.environ | {"WORDLIGHT_OFFLINE": "1"},
        capture_output=True,
        timeout=LIMIT,
    )
    assert result.returncode == 0, result.stderr
    lines = result.stdout.decode().splitlines()
    assert lines[0].startswith("0:06 ") and any("Chicago" in line for line in lines)
    assert "Chicago" in (tmp_path / "talk.srt").read_text()


def test_ctrl_c_ends_live_sound_and_keeps_what_was_said(tmp_path: Path, talk: np.ndarray) -> None:
    samples = (talk[: 15 * 16000] * 32767).astype("<i2").tobytes()
    process = subprocess.Popen(
        [*COMMAND, "live", "--language", "en", "--output", str(tmp_path / "talk.json")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"WORDLIGHT_OFFLINE": "1"},
    )
    assert process.stdin and process.stdout
    process.stdin.write(samples)
    process.stdin.flush()  # and it stays open: the microphone goes on
    assert b"0:0" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(LIMIT) == 0
    assert json.loads((tmp_path / "talk.json").read_text())["segments"]
    process.stdin.close()
