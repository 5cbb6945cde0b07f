"""Metrics for Prometheus: responses, recordings, seconds of audio, queue, batches, jobs, memory."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from engine.engine import Engine
from engine.log import LOGGER
from jobs.models import STATES, UNFINISHED
from jobs.service import Jobs

# Seconds. Short clips take less than one, an hour of speech takes minutes.
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)

_log = logging.getLogger("wordlight.http")


class Metrics:
    """The metrics of one installation.

    Recordings are counted from the log, which has one line for each, whether it came from the page, from gradio's
    API or over plain HTTP.
    """

    def __init__(self, engine: Engine) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(_EngineStats(engine))
        self._answers = self._counter(
            "wordlight_http_requests", "Answers over plain HTTP", "method", "path", "status"
        )
        self._answer_seconds = self._histogram(
            "wordlight_http_request_seconds", "From a request to the end of its answer", "path"
        )
        self._recordings = self._counter(
            "wordlight_recordings", "Recordings by what became of them", "outcome", "error"
        )
        self._audio = self._counter("wordlight_audio_seconds", "Seconds of audio transcribed")
        self._wall = self._histogram(
            "wordlight_recording_seconds", "From a call of the engine to its result, waiting included"
        )
        self._stages = self._counter("wordlight_stage_seconds", "Seconds of work by stage", "stage")
        LOGGER.addHandler(_RequestLines(self))

    def watch(self, jobs: Jobs) -> None:
        """Adds the numbers of jobs."""
        self._registry.register(_JobStats(jobs))

    def count_response(self, method: str, path: str, status: int, seconds: float) -> None:
        self._answers.labels(method, path, str(status)).inc()
        self._answer_seconds.labels(path).observe(seconds)

    def count_transcription(self, line: dict[str, Any]) -> None:
        """Counts the entry of one line of `log_request`."""
        self._recordings.labels(line["outcome"], line["error_code"] or "").inc()
        for stage, seconds in line["timings"].items():
            self._stages.labels(stage).inc(seconds)
        if line["outcome"] == "ok":
            self._audio.inc(line["audio_seconds"])
            self._wall.observe(line["wall_seconds"])

    def render(self) -> bytes:
        """Returns the numbers in Prometheus' text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, help: str, *labels: str) -> Counter:
        return Counter(name, help, labels, registry=self._registry)

    def _histogram(self, name: str, help: str, *labels: str) -> Histogram:
        return Histogram(name, help, labels, buckets=BUCKETS, registry=self._registry)


class _RequestLines(logging.Handler):
    """Passes the log's lines about recordings to the metrics."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.INFO)
        self._metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == "request" and (entry := getattr(record, "entry", None)):
            self._metrics.count_transcription(entry)


class _EngineStats:
    """Reads the engine's statistics at each scrape."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        stats = self._engine.stats()
        yield GaugeMetricFamily("wordlight_ready", "1 once the models are loaded", value=stats is not None)
        if stats is None:
            return
        gauges = {
            "wordlight_recordings_at_work": ("Recordings at work", stats.recordings),
            "wordlight_recordings_at_work_limit": ("Recordings that may be at work", stats.recordings_limit),
            "wordlight_windows_waiting": ("Windows of speech that wait for a batch", stats.windows_waiting),
            "wordlight_batch_limit": ("Windows decoded together at most", stats.batch_size),
            "wordlight_workers": ("Batches decoded side by side at most", stats.workers),
        }
        for name, (help, value) in gauges.items():
            yield GaugeMetricFamily(name, help, value=value)
        # The mean fill of a batch is rate(windows) / rate(batches).
        yield CounterMetricFamily("wordlight_batches", "Batches decoded", value=stats.batches)
        yield CounterMetricFamily("wordlight_windows", "Windows decoded", value=stats.windows)
        if gpu := self._engine.health().get("gpu"):
            used = gpu["memory_total"] - gpu["memory_free"]
            yield GaugeMetricFamily("wordlight_gpu_memory_bytes", "GPU memory in use", value=used)


class _JobStats:
    """Counts jobs at each scrape."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def collect(self) -> Iterator[Metric]:
        gauge = GaugeMetricFamily(
            "wordlight_jobs", "Unfinished jobs of all servers with this database", labels=["state"]
        )
        try:
            found = self._jobs.store.unfinished()
        except Exception:  # a database that does not answer must not take the other numbers away
            _log.exception("the jobs cannot be counted")
            found = {}
        for state, count in found.items():
            gauge.add_metric([state], count)
        yield gauge
        ended = CounterMetricFamily(
            "wordlight_jobs_ended", "Jobs that have ended in this process, by outcome", labels=["outcome"]
        )
        outcomes = self._jobs.signals.outcomes
        for outcome in (state for state in STATES if state not in UNFINISHED):
            ended.add_metric([outcome], outcomes.get(outcome, 0))
        yield ended
