"""What holds for builtin aggregators beyond what every aggregator must do (see fedasc.testing)."""

import pickle
import subprocess
import sys
from math import inf

import numpy as np
import pytest

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.answered import AnsweredAggregator
from fedasc.aggregators.content import Content
from fedasc.aggregators.dp_mixture import DpMixtureAggregator
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.features import FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.aggregators.pooled_sums import PooledSumsAggregator
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.aggregators.summary import Summary
from fedasc.release.release import Release
from tests.aggregators.days import PUBLIC, classifier, heard, stream

PLAIN: dict[str, Aggregator] = {
    "dp-mixture": DpMixtureAggregator(),
    "dp-mixture without noise": DpMixtureAggregator(epsilon=inf),
    "features": FeaturesAggregator(),
    "gmm": GmmAggregator(n_components=8),
    "answered": AnsweredAggregator(n_components=8),
    "gmm full": GmmAggregator(n_components=3, covariance="full"),
    "gmm tied": GmmAggregator(n_components=8, covariance="tied"),
    "kmeans": KMeansAggregator(n_components=8),
    "moments": MomentsAggregator(),
    "nothing": NothingAggregator(),
    "scene-gaussians": SceneGaussiansAggregator(),
    "scene-gaussians of many": SceneGaussiansAggregator(n_components=3),
    "pooled-sums": PooledSumsAggregator(),
    "pooled-sums without axes": PooledSumsAggregator(n_axes=0, n_pooled=1000),
    "self-trained": SelfTrainedAggregator(),
    "stepwise-em": StepwiseEmAggregator(n_components=8, n_merged=40),
}
every = pytest.mark.parametrize("aggregator", PLAIN.values(), ids=PLAIN.keys())
USUAL = Release()


def summarised(
    aggregator: Aggregator, x: np.ndarray, seed: int = 0, *, release: Release = USUAL
) -> Summary:
    """What leaves a device."""
    made = aggregator.summarise(
        stream(x), classifier=classifier(sharpness=30), public=PUBLIC, seed=seed
    )
    return release.summary(made, len(x), aggregator=aggregator)


def written(content: Content) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    return {
        name: (array.dtype.str, array.shape, array.tobytes())
        for name, array in content.arrays().items()
    }


@every
def test_aggregators_keep_to_the_usual_number_of_windows_themselves(
    aggregator: Aggregator,
) -> None:
    """So that their fit is what leaves."""
    for n_windows in (2, 7, 60, 400):
        x = heard(n_windows)
        made = aggregator.summarise(
            stream(x), classifier=classifier(sharpness=30), public=PUBLIC, seed=0
        )
        content = made.content if isinstance(made, Draft) else made
        assert written(summarised(aggregator, x).content) == written(content)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("name", ["features", "moments", "self-trained", "gmm", "stepwise-em"])
def test_the_budget_in_fewer_bits_is_the_size_of_the_largest_content(name: str, bits: int) -> None:
    release, aggregator = Release(bits=bits), PLAIN[name]
    summary = summarised(aggregator, heard(400, n_sounds=8), release=release)
    assert summary.n_bytes == release.budget(aggregator.budget(400)).n_bytes


@every
def test_can_be_a_key(aggregator: Aggregator) -> None:
    assert hash(pickle.loads(pickle.dumps(aggregator))) == hash(aggregator)


def test_devices_need_no_torch() -> None:
    modules = sorted({type(aggregator).__module__ for aggregator in PLAIN.values()})
    modules.append(Release.__module__)
    code = f"import sys, {', '.join(modules)}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
