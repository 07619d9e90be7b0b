"""What an aggregator claims to bound, beside what an audit finds that it gives away."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.aggregators.dp_mixture import DpMixtureAggregator, noisy
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.aggregators.public_sums import PublicSums
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.privacy.canaries import neighbours, published
from fedasc.privacy.gdp_audit import audit
from fedasc.privacy.mechanism import Mechanism
from fedasc.progress import Progress, quiet
from fedasc.seeds import Purpose, Streams

CLAIMS = (0.5, 1.0, 2.0, 4.0, 8.0)

_GAME = 7
_N_SEEDS = 2**31


@dataclass(frozen=True, kw_only=True)
class NoisySums:
    """The sums that devices make noisy, many times at once: see `fedasc.privacy.gdp_audit`.

    Args:
        aggregator: Whose they are.
        public: What it is given.
    """

    aggregator: DpMixtureAggregator
    public: Public

    def __call__(
        self, windows: NDArray[np.float32], n_releases: int, rng: np.random.Generator
    ) -> FloatArray:
        public = published(self.aggregator, self.public, len(windows))
        sums = PublicSums(n_axes=self.aggregator.n_axes, clip=self.aggregator.clip)
        exact = np.tile(sums.of(windows, public).ravel(), (n_releases, 1))
        return noisy(exact, std=self.aggregator.std(len(windows)), rng=rng)


@dataclass(frozen=True, kw_only=True)
class Received:
    """What a server reads of a day, many times: through the aggregator and the release stage.

    Of each public component the weight of what lies near it, and the weight times its deviation, so
    that nothing is divided by noise; and how many components there are.

    Args:
        aggregator: Whose guarantee is audited.
        mechanism: With that aggregator.
    """

    aggregator: DpMixtureAggregator
    mechanism: Mechanism

    def __call__(
        self, windows: NDArray[np.float32], n_releases: int, rng: np.random.Generator
    ) -> FloatArray:
        public = published(self.aggregator, self.mechanism.public, len(windows)).mixture
        seeds = rng.integers(_N_SEEDS, size=n_releases)
        contents = (self.mechanism.content(windows, seed=int(seed)) for seed in seeds)
        return np.stack([_numbers(content, public) for content in contents])


def audit_of(
    mechanism: Mechanism,
    *,
    streams: Streams,
    n_windows: int,
    claims: Sequence[float] = CLAIMS,
    n_releases: int = 100_000,
    n_received: int = 2000,
    progress: Progress = quiet,
) -> dict[str, Any]:
    """Hold an aggregator with a guarantee to several claims.

    Args:
        mechanism: Whose aggregator's ε is replaced by each claim.
        streams: Of the canaries' day and of every draw.
        n_windows: Of a day.
        claims: ε of a day.
        n_releases: Of its noisy sums, of each of two days.
        n_received: Of what a server receives, likewise; fewer, since a day is made for each. So
            many find what isn't noisy at all, and half the noise of a large ε, not of a small one.
        progress: Told of each claim.

    Returns:
        What was audited, and under `claims` for each the ε that is claimed, what was measured of
        `sums` and of what was `received` (see `Audit`), and whether it `holds`: no ε that was
        measured is above the claim.

    Raises:
        SettingsError: If the aggregator guarantees nothing.
    """
    aggregator = mechanism.aggregator
    if not isinstance(aggregator, DpMixtureAggregator):
        raise SettingsError(
            f"aggregator {aggregator.name!r} claims no ε, so none can be audited; take dp-mixture"
        )
    audited = []
    for number, claim in enumerate(claims):
        progress("audits", number, len(claims))
        claimed = replace(aggregator, epsilon=claim)
        device = replace(mechanism, aggregator=claimed)
        rng = streams.generator(Purpose.PRIVACY, _GAME, number)
        days = neighbours(
            claimed,
            mechanism.public,
            n_windows=n_windows,
            min_windows=mechanism.release.min_windows,
            rng=rng,
        )
        of = {
            "sums": audit(
                NoisySums(aggregator=claimed, public=mechanism.public),
                *days,
                n_releases=n_releases,
                delta=claimed.delta,
                rng=rng,
            ),
            "received": audit(
                Received(aggregator=claimed, mechanism=device),
                *days,
                n_releases=n_received,
                delta=claimed.delta,
                rng=rng,
            ),
        }
        holds = all(found.epsilon <= claim for found in of.values())
        told = {name: asdict(found) for name, found in of.items()}
        audited.append({"claimed": claim, **told, "holds": holds})
    progress("audits", len(claims), len(claims))
    return {
        "aggregator": aggregator.name,
        "unit": aggregator.unit,
        "delta": aggregator.delta,
        "n_windows": n_windows,
        "claims": audited,
    }


def _numbers(content: Content, public: Mixture) -> FloatArray:
    assert isinstance(content, Mixture), "dp-mixture sends mixtures"
    near = public.component_of(content.means)
    deviations = (content.means - public.means[near]) / np.sqrt(public.variances[near])
    rows = np.column_stack([np.ones(len(near)), deviations]) * content.weights[:, None]
    moments = np.zeros((public.n_components, rows.shape[1]))
    np.add.at(moments, near, rows)
    return np.append(moments.ravel(), content.n_components)
