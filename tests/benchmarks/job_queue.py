"""How long POST /jobs takes and how much memory the server has while a thousand jobs wait, and whose turn it is.

    python -m tests.benchmarks.job_queue [--jobs 1000] [--database URL]

The server has no workers while the jobs are submitted, so that all of them wait.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from tests.support.job_client import JobClient
from tests.support.killable_server import KEY, Nursery, nursery
from tests.support.recordings import clip

CALLERS = 4


def memory(server: Nursery) -> float:
    """Returns the memory of the server in MB."""
    status = Path(f"/proc/{server.pid()}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the queue.")
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--database")
    given = parser.parse_args()
    content = clip("en/hello_world").read_bytes()
    keys = [KEY, *(f"key{number}" for number in range(1, CALLERS + 1))]
    settings = {"WORDLIGHT_JOB_WORKERS": "0", "WORDLIGHT_API_KEYS": ",".join(keys)}
    with (
        tempfile.TemporaryDirectory() as folder,
        nursery(Path(folder), given.database, **settings) as server,
    ):
        server.start()
        server.wait()
        while httpx.get(f"{server.url()}/health/ready").status_code != 200:  # its models take memory too
            time.sleep(0.5)
        *clients, newcomer = [JobClient(server.url(), key) for key in keys]
        for client in clients:
            client.submit(content).raise_for_status()
        before, taken = memory(server), []
        for number in range(given.jobs):
            began = time.perf_counter()
            # Each recording is another one, so that each is written.
            clients[number % CALLERS].submit(content + str(number).encode()).raise_for_status()
            taken.append(time.perf_counter() - began)
        p95 = statistics.quantiles(taken, n=20)[-1]
        print(f"POST /jobs: median {1000 * statistics.median(taken):.1f} ms, p95 {1000 * p95:.1f} ms")
        print(
            f"memory: {before:.0f} MB with {CALLERS} jobs, {memory(server):.0f} MB with {given.jobs + CALLERS}"
        )
        place = newcomer.submit(content + b"last").json()["place"]
        print(
            f"place of a newcomer's job: {place} of {given.jobs + CALLERS + 1}, with {CALLERS} other callers"
        )


if __name__ == "__main__":
    main()
