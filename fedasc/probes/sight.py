"""What there is to see of a device on a night."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.sum_share import SumShare
from fedasc.aggregators.summary import Summary
from fedasc.audio import FloatArray
from fedasc.evaluation.distances import Cloud
from fedasc.models.samples import Samples
from fedasc.server import Server
from fedasc.strategies.retraining import Retraining
from fedasc.strategies.round_result import Personal
from fedasc.strategies.strategy import Strategy

N_MOST = 1000
"""Samples on either side of a distance."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Sight:
    """A device on a night, as nobody but a simulation sees it.

    Args:
        device: Its number.
        night: Number of the night.
        heard: Its day, with the true scenes.
        evaluation: The windows that classifiers are evaluated on.
        summary: What it sent, in time or too late; None if nothing.
        personal: What it got; None if nothing.
        server: What the server has.
        strategy: How the server makes classifiers.
        draws: The stream of the device's and the night's; see `rng` and `seed`.
        said: What the teacher says of the day, if it was asked before; see `verdict`.
    """

    device: int
    night: int
    heard: Samples
    evaluation: Samples
    summary: Summary | None
    personal: Personal | None
    server: Server
    strategy: Strategy
    draws: np.random.SeedSequence
    said: FloatArray | None = None

    def rng(self) -> np.random.Generator:
        """A fresh generator at the start of the stream."""
        return np.random.default_rng(self.draws)

    def seed(self) -> int:
        """A 31-bit seed for libraries that take nothing but an integer."""
        return int(self.draws.generate_state(1)[0] >> 1)

    @property
    def certainty(self) -> float:
        """Probability that the teacher must give a scene for a sample to count."""
        return self.strategy.certainty if isinstance(self.strategy, Retraining) else 0.0

    @cached_property
    def verdict(self) -> FloatArray:
        """(n_heard, 4) the teacher's probabilities for what was heard."""
        return self.server.teacher.probabilities(self.heard.x) if self.said is None else self.said

    def heard_and_artificial(self) -> tuple[FloatArray, FloatArray] | None:
        """(n_samples, 45) each: what was heard and as many artificial samples, standardised.

        Returns:
            None if no artificial samples were drawn for the device.
        """
        if self._artificial is None:
            return None
        heard = self.server.standardised(self.heard.x[:N_MOST])
        return heard, self.server.standardised(self._artificial)

    def cloud(self, x: NDArray[np.float32]) -> Cloud:
        """Samples (n_samples, 45), for distances.

        They are in standard deviations of the comprehensive training set, so that no feature counts
        for more than another.
        """
        return Cloud.around(np.zeros(x.shape[1]), self.server.standardised(x))

    @cached_property
    def day(self) -> Cloud:
        """What was heard, for distances."""
        return self.cloud(self.heard.x[:N_MOST])

    @cached_property
    def artificial(self) -> Cloud | None:
        """As many artificial samples, for distances; None if none were drawn for the device."""
        return None if self._artificial is None else self.cloud(self._artificial)

    @cached_property
    def _artificial(self) -> NDArray[np.float32] | None:
        if not (self.summary and self.personal and self.personal.tally):
            return None
        if not isinstance(self.strategy, Retraining):
            return None
        if isinstance(self.summary.content, SumShare):  # of it alone nothing was drawn
            return None
        draw = self.strategy.draws(self.server, self.summary.content, rng=self.rng())
        return draw(min(len(self.heard), N_MOST))
