"""Transcribes the recordings of a folder, over a queue of its own beside the transcripts.

If the command is run again, even after `kill -9`, it resumes unfinished recordings after their last window and skips
finished ones that have not changed.
"""

from __future__ import annotations

import mimetypes
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from engine.cli.arguments import add_option
from engine.cli.output import save_document
from engine.config import Config
from engine.engine import Engine
from engine.errors import WordlightError
from engine.export.cue_limits import CueLimits, add_limits, limit_specs
from engine.export.writers import FORMATS, WRITERS, encode
from engine.options import Options, specs
from engine.text.clock import clock
from jobs.models import Job
from jobs.service import Jobs
from jobs.store import Order

BATCH = "batch"
STATE = ".wordlight"  # the folder of the queue, below that of the transcripts
LOOK_SECONDS = 0.3  # between two looks at the jobs
WORKERS = 2  # recordings at a time; a model that is shared by more is no faster
CLUSTER_WORKERS = 64  # recordings at a time on a cluster; those that find no replica with room wait for one
CLUSTER = "deploy.cluster.joining"  # imported by its name and only if needed: it stands above this package
# Kinds of media that the system may not know by name.
SUFFIXES = (".aac", ".amr", ".flac", ".m4a", ".m4b", ".mka", ".mkv", ".oga", ".ogg", ".opus", ".ts", ".webm")


@dataclass(slots=True)
class Item:
    """One recording with its path, the path of its transcript, and its job."""

    source: Path
    name: str  # below the folder
    target: Path
    job: str = ""
    task: TaskID | None = None
    error: str = ""
    seconds: float = 0.0
    was_done: bool = False  # before this run


def run_batch(words: Sequence[str]) -> int:
    """Runs the command and returns its exit code: 0 if every recording is transcribed, else 1."""
    parser = _parser()
    given = parser.parse_args(words)
    if not given.folder.is_dir():
        parser.error(f"there is no folder {given.folder}")
    chosen = {spec.name: getattr(given, spec.name) for spec in specs()}
    if not given.ray:
        chosen["model"] = None  # the engine of this process has no other
    options = Options.of(chosen)
    limits = CueLimits.of({spec.name: getattr(given, spec.name) for spec in limit_specs()})
    items = _items(given.folder, given.out, given.format)
    if not items:
        parser.error(f"there are no recordings in {given.folder}")
    console = Console(stderr=True)
    began = time.monotonic()
    with _jobs(given) as jobs:
        batch = _Batch(jobs, options, console)
        batch.submit(items)
        batch.follow(items, lambda item, job: _write(jobs, item, job, given.format, limits))
    return _report(console, items, time.monotonic() - began)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog=f"python -m engine {BATCH}",
        description="Transcribes all recordings in a folder and below it. Run again, it does what is not done yet.",
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the folder of the recordings")
    parser.add_argument(
        "--out", metavar="FOLDER", type=Path, required=True, help="folder for the transcripts"
    )
    parser.add_argument(
        "--format", choices=FORMATS, default="json", help="of the transcripts (default: json)"
    )
    parser.add_argument(
        "--workers",
        metavar="NUMBER",
        type=int,
        help=f"recordings at a time (default: {WORKERS}, on a cluster {CLUSTER_WORKERS})",
    )
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="of a Ray cluster whose replicas transcribe (docs/deploy-ray.md); or auto",
    )
    for spec in specs():
        add_option(parser, spec)
    add_limits(parser)
    return parser


def _items(folder: Path, out: Path, format: str) -> list[Item]:
    """Returns the recordings below a folder, hidden ones and those below `out` left out."""
    root, inside = folder.resolve(), out.resolve()
    found = [
        path
        for path in sorted(root.rglob("*"))
        if path.is_file()
        and _is_media(path)
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
        and (inside == root or inside not in path.parents)
    ]
    extension = WRITERS[format].extension
    targets = [out / path.relative_to(root).with_suffix(extension) for path in found]
    items = []
    for path, target in zip(found, targets, strict=True):
        name = path.relative_to(root)
        if targets.count(target) > 1 or target.resolve() == path:  # talk.mp3 beside talk.wav
            target = out / name.with_name(path.name + extension)
        items.append(Item(path, str(name), target))
    return items


def _is_media(path: Path) -> bool:
    kind = mimetypes.guess_type(path.name)[0] or ""
    return kind.startswith(("audio/", "video/")) or path.suffix.lower() in SUFFIXES


@contextmanager
def _jobs(given: Namespace) -> Iterator[Jobs]:
    config = replace(
        Config.from_env(),
        align_languages=(),
        data_dir=given.out / STATE,
        database=None,
        job_workers=max(1, given.workers or (CLUSTER_WORKERS if given.ray else WORKERS)),
        max_jobs=sys.maxsize,
        caller_jobs=0,
    )
    config = replace(config, model=given.model or config.model)
    engine = import_module(CLUSTER).join(given.ray, config) if given.ray else Engine(config)
    jobs = Jobs(engine)
    try:
        yield jobs
    finally:
        jobs.close()
        engine.close()


class _Batch:
    """The recordings of one command on their way through the queue."""

    def __init__(self, jobs: Jobs, options: Options, console: Console) -> None:
        self._jobs = jobs
        # Without a model of its own: a name in here would make done recordings new ones.
        names = [spec.name for spec in specs() if spec.name != "model" or options.model]
        self._options = {name: getattr(options, name) for name in names}
        self._console = console

    def submit(self, items: Sequence[Item]) -> None:
        """Queues what is not done yet; failed recordings are tried again."""
        for item in items:
            job, new = self._jobs.store.submit(self._order(item))
            if not new and job.state in ("failed", "cancelled"):
                self._jobs.remove(job.id)
                job, _ = self._jobs.store.submit(self._order(item))
            item.job = job.id
            item.was_done = job.state == "done" and item.target.exists()

    def follow(self, items: Sequence[Item], done: Callable[[Item, Job], None]) -> None:
        """Works until every job has ended, and calls `done` with each and its job."""
        left = {item.job: item for item in items if not item.was_done}
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        self._jobs.start()
        with Progress(*columns, TimeRemainingColumn(), console=self._console) as progress:
            while left:
                for job in self._jobs.store.several(list(left)):
                    item = left[job.id]
                    self._show(progress, item, job)
                    if job.state in ("done", "failed", "cancelled"):
                        del left[job.id]
                        done(item, job)
                        self._end(progress, item)
                time.sleep(LOOK_SECONDS)

    def _order(self, item: Item) -> Order:
        status = item.source.stat()
        same = f"{item.source}\n{status.st_size}\n{status.st_mtime_ns}\n{sorted(self._options.items())}"
        return Order(
            options=self._options,
            source=str(item.source),
            caller=BATCH,
            idempotency_key=sha256(same.encode(errors="surrogateescape")).hexdigest(),
        )

    def _show(self, progress: Progress, item: Item, job: Job) -> None:
        if job.state == "queued":
            return
        if item.task is None:
            item.task = progress.add_task(item.name, total=None)
        progress.update(item.task, completed=job.seconds_done, total=job.seconds_total or None)

    def _end(self, progress: Progress, item: Item) -> None:
        if item.task is not None:
            progress.remove_task(item.task)
        said = f"failed: {item.error}" if item.error else f"{clock(item.seconds)} -> {item.target}"
        progress.console.print(f"{item.name}  {said}", markup=False, highlight=False)


def _write(jobs: Jobs, item: Item, job: Job, format: str, limits: CueLimits) -> None:
    """Writes a job's transcript, or notes why there is none."""
    try:
        if job.state != "done":
            error = job.error or {"message": "It was cancelled.", "hint": ""}
            item.error = f"{error['message']} {error['hint']}".strip()
            return
        transcript = jobs.store.transcript(job)
        item.seconds = transcript.duration
        item.target.parent.mkdir(parents=True, exist_ok=True)
        save_document(encode(transcript, format, limits, item.source.stem), item.target)
    except WordlightError as error:
        item.error = str(error)
    except OSError as error:
        item.error = f"{item.target} cannot be written: {error.strerror}."


def _report(console: Console, items: Sequence[Item], seconds: float) -> int:
    failed = [item for item in items if item.error]
    before = sum(item.was_done for item in items)
    done = len(items) - len(failed) - before
    sound = sum(item.seconds for item in items)
    work = f"{done} transcribed ({clock(sound)} of sound in {clock(seconds)})"
    console.print(f"{work}, {before} done before, {len(failed)} failed", markup=False, highlight=False)
    for item in failed:
        console.print(f"  {item.name}: {item.error}", markup=False, highlight=False)
    return 1 if failed else 0
