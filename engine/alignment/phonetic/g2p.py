"""Grapheme to phoneme (g2p) for Whisper's languages, in English phones.

The g2p models are those of g2p2 and give IPA. pip installs them by groups of languages; a language has none
if its group is not installed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import unicodedata
import weakref
from pathlib import Path

from engine.languages import is_spaceless
from engine.weights.pip_packages import package_folder

Phones = tuple[str, ...]

PROGRAM = Path(__file__).with_name("g2p_process.py")

_GROUPS = {
    "african": "ha ln mg sn so sw yo",
    "celtic": "br cy",
    "cjk": "ja ko yue zh",
    "germanic": "af da de en fo is lb nl nn no sv yi",
    "indic": "as bn gu hi kn ml mr ne pa sa sd si ta te ur",
    "iranian": "fa ps tg",
    "other": "bo mn",
    "other_euro": "el et eu fi hu hy ka lt lv sq",
    "pacific": "haw mi",
    "romance": "ca es fr gl ht it la oc pt ro",
    "sea": "id jw km lo ms my su th tl vi",
    "semitic": "am ar he mt",
    "slavic": "be bg bs cs hr mk pl ru sk sl sr uk",
    "turkic": "az ba kk tk tr tt uz",
}
_PHRASES = frozenset({"km"})  # spaces separate phrases, which Whisper writes as words
_GROUP_OF = {language: group for group, languages in _GROUPS.items() for language in languages.split()}

# The nearest English phones of each IPA sound. The first part is the sounds that English has.
_IPA = {
    "t͡ʃ": "CH", "d͡ʒ": "JH", "tʃ": "CH", "dʒ": "JH", "aɪ": "AY", "aʊ": "AW", "eɪ": "EY", "oʊ": "OW", "əʊ": "OW",
    "ɔɪ": "OY", "əɪ": "AY", "ɪə": "IH AH", "ʊə": "UH AH", "ɛə": "EH AH", "ɜː": "ER", "ɑː": "AA", "ɔː": "AO", "iː": "IY",
    "uː": "UW", "ɜ": "ER", "ɝ": "ER", "ɚ": "ER", "ɐ": "AH", "ə": "AH", "ʌ": "AH", "ɑ": "AA", "ɒ": "AA", "ɔ": "AO",
    "æ": "AE", "a": "AA", "e": "EH", "ɛ": "EH", "i": "IY", "ɪ": "IH", "o": "OW", "u": "UW", "ʊ": "UH", "b": "B",
    "d": "D", "ð": "DH", "f": "F", "ɡ": "G", "g": "G", "h": "HH", "j": "Y", "k": "K", "l": "L", "ɫ": "L", "m": "M",
    "n": "N", "ŋ": "NG", "p": "P", "r": "R", "ɹ": "R", "s": "S", "ʃ": "SH", "t": "T", "θ": "TH", "v": "V", "w": "W",
    "ʍ": "W", "z": "Z", "ʒ": "ZH", "m̩": "AH M", "n̩": "AH N", "l̩": "AH L", "r̩": "ER", "ɹ̩": "ER",
    # sounds of other languages
    "ɑ̃": "AA N", "ɛ̃": "AE N", "ɔ̃": "AO N", "œ̃": "AH N", "ɐ̃": "AH N", "ã": "AA N", "ẽ": "EH N", "ĩ": "IY N",
    "õ": "OW N", "ũ": "UW N", "p͡f": "P F", "t͡s": "T S", "ts": "T S", "d͡z": "D Z", "t͡ɕ": "CH", "d͡ʑ": "JH",
    "ʈ͡ʂ": "CH", "ɖ͡ʐ": "JH", "eː": "EY", "oː": "OW", "ɛː": "EH", "ɨ": "IH", "ʉ": "UW", "ɵ": "OW", "y": "UW", "ʏ": "UH",
    "ø": "ER", "œ": "ER", "ɶ": "AE", "ɯ": "UW", "ɤ": "AH", "ɘ": "IH", "ɞ": "ER", "ɕ": "SH", "ʑ": "ZH", "ʂ": "SH",
    "ʐ": "ZH", "ç": "HH", "x": "HH", "χ": "HH", "ħ": "HH", "ɦ": "HH", "ɧ": "SH", "ɣ": "G", "ɰ": "W", "ɥ": "W", "ʋ": "V",
    "β": "V", "ɸ": "F", "ɾ": "D", "ɽ": "D", "ʁ": "R", "ʀ": "R", "ɻ": "R", "ɺ": "R", "ʝ": "Y", "ɟ": "G", "c": "K",
    "q": "K",
    "ɢ": "G", "ʈ": "T", "ɖ": "D", "ɓ": "B", "ɗ": "D", "ɠ": "G", "ɲ": "N Y", "ɳ": "N", "ɴ": "NG", "ɱ": "M", "ʎ": "L Y",
    "ɭ": "L", "ɬ": "L", "ɮ": "L", "ʔ": "", "ʕ": "",
}  # fmt: skip
_PHONES = {unicodedata.normalize("NFD", sound): phones.split() for sound, phones in _IPA.items()}
_SOUND = re.compile("|".join(sorted(map(re.escape, _PHONES), key=len, reverse=True)))


def g2p_model_path(language: str) -> Path | None:
    """Returns the path of a language's g2p model; None if not installed.

    Languages without spaces have none, since Whisper splits their text into pieces that have no
    pronunciation. Khmer has none, since Whisper writes whole phrases and g2p models are made for words.
    """
    group = _GROUP_OF.get(language) if not is_spaceless(language) and language not in _PHRASES else None
    folder = package_folder(f"g2p2_group_{group}") if group else None
    path = folder / f"{language}.g2p.xz" if folder else None
    return path if path and path.is_file() else None


class GraphemeToPhoneme:
    """Turns words of one language into phones. Thread-safe.

    A process of its own holds the model, from the first word until this object is dropped: see g2p_process.py. It
    takes 0.5 s to start for English, 3 s for French, and up to 60 MB.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._looked = False

    def __call__(self, word: str) -> Phones:
        """Returns a word's phones; none if the language has no model or the word no sound.

        Raises RuntimeError if the process has ended; the next word starts another one.
        """
        with self._lock:
            if not self._looked:
                self._looked = True
                path = g2p_model_path(self._language)
                self._process = self._start(path) if path else None
            if self._process is None:
                return ()
            try:
                return phones_of(self._ask(self._process, " ".join(word.split())))
            except RuntimeError:
                self._process, self._looked = None, False
                raise

    def _start(self, path: Path) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-X", "utf8", str(PROGRAM), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C in a terminal is for this process
        )
        weakref.finalize(self, _end, process)
        return process

    @staticmethod
    def _ask(process: subprocess.Popen[str], word: str) -> str:
        assert process.stdin and process.stdout
        try:
            print(word, file=process.stdin, flush=True)
            answer = process.stdout.readline()
        except OSError:
            answer = ""
        if not answer:
            raise RuntimeError("The process that knows the pronunciation of words has ended.")
        return answer.rstrip("\n")


def _end(process: subprocess.Popen[str]) -> None:
    """Ends a process and closes its pipes."""
    process.kill()
    with process:  # waits for it
        pass


def phones_of(ipa: str) -> Phones:
    """Returns the phones nearest to a word in the IPA; unknown sounds have none."""
    return tuple(
        phone for sound in _SOUND.findall(unicodedata.normalize("NFD", ipa)) for phone in _PHONES[sound]
    )
