"""The jobs of one process on a real engine: worked at, given back, gone on with, kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from engine import Config, Engine
from jobs.errors import JobNotFound
from jobs.recordings import digest_of
from jobs.service import Jobs
from jobs.store import Order
from jobs.texts import ALIGN
from tests.support.recordings import clip, join_clips
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def own_engine(data_dir: Path) -> Iterator[Engine]:
    """An engine that finishes one window at a time, and keeps jobs for ever."""
    config = replace(
        Config.from_env(), offline=True, batch_size=1, threads=1, data_dir=data_dir, keep_seconds=0
    )
    engine = Engine(config)
    engine.start()
    yield engine
    engine.close()


@contextmanager
def working(engine: Engine) -> Iterator[Jobs]:
    jobs = Jobs(engine)
    jobs.start()
    try:
        yield jobs
    finally:
        jobs.close()


def submit(jobs: Jobs, media: Path, text: str | None = None) -> str:
    with jobs.folder.temporary() as folder:
        upload = Path(folder) / "recording"
        upload.write_bytes(media.read_bytes())
        options = {"language": "en", **({"task": ALIGN} if text else {})}
        order = Order(options=options, text=text, digest=digest_of(upload), upload=upload, caller="ann")
        return jobs.store.submit(order)[0].id


def names(jobs: Jobs, job: str) -> list[str]:
    return [event.name for event in jobs.store.events(job, 0)]


def reaches(jobs: Jobs, job: str, name: str) -> Callable[[], bool]:
    return lambda: name in names(jobs, job)


def test_jobs_at_work_go_back_into_the_queue_when_the_server_ends(
    own_engine: Engine, talk_file: Path
) -> None:
    with working(own_engine) as jobs:
        job = submit(jobs, talk_file)
        assert eventually(reaches(jobs, job, "update"))
    idle = Jobs(own_engine)
    if names(idle, job)[-1] != "done":  # unless it was over by then
        assert idle.store.get(job).state == "queued" and names(idle, job)[-1] == "queued"
    idle.close()
    with working(own_engine) as jobs:
        assert eventually(reaches(jobs, job, "done"))
        found = Counter(names(jobs, job))
        assert found["done"] == 1 and found["running"] == found["queued"]
        told = [segment for event in jobs.store.events(job, 0) for segment in event.data.get("segments", [])]
        assert told == jobs.store.transcript(jobs.store.get(job)).to_dict()["segments"]


def test_an_alignment_starts_again_after_the_server_s_end_and_repeats_no_segment(
    own_engine: Engine, tmp_path: Path
) -> None:
    clips = ("en/quick_brown_fox", "en/counting", "en/hello_world")
    recording = join_clips(tmp_path / "clips.wav", clips, pause=25.0)  # so that each clip is a window
    text = "\n\n".join(clip(name).with_suffix(".txt").read_text().strip() for name in clips)
    with working(own_engine) as jobs:
        job = submit(jobs, recording, text)
        assert eventually(reaches(jobs, job, "update"))
    with working(own_engine) as jobs:
        assert eventually(reaches(jobs, job, "done"))
        found = jobs.store.transcript(jobs.store.get(job))
        told = [segment for event in jobs.store.events(job, 0) for segment in event.data.get("segments", [])]
    assert told == found.to_dict()["segments"]
    assert found.text.split() == text.split() and all(word.is_said for word in found.words)


def test_jobs_that_are_kept_for_ever_outlive_the_sweep(own_engine: Engine) -> None:
    with working(own_engine) as jobs:
        job = submit(jobs, clip("en/hello_world"))
        assert eventually(reaches(jobs, job, "done"))
        assert jobs.sweep() == 0 and jobs.store.get(job).state == "done"


def test_the_sweep_deletes_a_job_that_has_had_its_time_with_its_recording(
    own_engine: Engine, tmp_path: Path
) -> None:
    engine = Engine(replace(own_engine.config, data_dir=tmp_path, keep_seconds=0.001))
    jobs = Jobs(engine)
    job = submit(jobs, clip("en/hello_world"))
    assert jobs.sweep() == 0  # it waits
    jobs.remove(job)
    assert eventually(lambda: jobs.sweep() == 1)
    with pytest.raises(JobNotFound):
        jobs.store.get(job)
    assert list(jobs.folder.recordings.iterdir()) == []
    jobs.close()
    engine.close()
