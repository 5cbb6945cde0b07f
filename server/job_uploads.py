"""The folder that recordings of jobs arrive in."""

from __future__ import annotations

from tempfile import TemporaryDirectory

from engine.config import Config
from jobs.service import Jobs
from server.disk_space import DiskSpace


class JobUploads:
    """The folder that recordings of jobs arrive in, on the file system on which they stay."""

    def __init__(self, jobs: Jobs, config: Config) -> None:
        self._folder = jobs.folder
        self.space = DiskSpace(jobs.folder.root, config.min_free_bytes, config.max_temp_bytes)

    def temporary(self, _prefix: str) -> TemporaryDirectory[str]:
        """Makes a folder for one upload."""
        return self._folder.temporary()
