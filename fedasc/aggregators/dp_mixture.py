"""A day told as changes to the public mixture, with a bound on what that tells."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream, whole
from fedasc.aggregators.draft import Draft, mixture_draft
from fedasc.aggregators.gaussian_mechanism import check_claim, composed, sigma_of
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.aggregators.public_sums import SENSITIVITY, PublicSums
from fedasc.aggregators.shrinkage import Shrinkage
from fedasc.audio import FloatArray
from fedasc.config import check_choices
from fedasc.errors import SettingsError
from fedasc.models.embedded import N_INPUTS, EmbeddedClassifier

Unit = Literal["window", "place", "user-day"]

_GRID_BITS = 16


@dataclass(frozen=True, kw_only=True)
class DpMixtureAggregator(Aggregator):
    """The server's own mixture with the weights and the means of a day, both noisy.

    What the day adds up to over the public components (see `fedasc.aggregators.public_sums`) gets
    normal noise, once for all sums together, and everything else is made of these noisy sums and of
    what is public: which components leave too, and how many windows are said to stand behind each.
    So the mixture is (ε, δ)-differentially private (Dwork and Roth 2014, definition 2.4) for
    neighbouring days, of which one has other windows in the place of some of the other's: one, a
    place's, or all of them, as `unit` says. How many there are is public and the same in both, as
    it is in the message. A night is one release; what nights add up to, `spent` tells. Only the
    summary is bounded: what a user answers (strategy `answered`) or a device's own training sends
    tells more.

    The noise comes from the day's seed, so that simulations can be repeated. Who knows the seed
    knows the noise: a real device must draw it from a cryptographic source. What is noisy is
    rounded to a grid at least 2¹⁵ times as fine as the noise, so that the lowest bits of
    floating-point numbers, which may tell what a sum was before (Mironov 2012), don't leave. That
    takes away the known attack and is no proof: the guarantee is of real numbers, and noise that is
    discrete to begin with (Canonne, Kamath and Steinke 2020) would give it of machine numbers.

    The defaults are from two nested splits of real recordings. Users' means lay 1.3 standard
    deviations from the public ones along each of the first four axes and 0.2 along any other, their
    shares as if drawn with a concentration of 40, and half of all windows deviated by less than 5.

    Without noise (`epsilon` infinite) it is the adaptation of the public mixture to the day, as
    speakers are told (Reynolds, Quatieri and Dunn 2000), and guarantees nothing.

    Args:
        epsilon: ε of a night, infinite for none.
        delta: δ, under one by the number of users.
        unit: What a neighbouring day may have instead: one window, a place of so many windows as
            `place_windows` says, or the whole user-day, for which the noise of a single device
            leaves nothing of it.
        place_windows: Windows that a place has at most.
        n_components: Public components; those that the server has are merged until there are no
            more (see `fedasc.aggregators.merging`), nor more than the windows allow.
        n_axes: Public axes along which means are told; 0 for weights alone.
        clip: In standard deviations: see `fedasc.aggregators.public_sums`.
        relevance, spread, concentration: See `fedasc.aggregators.shrinkage`.
        min_windows: Components are left out that stand for fewer, by their noisy counts.
        limit: ε that the nights of a run may add up to; a run of more is refused.
    """

    kind = Mixture

    epsilon: float = 1.0
    delta: float = 1e-5
    unit: Unit = "window"
    place_windows: int = 10
    n_components: int = 16
    n_axes: int = 4
    clip: float = 5.0
    relevance: float = 16.0
    spread: float = 1.3
    concentration: float = 40.0
    min_windows: int = 5
    limit: float = math.inf

    def __post_init__(self) -> None:
        check_choices(self, section="dp-mixture")
        check_claim(self.epsilon, self.delta, self.limit, section="dp-mixture")
        if min(self.place_windows, self.n_components, self.min_windows) < 1:
            raise SettingsError(
                "dp-mixture: place_windows, n_components and min_windows must be at least 1"
            )
        if not 0 <= self.n_axes <= N_INPUTS:
            raise SettingsError(f"dp-mixture: n_axes must be from 0 to {N_INPUTS}")
        if not all(0 < one < math.inf for one in (self.clip, self.spread, self.concentration)):
            raise SettingsError(
                "dp-mixture: clip, spread and concentration must be positive and finite"
            )
        if not 0 <= self.relevance < math.inf:
            raise SettingsError("dp-mixture: relevance must be finite and not negative")

    def spent(self, n_nights: int) -> float:
        return composed(self.epsilon, self.delta, n_nights)

    def std(self, n_windows: int) -> float:
        """Standard deviation of the noise in the sums of a day."""
        replaced = {"window": 1, "place": self.place_windows, "user-day": n_windows}[self.unit]
        sensitivity = SENSITIVITY * min(replaced, n_windows)
        return sigma_of(self.epsilon, self.delta, sensitivity)

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Draft[Mixture]:
        x = whole(stream)
        public = public.coarser(max(1, min(self.n_components, len(x) // self.min_windows)))
        rng = np.random.default_rng(seed)
        sums = noisy(self._sums.of(x, public), std=self.std(len(x)), rng=rng)
        return self._draft(sums, len(x), public)

    def _draft(self, sums: FloatArray, n_windows: int, public: Public) -> Draft[Mixture]:
        """What noisy sums say, and nothing else is known of the day."""
        shrinkage = Shrinkage(
            concentration=self.concentration, spread=self.spread, relevance=self.relevance
        )
        counts, means = shrinkage.told(
            sums, n_windows, public, scaled=self._sums, std=self.std(n_windows)
        )
        return mixture_draft(
            counts / n_windows,
            means,
            public.mixture.covariances.astype(np.float64),
            n_effective=counts,
            least=self.min_windows / n_windows,
        )

    @property
    def _sums(self) -> PublicSums:
        return PublicSums(n_axes=self.n_axes, clip=self.clip)

    def budget(self, n_windows: int) -> Budget:
        """The day is kept, and what is public, the sums and the mixture stand beside it.

        A window takes its squared distance from each component, 2 · 45, and its deviation from its
        own along each axis, 45.
        """
        n, size = self.n_components, 1 + 2 * N_INPUTS
        public = n * size + self.n_axes * N_INPUTS
        return Budget(
            n_bytes=4 * n * size,
            memory_bytes=4 * (n_windows * N_INPUTS + public + n * (1 + self.n_axes) + n * size),
            n_macs=n_windows * N_INPUTS * (2 * n + self.n_axes),
            n_rounded=3,
            n_components=n,
        )


def noisy(sums: FloatArray, *, std: float, rng: np.random.Generator) -> FloatArray:
    """Sums with normal noise, on a grid of a power of two; as they are without noise."""
    if not std:
        return sums
    grid = 2.0 ** (math.frexp(std)[1] - _GRID_BITS)
    rounded: FloatArray = np.round((sums + rng.normal(scale=std, size=sums.shape)) / grid) * grid
    return rounded
