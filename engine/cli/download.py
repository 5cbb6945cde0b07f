"""The command `download`: fetches models ahead of time."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence

from engine.config import Config
from engine.errors import InvalidOption
from engine.text.language_names import code_of
from engine.weights.wav2vec2_models import WAV2VEC2_MODELS

DOWNLOAD = "download"


def run(words: Sequence[str]) -> int:
    """Fetches the models that the arguments name, and prints where each is."""
    given = _download_parser().parse_args(words)
    from engine.weights.locate import download
    from engine.weights.optional_packages import WAV2VEC2, has_packages, require_packages

    config = Config.from_env()
    languages = given.aligner_language
    if languages:
        require_packages("A wav2vec2 aligner", *WAV2VEC2)
    elif languages is None:
        languages = config.align_languages if has_packages(*WAV2VEC2) else ()
    for name, where in download(config, given.model, languages):
        print(f"{name}: {where}", flush=True)
    return 0


def _download_parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog=f"python -m engine {DOWNLOAD}",
        description="Fetches models into the hub's cache, so that no later start waits for them.",
    )
    parser.add_argument(
        "--model",
        metavar="NAME",
        help="the Whisper model (default: WORDLIGHT_MODEL, or the one for machines with a GPU)",
    )
    parser.add_argument(
        "--aligner-language",
        metavar="CODE",
        nargs="*",
        type=_aligned_language,
        help="languages whose wav2vec2 aligner to fetch; without a CODE, no aligner is fetched "
        "(default: WORDLIGHT_ALIGN_LANGUAGES; none without torch)",
    )
    return parser


def _language(name: str) -> str | None:
    try:
        return code_of(name)
    except InvalidOption as error:
        raise ArgumentTypeError(str(error)) from None


def _aligned_language(name: str) -> str:
    code = _language(name)
    if code not in WAV2VEC2_MODELS:
        raise ArgumentTypeError(f"no wav2vec2 aligner for {name!r}, only for {', '.join(WAV2VEC2_MODELS)}")
    return code
