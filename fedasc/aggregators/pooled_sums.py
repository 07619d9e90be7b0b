"""A day's share of a sum over devices, with a bound on what the sum tells of any of their days."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream, pieces
from fedasc.aggregators.content import Content
from fedasc.aggregators.gaussian_mechanism import check_claim, composed, sigma_of
from fedasc.aggregators.public import Public
from fedasc.aggregators.public_sums import SENSITIVITY, PublicSums
from fedasc.aggregators.sum_share import GRID, SumShare
from fedasc.audio import FloatArray
from fedasc.errors import MessageError, SettingsError
from fedasc.models.embedded import N_INPUTS, EmbeddedClassifier

_MOST = 2.0**20
"""Of a clip and of a standard deviation, so that integers hold them on the grid."""


@dataclass(frozen=True, kw_only=True)
class PooledSumsAggregator(Aggregator):
    """Counts and sums of a day over public components, to be read as a sum over devices alone.

    Each device sends the mean over its windows of what they add to counts and clipped sums (see
    `fedasc.aggregators.public_sums`), on a grid, and its share of the noise: normal, with the
    standard deviation σ / √n_pooled. So the sum over n_pooled devices or more has noise of σ at
    least, and is (ε, δ)-differentially private for neighbours of which one has another user-day in
    the place of one of the other's. That moves a mean by √2 at most, however long the day, and
    rounding moves each number by a step of the grid: for both σ is large enough. Who takes part and
    how many windows a day has is public.

    The guarantee is the sum's. It holds as long as nobody reads a share by itself, and n_pooled of
    those who take part add their noise and keep it to themselves. Whoever reads a share has the ε
    that `alone` tells. Secure aggregation is simulated: a strategy adds the shares up before it
    looks at anything, and doesn't look where fewer than n_pooled came. Flower's SecAgg+ carries
    weights that clients of another kind train, so no masks are drawn here.

    The noise comes from the day's seed; a real device must draw it from a cryptographic source.
    Normal numbers that are rounded are nearly what the bound is for: a step of the grid is a
    millionth of a share's noise among 10,000 devices at ε = 1, and less among fewer. That is no
    proof, which discrete noise would have (Kairouz, Liu and Steinke 2021).

    Args:
        epsilon: ε of a night's sum for a user-day, infinite for no noise.
        delta: δ, under one by the number of users.
        n_pooled: Devices that must take part, or else nobody reads the sum and the public mixture
            stands in its place. The more, the less noise each adds: say what can be counted on.
        n_components: Public components; those that the server has are merged until there are no
            more.
        n_axes: Public axes along which means are told; 0 for weights alone.
        clip: In standard deviations: see `fedasc.aggregators.public_sums`.
        limit: ε that the nights of a run may add up to; a run of more is refused.
    """

    kind = SumShare

    epsilon: float = 1.0
    delta: float = 1e-5
    n_pooled: int = 20
    n_components: int = 16
    n_axes: int = 4
    clip: float = 5.0
    limit: float = math.inf

    def __post_init__(self) -> None:
        check_claim(self.epsilon, self.delta, self.limit, section="pooled-sums")
        if min(self.n_pooled, self.n_components) < 1:
            raise SettingsError("pooled-sums: n_pooled and n_components must be at least 1")
        if not 0 <= self.n_axes <= N_INPUTS:
            raise SettingsError(f"pooled-sums: n_axes must be from 0 to {N_INPUTS}")
        if not GRID <= self.clip <= _MOST:
            raise SettingsError("pooled-sums: clip must be positive and at most 2 ** 20")
        if self.std > _MOST:
            raise SettingsError(
                "pooled-sums: so much noise fits no message; raise epsilon or delta"
            )

    @property
    def std(self) -> float:
        """Standard deviation of the noise in the sum over n_pooled devices."""
        rounding = GRID * math.sqrt(self.n_components * (1 + self.n_axes))
        return sigma_of(self.epsilon, self.delta, SENSITIVITY + rounding)

    @property
    def alone(self) -> float:
        """ε of a user-day to whoever reads the device's message by itself.

        >>> [round(PooledSumsAggregator(n_pooled=n).alone, 1) for n in (1, 20, 100, 1000)]
        [1.0, 5.4, 14.4, 71.3]
        """
        return composed(self.epsilon, self.delta, self.n_pooled)

    @property
    def terms(self) -> NDArray[np.int64]:
        """What all devices are told, see `SumShare`; the noise rounded up."""
        std = math.ceil(self.std / math.sqrt(self.n_pooled) / GRID)
        return np.array([self.n_pooled, std, round(self.clip / GRID)], np.int64)

    def spent(self, n_nights: int) -> float:
        return composed(self.epsilon, self.delta, n_nights)

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> SumShare:
        public = public.coarser(self.n_components)
        sums, n_windows = self.sums(np.empty((0, N_INPUTS), np.float32), public), 0
        for x in pieces(stream):
            sums, n_windows = sums + self.sums(x, public), n_windows + len(x)
        return SumShare(self.shared(sums / n_windows, rng=np.random.default_rng(seed)), self.terms)

    def sums(self, x: NDArray[np.float32], public: Public) -> FloatArray:
        """(n_components, 1 + n_axes) of windows; zeros where there are fewer public components."""
        some = PublicSums(n_axes=self.n_axes, clip=self.clip).of(x, public)
        sums = np.zeros((self.n_components, 1 + self.n_axes))
        sums[: len(some)] = some
        return sums

    def shared(self, means: FloatArray, *, rng: np.random.Generator) -> NDArray[np.int64]:
        """Means of devices on the grid, each number with a share of the noise."""
        noise = rng.normal(scale=float(self.terms[1]), size=means.shape)
        share: NDArray[np.int64] = np.rint(means / GRID).astype(np.int64)
        return share + np.rint(noise).astype(np.int64)

    def check(self, content: Content) -> None:
        """Hold that a share is of this sum.

        What it says is no matter: a server that reads the sum alone can't tell, unless devices
        prove in what range their numbers lie.
        """
        shape = (self.n_components, 1 + self.n_axes)
        if (
            not isinstance(content, SumShare)
            or content.sums.shape != shape
            or (content.terms != self.terms).any()
        ):
            raise MessageError("summary: expected a share of the sum that was asked for")

    def budget(self, n_windows: int) -> Budget:
        """A window, what is public and the sums.

        A window takes its squared distance from each component, 2 · 45, and its deviation from its
        own along each axis, 45.
        """
        n, n_sums = self.n_components, self.n_components * (1 + self.n_axes)
        n_bytes = 8 * (n_sums + len(self.terms))
        public = n * (1 + 2 * N_INPUTS) + self.n_axes * N_INPUTS
        return Budget(
            n_bytes=n_bytes,
            memory_bytes=4 * (N_INPUTS + public + n_sums) + n_bytes,
            n_macs=n_windows * N_INPUTS * (2 * n + self.n_axes),
            n_exact_bytes=n_bytes,
        )
