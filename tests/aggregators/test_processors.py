"""Summaries are the same to the last bit whatever kernels the libraries choose for a processor.

What is sent is rounded to single precision, which hides nearly every difference that there could
be. So what it is rounded from is compared too.
"""

from functools import cache

import pytest

from tests.kernels import environments, printed

_SUMMARIES = """
from hashlib import blake2b
import numpy as np
from fedasc.aggregators.clusters import Centres, apart
from fedasc.aggregators.covariances import correlated, of_roots
from fedasc.aggregators.deviations import deviations
from fedasc.aggregators.dp_mixture import DpMixtureAggregator
from fedasc.aggregators.expectation import fit
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.pooled_sums import PooledSumsAggregator
from fedasc.aggregators.public import Public
from fedasc.aggregators.running import RunningGaussians
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.sum_share import PooledSums
from fedasc.aggregators.starts import first_shares
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.aggregators.whitening import log_peaks, whitenings
from fedasc.arithmetic.factor import cholesky
from fedasc.models.self_training import SelfTraining
from fedasc.release.release import Release
from tests.aggregators.days import PUBLIC, classifier, heard, stream

x = heard(300)
exact = x.astype(np.float64)


def say(name, *arrays):
    digest = blake2b(digest_size=12)
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    print(name, digest.hexdigest())


def statistics(name, groups):
    say(name, groups.weights, groups.means, groups.scatters)


kinds = {"diagonal": 16, "full": 3, "tied": 8}
gmm = {
    f"gmm {covariance} {init}": GmmAggregator(n_components=n, covariance=covariance, init=init)
    for covariance, n in kinds.items()
    for init in ("k-means", "k-means++", "random", "data")
}
plain = gmm | {
    "dp-mixture": DpMixtureAggregator(),
    "dp-mixture without noise": DpMixtureAggregator(epsilon=np.inf),
    "kmeans": KMeansAggregator(n_components=8),
    "moments": MomentsAggregator(),
    "pooled-sums": PooledSumsAggregator(),
    "scene-gaussians": SceneGaussiansAggregator(),
    "scene-gaussians of many": SceneGaussiansAggregator(n_components=3),
    "stepwise-em": StepwiseEmAggregator(n_components=8, n_merged=40),
    "stepwise-em that forgets": StepwiseEmAggregator(
        n_components=8, n_merged=40, step_exponent=0.7
    ),
}
rounded = {
    f"{name} in {bits} bits": (plain[name], Release(bits=bits))
    for name in (
        *("gmm diagonal k-means", "gmm full k-means", "gmm tied k-means"),
        *("stepwise-em", "dp-mixture"),
    )
    for bits in (8, 16)
}
whole = {name: (aggregator, Release()) for name, aggregator in plain.items()}
for name, (aggregator, release) in (whole | rounded).items():
    given = {"classifier": classifier(sharpness=30), "public": PUBLIC, "seed": 1}
    made = aggregator.summarise(stream(x), **given)
    summary = release.summary(made, len(x), aggregator=aggregator)
    say(name, *summary.arrays.values(), *summary.content.arrays().values())

for name, aggregator in gmm.items():
    # Of few features windows are shared by components.
    for features in (exact, exact[:, :3]):
        shares = first_shares(
            aggregator.init, features, aggregator.n_components, rng=np.random.RandomState(1)
        )
        model = fit(features, shares, covariance=aggregator.covariance, floor=0.01, n_steps=100)
        n = features.shape[1]
        say(f"fit of {name}, {n}", shares, model.weights, model.means, model.covariances)
    if aggregator.init == "k-means":
        mixture = aggregator.fit(x, seed=1)
        say(f"density of {name}", mixture.log_density(x), mixture.component_of(x))
        say(f"draws of {name}", mixture.sample(200, rng=np.random.default_rng(0)))
        say(f"parameters of {name}", *mixture.parameters().values())
        moved = type(mixture).of_parameters(mixture.parameters())
        say(f"mixture of parameters of {name}", *moved.arrays().values())
        say(f"deviations of {name}", deviations(mixture, x))
        if not mixture.is_full:
            public = Public.of(mixture, deviations(mixture, x))
            say("public", public.axes, *public.coarser(5).mixture.arrays().values())
        if mixture.is_full:
            roots = cholesky(mixture.covariances.astype(np.float64))
            component = np.arange(len(x)) % len(roots)
            say(f"factors of {name}", roots, of_roots(roots))
            say(f"correlations of {name}", correlated(x, roots, component))

shares = [
    PooledSumsAggregator(n_pooled=3, epsilon=50.0).summarise(
        stream(x), classifier=classifier(), public=PUBLIC, seed=seed
    )
    for seed in range(3)
]
say("mixture of pooled sums", *PooledSums.of(shares).mixture(PUBLIC).arrays().values())
centres = Centres.at(exact[apart(exact, 8, rng=np.random.RandomState(1))]).followed(exact)
say("centres", centres.means)
statistics("clusters", plain["kmeans"].clusters(stream(x), seed=1))
for name in ("stepwise-em", "stepwise-em that forgets"):
    model = plain[name].estimator().fit(exact[:, :3])
    statistics(f"statistics of {name}", model.statistics_)
    statistics(f"all of {name}", model.statistics_.pooled())
    say(f"density of {name}", model.score_samples(exact[:, :3]))
say("peaks", log_peaks(whitenings(np.random.default_rng(0).uniform(1, 99, size=(3000, 45)))))
certain = SelfTraining(certainty=0.6).certain(classifier(sharpness=3), x)
say("certain windows", certain.x, certain.scene)
"""


@cache
def summaries(choice: str | None = None) -> dict[str, str]:
    """Digests of what a process summarises, by name; with this machine's own kernels if None."""
    lines = printed(_SUMMARIES, environments()[choice] if choice else {}).splitlines()
    return dict(line.rsplit(" ", 1) for line in lines)


@pytest.mark.parametrize("choice", environments())
def test_kernels_decide_nothing(choice: str) -> None:
    here, there = summaries(), summaries(choice)
    assert len(here) > 50
    assert here.keys() == there.keys()
    assert [name for name in here if here[name] != there[name]] == []
