"""A server small enough for the tests of strategies, and teachers that are easy to foresee."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.deviations import deviations
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.summary import Summary
from fedasc.audio import FloatArray
from fedasc.models.samples import TrainingSet
from fedasc.models.teacher import Teacher
from fedasc.models.training import EmbeddedSettings, train
from fedasc.seeds import Streams
from fedasc.server import Server
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal
from fedasc.strategies.strategy import Strategy
from tests.aggregators.test_mixture import random_mixture
from tests.models.test_training import blobs
from tests.worlds import same_classifier

STREAMS = Streams(7)
SUMMARIES = {device: Summary.of(random_mixture(3, seed=device), 50) for device in range(4)}
ELEVEN = {device: Summary.of(random_mixture(3, seed=device), 50) for device in range(11)}
PAPER: Mapping[str, Any] = {
    "rehearsal": "baseline",
    "deviations": "normal",
    "targets": "hard",
    "certainty": 0.75,
    "consensus": 0.0,
    "amount": 1.0,
    "artificial_weight": 1.0,
    "start": "scratch",
    "rehearsed_share": 1.0,
    "n_epochs": 3,
}
"""Settings of the paper, for a short training."""
N_WANTED = 60
"""Artificial samples of each device with these settings."""


@dataclass(frozen=True)
class LinearTeacher:
    """Certain to all degrees, depending on where a sample lies."""

    sharpness: float = 0.3

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        direction = np.random.default_rng(0).normal(size=(45, 4))
        scores = self.sharpness * (x.astype(np.float64) + 20) @ direction
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: FloatArray = odds / odds.sum(axis=1, keepdims=True)
        return shares

    def on(self, device: str) -> "LinearTeacher":
        return self

    def save(self, path: Path) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class WatchedTeacher:
    """Another teacher, with the number of samples that it labelled in each call."""

    teacher: Teacher
    n_labelled: list[int] = field(default_factory=list)

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        self.n_labelled.append(len(x))
        return self.teacher.probabilities(x)

    def on(self, device: str) -> "WatchedTeacher":
        return self

    def save(self, path: Path) -> None:
        raise NotImplementedError


@dataclass
class FadingTeacher:
    """Certain of the first samples that it sees."""

    n_certain: int

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        shares = np.full((len(x), 4), 0.25)
        shares[: self.n_certain] = (1, 0, 0, 0)
        self.n_certain = max(self.n_certain - len(x), 0)
        return shares

    def on(self, device: str) -> "FadingTeacher":
        return self

    def save(self, path: Path) -> None:
        raise NotImplementedError


DOUBTFUL = LinearTeacher(sharpness=0.0)
SELDOM_CERTAIN = LinearTeacher(sharpness=0.015)


EMBEDDED = EmbeddedSettings(inputs="sequence", n_epochs=3, batch_size=16, keep="best", n_restarts=1)
BASELINE_SET = TrainingSet(blobs(40, seed=1), blobs(20, seed=2))
COMPREHENSIVE_SET = TrainingSet(blobs(100, seed=3), blobs(30, seed=4))
EVERYTHING = GmmAggregator(n_components=4).fit(COMPREHENSIVE_SET.training.x, seed=0)
SERVER = Server(
    baseline_set=BASELINE_SET,
    comprehensive_set=COMPREHENSIVE_SET,
    baseline_transfer_set=BASELINE_SET,
    comprehensive_transfer_set=COMPREHENSIVE_SET,
    teacher=LinearTeacher(),
    baseline=train(EMBEDDED, BASELINE_SET, seed=np.random.SeedSequence(0)),
    comprehensive=train(EMBEDDED, COMPREHENSIVE_SET, seed=np.random.SeedSequence(1)),
    embedded=EMBEDDED,
    everything=EVERYTHING,
    deviations=deviations(EVERYTHING, COMPREHENSIVE_SET.training.x),
)


def server_of(teacher: Teacher) -> Server:
    return replace(SERVER, teacher=teacher)


def served(
    strategy: Strategy,
    summaries: Mapping[int, Summary] = SUMMARIES,
    *,
    server: Server = SERVER,
    memory: Any = None,
    **context: Any,
) -> Mapping[int, Personal]:
    """What a strategy makes of a night's summaries."""
    given = RoundContext(**{"streams": STREAMS, **context})
    return strategy.serve(server, summaries, memory, given).personal


def same(one: Personal, other: Personal) -> bool:
    """Whether two devices got the same to the last bit, from as many samples."""
    return one.tally == other.tally and same_classifier(one.classifier, other.classifier)
