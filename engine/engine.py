"""The engine: media in, updates out, a transcript at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.config import Config
from engine.options import Options
from engine.transcript import Transcript, Update


class Engine:
    """One installation's models behind one re-entrant call.

    Everything that differs between requests is in `Options`; no call changes what another sees.
    """

    def __init__(self, config: Config | None = None) -> None:
        self.config = config or Config.from_env()

    def start(self) -> None:
        """Begins to load the models in the background and returns at once."""
        raise NotImplementedError

    def transcribe(self, media: str | Path, options: Options = Options()) -> Iterator[Update]:
        """Yields what is found as it is found; the last update holds the Transcript.

        Waits for the models where they are still loading, saying so in an update of stage "loading".
        The iterator may be closed at any time; work stops at the next batch.

        Raises InputError where the file or an option is at fault, SetupError where the installation is.
        """
        raise NotImplementedError

    def result(self, media: str | Path, options: Options = Options()) -> Transcript:
        """Returns the finished transcript; raises as `transcribe` does."""
        raise NotImplementedError

    def health(self) -> dict[str, Any]:
        """Returns status ("loading", "ok" or "failed"), error, device, gpu, model, aligners, versions, uptime."""
        raise NotImplementedError

    def languages(self) -> list[dict[str, str]]:
        """Returns code, name, native and aligner of each language that the default model knows."""
        raise NotImplementedError

    def close(self) -> None:
        """Refuses new work and releases the models."""
        raise NotImplementedError
