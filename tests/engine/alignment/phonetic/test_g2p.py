"""Words whose pronunciation another process gives."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import pytest

from engine.alignment.phonetic.g2p import PROGRAM, GraphemeToPhoneme, g2p_model_path


def children() -> list[str]:
    """The ids of this process's children that give pronunciations."""
    own = ["pgrep", "-P", str(os.getpid()), "-f", PROGRAM.name]
    found = subprocess.run(own, capture_output=True, text=True, check=False)
    return found.stdout.split()


def test_words_get_phones_and_their_process_goes_with_the_object() -> None:
    before = set(children())
    guess = GraphemeToPhoneme("fr")
    assert guess("bonjour") and guess("bonjour") == guess("  bonjour\n")
    assert guess("bonjour") != guess("merci")
    assert guess("…") == ()
    (process,) = set(children()) - before
    del guess
    gc.collect()
    assert process not in children()


def test_a_language_without_a_model_starts_no_process() -> None:
    before = set(children())
    assert GraphemeToPhoneme("ja")("東京") == ()
    assert set(children()) <= before


def test_a_process_that_has_died_is_reported_once_and_replaced() -> None:
    guess = GraphemeToPhoneme("it")
    before = set(children())
    assert guess("ciao")
    (process,) = set(children()) - before
    subprocess.run(["kill", "-9", process], check=True)
    with pytest.raises(RuntimeError, match="pronunciation"):
        guess("grazie")
    assert guess("grazie")


def test_a_process_ends_with_its_input() -> None:
    path = g2p_model_path("it")
    words = "ciao\ngrazie\n"
    done = subprocess.run(
        [sys.executable, "-X", "utf8", PROGRAM, str(path)],
        input=words, capture_output=True, encoding="utf-8", timeout=60, check=True,
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 2
