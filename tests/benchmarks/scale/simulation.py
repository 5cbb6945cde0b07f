"""Simulates a day of a cluster: recordings arrive, the real routing policy places them, replicas share their time.

A replica works at up to `capacity` recordings side by side, each of which gets an equal share of its speed, as the
scheduler of an engine gives it. If no replica that was asked has room, the head asks again after a pause, as Ray
Serve does; the recording that has waited longest then gets the room that is found.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from deploy.cluster.routing import CHOICES, candidates

DAY = 86_400.0  # seconds
SHORT = 60.0  # seconds of a recording that counts as a clip
# Shares of requests, with the shortest and longest recording of each kind in seconds.
KINDS = ((0.7, 5.0, SHORT), (0.25, SHORT, 1800.0), (0.05, 1800.0, 10_800.0))
QUIETEST, BUSIEST = 4, 16  # o'clock
NIGHT = 0.15  # load at the quietest hour as a share of that at the busiest
# Pauses of Ray Serve between two rounds of questions, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 0.025, 0.5
# Of a recording that is spread, as in engine/pipeline/spread_lane.py: seconds of sound of four windows, and pauses
# after a refusal.
PORTION_SECONDS = 64.0
FIRST_REFUSAL, LONGEST_REFUSAL = 0.1, 4.0
LONG = 1800.0  # seconds of a recording that counts as long
MODEL = frozenset({""})


@dataclass(frozen=True, slots=True)
class Cluster:
    """The size of a cluster.

    speed     seconds of sound that one replica transcribes in a second
    capacity  recordings that it works at together
    peak      its load in the busiest hour, as a share of what it can do
    choices   replicas that are asked for each request
    spread    replicas that may work at one recording together, if it is no clip
    reads     seconds of sound that one replica reads, and searches for speech, in a second
    """

    replicas: int
    speed: float
    capacity: int
    peak: float = 0.85
    choices: int = CHOICES
    spread: int = 1
    reads: float = 140.0


@dataclass(slots=True)
class Recording:
    """One recording: when it comes, its length, and when a replica takes it; seconds."""

    arrival: float
    seconds: float
    started: float = 0.0
    pause: float = FIRST_PAUSE


@dataclass(slots=True, eq=False)
class Replica:
    """One replica; `served` is the sound that each recording has got since the start, in seconds."""

    at: float = 0.0
    served: float = 0.0
    version: int = 0
    left: list[tuple[float, float, Recording | Portion]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Run:
    """A recording that is spread: seconds that nobody has, portions at work, and when a helper is asked next."""

    recording: Recording
    leader: Replica
    left: float
    at_work: list[Replica] = field(default_factory=list)
    next_question: float = 0.0
    pause: float = FIRST_REFUSAL


@dataclass(slots=True, eq=False)
class Portion:
    """Seconds of a recording that a replica works at."""

    run: Run
    seconds: float


@dataclass(slots=True)
class Day:
    """What has come of a day; seconds.

    clips  (hour of arrival, wait for a replica, time to the end) of each clip
    longs  (length, time to the end) of each recording of half an hour or more
    """

    clips: list[tuple[int, float, float]] = field(default_factory=list)
    longs: list[tuple[float, float]] = field(default_factory=list)
    requests: int = 0
    sound: float = 0.0
    busy: list[float] = field(default_factory=lambda: [0.0] * 24)  # replica-seconds by hour


def load_at(time: float) -> float:
    """Returns the load at a time of the day, as a share of the busiest hour's."""
    angle = (time / 3600 - BUSIEST) / 24 * 2 * math.pi
    return NIGHT + (1 - NIGHT) * (1 + math.cos(angle)) / 2


def mean_seconds() -> float:
    """Returns the mean length of a recording."""
    return sum(share * (high - low) / math.log(high / low) for share, low, high in KINDS)


def arrivals(cluster: Cluster, random: Random, until: float) -> Iterator[Recording]:
    """Yields the recordings of a day; lengths of each kind are spread evenly over their logarithm."""
    most = cluster.peak * cluster.replicas * cluster.speed / mean_seconds()  # a second
    now = 0.0
    while (now := now + random.expovariate(most)) < until:
        if random.random() < load_at(now):
            ((_, low, high),) = random.choices(KINDS, [share for share, *_ in KINDS])
            yield Recording(now, low * (high / low) ** random.random())


def simulate(cluster: Cluster, seed: int = 1, until: float = DAY) -> Day:
    """Returns what has come of a day's recordings."""
    return _Simulation(cluster, Random(seed), Random(seed)).run(until)


class _Simulation:
    def __init__(self, cluster: Cluster, coming: Random, routing: Random) -> None:
        """Draws what comes apart from the routing, so that clusters of one size get the same recordings."""
        self._cluster = cluster
        self._coming = coming
        self._random = routing
        self._replicas = [Replica() for _ in range(cluster.replicas)]
        self._waiting: deque[Recording] = deque()
        # (time, number, what): a replica with its version, or a recording that is placed or placed again.
        self._events: list[tuple[float, int, Replica | Recording | Run, int]] = []
        self._number = 0
        self._day = Day()

    def work_at(self, recording: Recording) -> Day:
        """Returns what has come of one recording."""
        return self._run(iter([recording]))

    def run(self, until: float) -> Day:
        """Returns what has come of a day's recordings."""
        return self._run(arrivals(self._cluster, self._coming, until))

    def _run(self, coming: Iterator[Recording]) -> Day:
        self._expect(next(coming, None))
        while self._events:
            now, _, what, version = heapq.heappop(self._events)
            if isinstance(what, Replica):
                if version == what.version:
                    self._finish(what, now)
                continue
            if isinstance(what, Run):
                self._share_out(what, now)
                continue
            if now == what.arrival:
                self._waiting.append(what)
                self._expect(next(coming, None))
                self._day.requests += 1
                self._day.sound += what.seconds
            if not what.started:
                self._place(what, now)
        return self._day

    def _expect(self, recording: Recording | None) -> None:
        if recording is not None:
            self._at(recording.arrival, recording)

    def _at(self, time: float, what: Replica | Recording | Run, version: int = 0) -> None:
        self._number += 1
        heapq.heappush(self._events, (time, self._number, what, version))

    def _place(self, asking: Recording, now: float) -> None:
        """Asks replicas on behalf of a recording; the one that has waited longest gets the room."""
        groups = candidates(self._replicas, lambda _: MODEL, "", self._random, self._cluster.choices)
        free = [replica for replica in groups[0] if len(replica.left) < self._cluster.capacity]
        if free:
            self._start(self._waiting.popleft(), min(free, key=lambda replica: len(replica.left)), now)
        if not asking.started:
            self._at(now + asking.pause, asking)
            asking.pause = min(2 * asking.pause, LONGEST_PAUSE)

    def _start(self, recording: Recording, replica: Replica, now: float) -> None:
        recording.started = now
        if self._cluster.spread == 1 or recording.seconds <= SHORT:
            self._give(replica, recording, now)
        else:
            self._share_out(Run(recording, replica, recording.seconds), now)

    def _give(self, replica: Replica, what: Recording | Portion, now: float) -> None:
        self._advance(replica, now)
        self._number += 1
        heapq.heappush(replica.left, (replica.served + what.seconds, self._number, what))
        self._next_end(replica, now)

    def _share_out(self, run: Run, now: float) -> None:
        """Gives portions of what has been read to helpers that have room, else to the replica that reads it."""
        recording, speed = run.recording, self._cluster.reads
        while run.left > 0:
            seconds = min(PORTION_SECONDS, run.left)
            is_read_at = recording.started + (recording.seconds - run.left + seconds) / speed
            if now < is_read_at:
                self._at(is_read_at + 1e-6, run)
                return
            taker = self._helper(run, now)
            if taker is None and run.leader not in run.at_work:
                taker = run.leader
            if taker is None:
                return
            run.left -= seconds
            run.at_work.append(taker)
            self._give(taker, Portion(run, seconds), now)

    def _helper(self, run: Run, now: float) -> Replica | None:
        """Asks a replica to take a portion, unless one has refused just now or as many as may are at work."""
        helpers = sum(replica is not run.leader for replica in run.at_work)
        if now < run.next_question or helpers >= self._cluster.spread - 1:
            return None
        groups = candidates(self._replicas, lambda _: MODEL, "", self._random, self._cluster.choices)
        asked = min(groups[0], key=lambda replica: len(replica.left))
        if not asked.left and asked is not run.leader:
            run.pause = FIRST_REFUSAL
            return asked
        run.next_question = now + run.pause
        run.pause = min(2 * run.pause, LONGEST_REFUSAL)
        self._at(run.next_question, run)
        return None

    def _finish(self, replica: Replica, now: float) -> None:
        self._advance(replica, now)
        _, _, what = heapq.heappop(replica.left)
        if isinstance(what, Portion):
            what.run.at_work.remove(replica)
            self._share_out(what.run, now)
            if not what.run.at_work and what.run.left <= 0:
                self._note(what.run.recording, now)
        else:
            self._note(what, now)
        if replica.left:
            self._next_end(replica, now)
        else:
            replica.version += 1

    def _note(self, recording: Recording, now: float) -> None:
        if recording.seconds <= SHORT:
            hour = int(recording.arrival // 3600) % 24
            self._day.clips.append((hour, recording.started - recording.arrival, now - recording.arrival))
        elif recording.seconds >= LONG:
            self._day.longs.append((recording.seconds, now - recording.arrival))

    def _advance(self, replica: Replica, now: float) -> None:
        """Gives the recordings of a replica what they have got since it was looked at last."""
        if replica.left:
            replica.served += (now - replica.at) * self._cluster.speed / len(replica.left)
            self._day.busy[int(now // 3600) % 24] += now - replica.at
        replica.at = now

    def _next_end(self, replica: Replica, now: float) -> None:
        replica.version += 1
        left = max(0.0, replica.left[0][0] - replica.served)
        self._at(now + left * len(replica.left) / self._cluster.speed, replica, replica.version)


def hour_alone(cluster: Cluster) -> float:
    """Returns the seconds that an hour of sound takes in a cluster that has nothing else to do."""
    simulation = _Simulation(cluster, Random(1), Random(1))
    return simulation.work_at(Recording(1.0, 3600.0)).longs[0][1]


def percentile(values: Sequence[float], share: float) -> float:
    """Returns the value below which a share of them lies; 0.0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
