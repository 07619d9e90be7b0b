"""What dp-mixture claims, held to what it gives away, also by way of the release stage."""

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.aggregator import Stream, whole
from fedasc.aggregators.dp_mixture import DpMixtureAggregator
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.gaussian_mechanism import sigma_of
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.aggregators.public_sums import SENSITIVITY, PublicSums
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.privacy.canaries import neighbours, published
from fedasc.privacy.claims import CLAIMS, audit_of
from fedasc.privacy.mechanism import Mechanism
from fedasc.release.release import Release
from fedasc.seeds import Streams
from tests.aggregators.days import PUBLIC, classifier

N_WINDOWS, MIN_WINDOWS = 60, 5
DP = DpMixtureAggregator(n_components=6, n_axes=2)
MECHANISM = Mechanism(aggregator=DP, release=Release(), classifier=classifier(), public=PUBLIC)


@pytest.fixture(scope="module")
def audited() -> dict[str, Any]:
    return audited_of(DP)


def audited_of(aggregator: DpMixtureAggregator, **changes: Any) -> dict[str, Any]:
    sizes: dict[str, Any] = {"n_windows": N_WINDOWS, "n_received": 30} | changes
    return audit_of(replace(MECHANISM, aggregator=aggregator), streams=Streams(1), **sizes)


def test_sums_are_measured_near_every_claim_and_never_above(audited: dict[str, Any]) -> None:
    assert [claim["claimed"] for claim in audited["claims"]] == list(CLAIMS)
    for claim in audited["claims"]:
        assert 0.7 * claim["claimed"] < claim["sums"]["epsilon"] <= claim["claimed"]
        assert claim["received"]["epsilon"] <= claim["claimed"]
        assert claim["holds"]


def test_what_is_told_goes_into_a_file_and_comes_out_the_same_again(
    audited: dict[str, Any],
) -> None:
    assert json.loads(json.dumps(audited)) == audited
    again = audited_of(DP, claims=CLAIMS[:1])
    assert again["claims"] == audited["claims"][:1]


@pytest.mark.parametrize("unit", ["place", "user-day"])
def test_other_units_are_held_to_theirs(unit: Any) -> None:
    (claim,) = audited_of(replace(DP, unit=unit), claims=[2.0])["claims"]
    assert claim["holds"]
    assert claim["sums"]["epsilon"] > 1.4


def test_who_claims_nothing_is_refused() -> None:
    with pytest.raises(SettingsError, match="'gmm' claims no ε"):
        audit_of(
            replace(MECHANISM, aggregator=GmmAggregator()), streams=Streams(1), n_windows=N_WINDOWS
        )


@pytest.mark.parametrize("unit", ["window", "place", "user-day"])
@pytest.mark.parametrize("n_axes", [0, 2])
def test_neighbours_lie_as_far_apart_as_sums_can_and_beyond_the_clip(
    unit: Any, n_axes: int
) -> None:
    aggregator = replace(DP, unit=unit, n_axes=n_axes, place_windows=7)
    n_moved = {"window": 1, "place": 7, "user-day": N_WINDOWS}[unit]
    rng = np.random.default_rng(0)
    out, inside = neighbours(
        aggregator, PUBLIC, n_windows=N_WINDOWS, min_windows=MIN_WINDOWS, rng=rng
    )
    assert out.shape == inside.shape == (N_WINDOWS, 45)
    assert (out != inside).any(axis=1).sum() == n_moved
    public = published(aggregator, PUBLIC, N_WINDOWS)
    sums = PublicSums(n_axes=n_axes, clip=aggregator.clip)
    gap = np.linalg.norm(sums.of(inside, public) - sums.of(out, public))
    assert gap == pytest.approx(n_moved * SENSITIVITY, rel=1e-5)
    sigma = sigma_of(aggregator.epsilon, aggregator.delta)
    assert aggregator.std(N_WINDOWS) == pytest.approx(sigma * gap, rel=1e-5)
    for day in (out, inside):
        component = public.mixture.component_of(day[:1])
        deviation = (day[:1] - public.mixture.means[component]) / np.sqrt(
            public.mixture.covariances[component]
        )
        assert n_axes == 0 or np.linalg.norm(deviation @ public.axes[:n_axes].T) > 1.05 * DP.clip
    if unit == "window":
        counts = [
            np.bincount(public.mixture.component_of(day), minlength=6) for day in (out, inside)
        ]
        before, after = (c[counts[0] != counts[1]] for c in counts)
        assert sorted(before) == sorted(after) == [MIN_WINDOWS - 1, MIN_WINDOWS]


@dataclass(frozen=True, kw_only=True)
class Half(DpMixtureAggregator):
    def std(self, n_windows: int) -> float:
        return super().std(n_windows) / 2


def test_half_the_noise_is_seen() -> None:
    for claim in audited_of(Half(n_components=6, n_axes=2), n_releases=20_000, n_received=2)[
        "claims"
    ]:
        assert claim["sums"]["epsilon"] > claim["claimed"]
        assert not claim["holds"]


def test_missing_clipping_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the clip were ten times as long, and deviations still told in the old one."""
    of = PublicSums.of

    def unclipped(sums: PublicSums, x: Any, public: Public) -> FloatArray:
        added = of(replace(sums, clip=10 * sums.clip), x, public)
        added[:, 1:] *= 10
        return added

    monkeypatch.setattr(PublicSums, "of", unclipped)
    for claim in audited_of(DP, n_releases=20_000, n_received=2)["claims"]:
        assert claim["sums"]["epsilon"] > claim["claimed"]


class _Broken(DpMixtureAggregator):
    """One that differs from what is audited as sums."""

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Draft[Mixture]:
        x = whole(stream)
        made = super().summarise(iter(x), classifier=classifier, public=public, seed=self.of(seed))
        near = published(self, public, len(x)).mixture
        counts = np.bincount(near.component_of(x), minlength=near.n_components)
        return self.changed(made, counts[near.component_of(made.content.means)])

    def of(self, seed: int) -> int:
        return seed

    def changed(self, made: Draft[Mixture], counts: Any) -> Draft[Mixture]:
        return made


@dataclass(frozen=True, kw_only=True)
class WithheldByTrueCounts(_Broken):
    """Says nothing of them, but the release stage goes by them."""

    def changed(self, made: Draft[Mixture], counts: Any) -> Draft[Mixture]:
        return Draft(made.content, np.maximum(counts, 1e-3) * (1 - 1e-9))


@dataclass(frozen=True, kw_only=True)
class ExactWeights(_Broken):
    """Sends the counts beside noisy means."""

    def changed(self, made: Draft[Mixture], counts: Any) -> Draft[Mixture]:
        weights = np.maximum(counts, 1e-3)
        exact = replace(made.content, weights=(weights / weights.sum()).astype(np.float32))
        return Draft(exact, made.n_effective)


@dataclass(frozen=True, kw_only=True)
class Once(_Broken):
    """Draws its noise once."""

    def of(self, seed: int) -> int:
        return 0


def received(aggregator: DpMixtureAggregator, *, n_received: int) -> dict[str, Any]:
    """The claim of an aggregator, where all leaves that it makes, or what stands for five."""
    release = Release(min_windows=aggregator.min_windows)
    (claim,) = audit_of(
        replace(MECHANISM, aggregator=aggregator, release=release),
        streams=Streams(1),
        n_windows=N_WINDOWS,
        claims=[aggregator.epsilon],
        n_releases=1000,
        n_received=n_received,
    )["claims"]
    return dict(claim)


@pytest.mark.parametrize(
    ("broken", "min_windows"), [(WithheldByTrueCounts, 5), (ExactWeights, 1), (Once, 1)]
)
def test_what_the_sums_do_not_tell_is_seen_in_what_is_received(
    broken: Any, min_windows: int
) -> None:
    aggregator = broken(n_components=6, n_axes=2, epsilon=4.0, min_windows=min_windows)
    claim = received(aggregator, n_received=100)
    assert claim["sums"]["epsilon"] <= 4.0 < claim["received"]["epsilon"]
    assert not claim["holds"]


def test_half_the_noise_is_seen_in_what_is_received() -> None:
    sizes: dict[str, Any] = {"n_components": 6, "n_axes": 2, "epsilon": 8.0, "min_windows": 1}
    assert received(Half(**sizes), n_received=300)["received"]["epsilon"] > 8.0
