"""Federated averaging, the textbook's alternative."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, Literal

import numpy as np

from fedasc.aggregators.summary import Summary
from fedasc.aggregators.weights import Weights
from fedasc.arithmetic.functions import in_order
from fedasc.audio import FloatArray
from fedasc.config import check_choices
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.self_training import SelfTraining
from fedasc.server import Server
from fedasc.strategies.robust import bounded, clipping, krum, mean, median, trimmed_mean
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal, RoundResult
from fedasc.strategies.strategy import Strategy

Robust = Literal["none", "clip", "trimmed-mean", "median", "krum"]


@dataclass(frozen=True, kw_only=True)
class FedAvgStrategy(Strategy):
    """The mean of the weights that devices trained, by windows heard (McMahan et al. 2017).

    Devices have no labels, so they train on what their own classifiers are certain of. The
    statistics of the batch normalisation are averaged like weights. There is one round a night.

    Args:
        fine_tuned: Whether a device then trains the mean once more on its own day.
        training: How it does that.
        robust: What the mean is defended by against devices that mean harm: none; clip, no
            classifier may be further from the median of all than so many times the median of such
            distances (Sun et al. 2019); trimmed-mean or median of each number by itself (Yin et al.
            2018); or krum, the mean of those that lie nearest to most others (multi-Krum, Blanchard
            et al. 2017). With clip and krum, nobody counts for more than twice the median of
            windows heard; the other two don't ask.
        clip: That many times.
        tolerated: Share of devices that may mean harm, for trimmed-mean and krum.

    Raises:
        SettingsError: If a value can't be used.
    """

    accepts = (Weights,)
    default_aggregator = "self-trained"

    fine_tuned: bool = False
    training: SelfTraining = field(default_factory=SelfTraining)
    robust: Robust = "clip"
    clip: float = 2.0
    tolerated: float = 0.2

    def __post_init__(self) -> None:
        check_choices(self, section=self.name)
        if not 0 < self.clip < inf:
            raise SettingsError(f"{self.name}: clip must be positive, got {self.clip}")
        if not 0 <= self.tolerated < 0.5:
            raise SettingsError(
                f"{self.name}: tolerated must be in [0, 0.5), got {self.tolerated}; nothing helps "
                "against more than half of all"
            )

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        sent = [
            (summary.content, summary.n_windows)
            for _, summary in sorted(summaries.items())
            if isinstance(summary.content, Weights)
        ]
        rows = np.stack([_row(weights) for weights, _ in sent])
        shapes = {name: array.shape for name, array in sent[0][0].arrays().items()}
        sizes = [int(np.prod(shape)) for shape in shapes.values()]
        averaged = self._averaged(rows, np.array([n for _, n in sent], np.float64), sizes)
        context.progress("averaging classifiers", len(sent), len(sent))
        parts = np.split(averaged.astype(np.float32), np.cumsum(sizes)[:-1])
        arrays = {
            name: part.reshape(shape)
            for (name, shape), part in zip(shapes.items(), parts, strict=True)
        }
        shared = Personal(EmbeddedClassifier(**arrays, inputs=server.baseline.inputs))
        return RoundResult(dict.fromkeys(sorted(summaries), shared))

    def device_training(self) -> SelfTraining | None:
        return self.training if self.fine_tuned else None

    def _averaged(
        self, rows: FloatArray, n_windows: FloatArray, sizes: Sequence[int]
    ) -> FloatArray:
        """(n_numbers,) of classifiers (n_devices, n_numbers), whose arrays have these sizes."""
        if self.robust == "none":
            return mean(rows, n_windows)
        if self.robust == "median":
            return median(rows)
        if self.robust == "trimmed-mean":
            return trimmed_mean(rows, share=self.tolerated)
        weights, centre = bounded(n_windows), median(rows)
        units = _units(rows - centre, sizes)
        rows = np.where(units > 0, rows, centre)  # where most agree, the others have no say
        alike = (rows - centre) / np.where(units > 0, units, 1)
        if self.robust == "krum":
            n_liars = int(self.tolerated * len(rows))
            kept = krum(alike, n_liars=n_liars, n_kept=len(rows) - n_liars)
            return mean(rows[kept], weights[kept])
        factors = clipping(alike, most=self.clip)[:, None]
        return mean(np.where(factors < 1, centre + factors * (rows - centre), rows), weights)


def _row(weights: Weights) -> FloatArray:
    """(n_numbers,) all arrays of a classifier, one after the other."""
    arrays = weights.arrays().values()
    return np.concatenate([array.ravel() for array in arrays]).astype(np.float64)


def _units(away: FloatArray, sizes: Sequence[int]) -> FloatArray:
    """(n_numbers,) by which numbers of all arrays become alike: how far devices usually differ.

    It is the median length of what lies between a device's array and the median's, since a mean of
    inputs in dB would otherwise count for more than all weights together.
    """
    parts = np.split(away, np.cumsum(sizes)[:-1], axis=1)
    return np.repeat([np.median(np.sqrt(in_order(part**2))) for part in parts], sizes)
