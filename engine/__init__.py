"""Wordlight's engine: turns a recording into a transcript with every word timed.

    from engine import Config, Engine, Options

    engine = Engine(Config.from_env())
    transcript = engine.transcribe("talk.mp3", Options(language="en"))

`Engine.stream` yields updates as words are found; the last update holds the transcript.

Importing this package loads no model and none of the heavy libraries.
"""

from engine.config import Config
from engine.engine import Engine
from engine.errors import WordlightError
from engine.options import Options
from engine.transcript import Segment, Transcript, Word
from engine.updates import Update

__all__ = ["Config", "Engine", "Options", "Segment", "Transcript", "Update", "Word", "WordlightError"]
